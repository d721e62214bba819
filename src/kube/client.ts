import type { Runtime } from '../base/runtime.ts';
import type { ControlPlane } from '../meta/control-plane.ts';
import type { KubeObject, ObjectRef } from '../meta/objects.ts';
import { apiVersionOf, collectionPath, objectPath, type Kind, type ResourceType } from '../meta/resource.ts';
import { ApiError } from '../meta/status.ts';
import { objectOf } from './answers.ts';
import { listAll } from './list-pages.ts';
import { requester, type Call, type Requester, type RequesterOptions } from './requester.ts';
import type { Client, DeleteOptions, WriteOptions } from './types.ts';

export interface ClientOptions extends RequesterOptions {
  /** Who owns the fields that this client writes. */
  readonly fieldManager: string;
}

/** Typed access to `controlPlane`, until `runtime.stopping`. */
export function client(
  controlPlane: ControlPlane,
  runtime: Pick<Runtime, 'clock' | 'random' | 'stopping'>,
  options: ClientOptions,
): Client {
  return bound({ requester: requester(controlPlane, runtime, options), fieldManager: options.fieldManager, signal: runtime.stopping });
}

interface Context {
  readonly requester: Requester;
  readonly fieldManager: string;
  readonly signal: AbortSignal;
}

function bound(context: Context): Client {
  const { requester: requests, signal } = context;
  const write = async <T extends KubeObject>(kind: Kind<T>, options: WriteOptions | undefined, call: Call): Promise<T> =>
    objectOf(kind, await requests.json({ ...call, query: [...(call.query ?? []), ...writing(context, options)] }, signal));
  return {
    async get(kind, ref) {
      const found = await unlessMissing(requests.json({ verb: 'get', method: 'GET', path: objectPath(kind, ref) }, signal));
      return found === undefined ? undefined : objectOf(kind, found);
    },
    list: (kind, options = {}) => listAll(requests, kind, options, signal),
    create(kind, object, options) {
      const path = collectionPath(kind, object.metadata.namespace);
      return write(kind, options, { verb: 'create', method: 'POST', path, body: { type: 'application/json', content: object } });
    },
    update(kind, object, options) {
      const path = objectPath(kind, object.metadata, options?.subresource);
      return write(kind, options, { verb: 'update', method: 'PUT', path, body: { type: 'application/json', content: object } });
    },
    patch: (kind, ref, patch, options) => write(kind, options, patching(kind, ref, options, 'application/merge-patch+json', patch)),
    jsonPatch: (kind, ref, operations, options) =>
      write(kind, options, patching(kind, ref, options, 'application/json-patch+json', operations)),
    apply(kind, ref, object, options) {
      const metadata = { ...metadataOf(object), ...ref };
      const content = { ...object, apiVersion: apiVersionOf(kind), kind: kind.kind, metadata };
      const call = patching(kind, ref, options, 'application/apply-patch+yaml', content);
      return write(kind, options, { ...call, verb: 'apply', query: [['force', 'true']] });
    },
    delete: (kind, ref, options) => remove(context, kind, ref, options),
    until: (other) => bound({ ...context, signal: other }),
  };
}

/** Unknown fields are refused rather than dropped: what a server does not know, nobody would ever see missing. */
function writing(context: Context, options: WriteOptions = {}): [string, string][] {
  const query: [string, string][] = [
    ['fieldManager', options.fieldManager ?? context.fieldManager],
    ['fieldValidation', 'Strict'],
  ];
  if (options.dryRun === true) query.push(['dryRun', 'All']);
  return query;
}

function patching(kind: ResourceType, ref: ObjectRef, options: WriteOptions | undefined, type: string, content: unknown): Call {
  return { verb: 'patch', method: 'PATCH', path: objectPath(kind, ref, options?.subresource), body: { type, content } };
}

function metadataOf(object: object): object {
  return 'metadata' in object && typeof object.metadata === 'object' && object.metadata !== null ? object.metadata : {};
}

async function remove(context: Context, kind: ResourceType, ref: ObjectRef, options: DeleteOptions = {}): Promise<boolean> {
  const content = { apiVersion: 'v1', kind: 'DeleteOptions', ...options };
  const call: Call = { verb: 'delete', method: 'DELETE', path: objectPath(kind, ref), body: { type: 'application/json', content } };
  return (await unlessMissing(context.requester.json(call, context.signal))) !== undefined;
}

/** The answer, or undefined when the server says that there is no such thing. */
async function unlessMissing(answer: Promise<unknown>): Promise<unknown> {
  try {
    return (await answer) ?? null;
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) return undefined;
    throw error;
  }
}
