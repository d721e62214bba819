import { Stopped } from '../../../base/errors.ts';
import type { ObjectMeta, UnknownObject } from '../../../meta/objects.ts';
import { Conflict, StorageFailed } from '../../store/types.ts';
import type { Stored } from '../../store/types.ts';
import { alreadyExists, internalError, no, notFound } from '../errors.ts';
import { deepEqual } from '../../schema/json.ts';
import { jsonOf } from '../objects.ts';
import { shown, storageKey } from '../registry/resource.ts';
import type { Resource, Shown } from '../registry/resource.ts';
import type { Call } from '../server.ts';

/** What a write leaves behind: what is stored now, or was last. */
export type Saved = Shown;

/** A new object that was not stored has no version. */
function notStored(object: UnknownObject): Saved {
  const metadata: Partial<ObjectMeta> = { ...object.metadata };
  if (metadata.resourceVersion === '') delete metadata.resourceVersion;
  return { object, text: JSON.stringify({ ...object, metadata }) };
}

/** Stores a new object. @throws {ApiError} 409 AlreadyExists. */
export async function insert(call: Call, object: UnknownObject, dryRun: boolean): Promise<Saved> {
  const { resource, server } = call;
  const { name, namespace } = object.metadata;
  const key = storageKey(resource.storage, namespace, name);
  const there = server.store.get(key);
  if (there !== undefined) throw alreadyExists(resource, name, there.object.metadata.deletionTimestamp !== undefined);
  if (dryRun) return notStored(resource.conversion.fromStored(object));
  try {
    const stored = await server.store.put(key, 'absent', resource.conversion.toStored(object));
    server.committed(resource, name, stored.object);
    return shown(resource, stored);
  } catch (error) {
    throw error instanceof Conflict ? alreadyExists(resource, name) : storageError(error);
  }
}

/** What to do with an object: the next version, the very same one for nothing, or its end. */
export type Step = UnknownObject | { readonly last: UnknownObject };

/**
 * Changes the object of `call`. `step` is asked again when somebody else was faster.
 * @throws {ApiError} 404 when it is not there, and what `step` throws.
 */
export async function change(call: Call, dryRun: boolean, step: (before: UnknownObject) => Step): Promise<Saved> {
  const { resource, server } = call;
  const name = call.name ?? '';
  const key = storageKey(resource.storage, call.namespace, name);
  for (;;) {
    const stored = server.store.get(key);
    if (stored === undefined) throw notFound(resource, name);
    const before = shown(resource, stored);
    const next = step(before.object);
    // What is shown otherwise than it is stored, by defaults that came later, is stored anew.
    if (next === before.object && isStored(resource, before.object, stored)) return before;
    if (dryRun) return notStored(isLast(next) ? next.last : next);
    try {
      return await write(call, stored, next);
    } catch (error) {
      if (!(error instanceof Conflict)) throw storageError(error);
    }
  }
}

function isStored({ conversion }: Resource, object: UnknownObject, stored: Stored): boolean {
  return object === stored.object || deepEqual(jsonOf(conversion.toStored(object)), jsonOf(stored.object));
}

async function write({ resource, server }: Call, stored: Stored, next: Step): Promise<Saved> {
  const { name } = stored.object.metadata;
  if (!isLast(next)) {
    const written = await server.store.put(stored.key, stored.revision, resource.conversion.toStored(next));
    server.committed(resource, name, written.object);
    return shown(resource, written);
  }
  await server.store.remove(stored.key, stored.revision, stored.object);
  server.committed(resource, name, undefined);
  // Watchers are told how it stood, with the version of its end; who ended it gets what would have been written.
  return { object: next.last, text: JSON.stringify(next.last) };
}

function isLast(step: Step): step is { readonly last: UnknownObject } {
  return !('metadata' in step);
}

/** What a failing disk or a closing store means for the client. */
function storageError(error: unknown): unknown {
  if (error instanceof StorageFailed) {
    return error.full
      ? no(507, 'InternalError', `Internal error occurred: no room left on the disk: ${error.message}`)
      : internalError(error.message);
  }
  if (error instanceof Stopped) return no(503, 'ServiceUnavailable', 'the server is shutting down', { retryAfterSeconds: 1 });
  return error;
}
