import type { UnknownObject } from '../../../meta/objects.ts';
import { ApiError } from '../../../meta/status.ts';
import type { Status } from '../../../meta/status.ts';
import { apiVersionOf } from '../../../meta/resource.ts';
import { applyPatch } from '../../apply/apply-patch.ts';
import type { Applied } from '../../apply/apply-patch.ts';
import { invalid } from '../../schema/field-errors.ts';
import { isObject } from '../../schema/json.ts';
import type { JsonObject } from '../../schema/json.ts';
import { decodeYaml } from '../body.ts';
import { badRequest, conflict, invalidObject, notFound, unreasoned } from '../errors.ts';
import { jsonOf } from '../objects.ts';
import { storageKey } from '../registry/resource.ts';
import { jsonText } from '../respond.ts';
import type { Answer } from '../respond.ts';
import type { Call } from '../server.ts';
import { textAt } from '../values.ts';
import { change } from '../write/commit.ts';
import { coerced } from '../write/decode.ts';
import { orEnd } from '../write/ending.ts';
import { checkNamespace } from '../write/namespace-lifecycle.ts';
import { nextVersion } from '../write/next.ts';
import { checkPlace } from '../write/place.ts';
import type { Writing } from '../write/next.ts';
import { checkConditional, checkVersion } from '../write/preconditions.ts';
import { resetFields } from '../write/reset-fields.ts';
import { createNamed } from './create.ts';
import { present } from './present.ts';

/** Server-side apply: makes what is not there, and owns what it says. */
export async function apply(writing: Writing): Promise<Answer> {
  const { call, options, door } = writing;
  const { resource, server } = call;
  const wanted = wantedObject(writing);
  const name = call.name ?? '';
  const absent = server.store.get(storageKey(resource.storage, call.namespace, name)) === undefined;
  if (absent && door !== 'main') throw notFound(resource, name);
  if (absent) return create(writing, wanted);
  const saved = await change(call, options.dryRun, (before) => {
    checkIncarnation(call, wanted, before.metadata.uid);
    checkSent(call, wanted);
    checkVersion(call, wanted, before);
    const applied = attempt(writing, wanted, before);
    if (!applied.changed) return before;
    const candidate = coerced(call, jsonOf(applied.object)).object;
    return orEnd(resource, nextVersion({ ...writing, managedFields: applied.managedFields }, candidate, before), before);
  });
  return jsonText(200, present(call, saved));
}

async function create(writing: Writing, wanted: JsonObject): Promise<Answer> {
  const { call } = writing;
  const uid = textAt(wanted, 'metadata', 'uid');
  if (uid !== '')
    throw conflict(
      call.resource,
      call.name ?? '',
      `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    );
  checkSent(call, wanted);
  checkNamespace(call, call.name ?? '');
  const applied = attempt(writing, wanted, undefined);
  const candidate = coerced(call, jsonOf(applied.object)).object;
  const saved = await createNamed({ ...writing, managedFields: applied.managedFields }, candidate);
  return jsonText(201, present(call, saved));
}

/** @throws {ApiError} 422 when another incarnation is meant than the one of `uid`. */
function checkIncarnation({ resource, name = '' }: Call, wanted: JsonObject, uid: string): void {
  const meant = textAt(wanted, 'metadata', 'uid');
  if (meant === '' || meant === uid) return;
  const cause = invalid('metadata.uid', meant, 'field is immutable');
  throw invalidObject(resource, name, resource.custom ? [cause, cause] : [cause]);
}

/** A version is not needed; one that is sent must be one. */
function checkSent(call: Call, wanted: JsonObject): void {
  if (textAt(wanted, 'metadata', 'resourceVersion') !== '') checkConditional(call, wanted);
}

/** The object in the body. It must name itself as the path does, or not at all. */
function wantedObject({ call, options }: Writing): JsonObject {
  const decoded = decodeYaml(call.body, call.resource.kind);
  const { value } = decoded;
  if (!isObject(value)) throw badRequest('error decoding YAML: the body is not an object');
  if (options.strictness !== 'Ignore') {
    const problems = decoded.duplicates().map((path) => `line 1: key ${JSON.stringify(lastOf(path))} already set in map`);
    if (options.strictness === 'Strict' && problems.length > 0) {
      throw badRequest(`error strict decoding patch: error converting YAML to JSON: yaml: unmarshal errors:\n  ${problems.join('\n  ')}`);
    }
    problems.forEach((problem) => call.warn(problem));
  }
  checkPlace(call, value);
  checkKind(call, value);
  return value;
}

/** A path of duplicates ends with the key. */
function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function checkKind({ resource }: Call, value: JsonObject): void {
  const kind = textAt(value, 'kind');
  const apiVersion = textAt(value, 'apiVersion');
  if (apiVersion === apiVersionOf(resource) && kind !== resource.kind) throw badRequest(`invalid object type: ${apiVersion}, Kind=${kind}`);
}

function attempt(writing: Writing, wanted: JsonObject, live: UnknownObject | undefined): Applied {
  const { call, options, door, through } = writing;
  const { resource, server } = call;
  const result = applyPatch({
    live,
    patch: wanted,
    manager: options.manager,
    force: call.query.flag('force'),
    subresource: through,
    apiVersion: apiVersionOf(resource),
    now: server.runtime.clock.now(),
    type: resource.kindSchema.type(),
    resetFields: resetFields(resource, door),
  });
  if ('refusal' in result) throw refused(result.refusal);
  return result;
}

/** What does not fit the kind's types: a real server does not say whose mistake that is. */
function refused(refusal: Status): ApiError {
  const typed = refusal.message?.startsWith('failed to create typed patch object') === true;
  return typed ? unreasoned(refusal.message ?? '') : new ApiError(refusal);
}
