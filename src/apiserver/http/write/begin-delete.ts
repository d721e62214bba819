import { parseTime, rfc3339 } from '../../../base/time.ts';
import type { ObjectMeta, UnknownObject } from '../../../meta/objects.ts';
import { conflict } from '../errors.ts';
import type { Resource } from '../registry/resource.ts';
import type { Step } from './commit.ts';
import type { DeleteOptions } from './delete-options.ts';
import { isOver } from './ending.ts';

/**
 * What a delete makes of `before`: its end, or the next version, which waits for its finalizers and its grace period; `before` itself
 * when it is being deleted already and nothing new was said. `now` in milliseconds since 1970.
 * @throws {ApiError} 409 for preconditions that do not hold, and what the kind refuses.
 */
export function beginDelete(resource: Resource, before: UnknownObject, options: DeleteOptions, now: number): Step {
  checkPreconditions(resource, before.metadata, options);
  const refusal = resource.strategy.refuseDelete(before);
  if (refusal !== undefined) throw refusal;
  const grace = resource.strategy.gracePeriod(before, options.gracePeriodSeconds);
  const finalizers = finalizersOf(before.metadata, options);
  const after = before.metadata.deletionTimestamp === undefined ? marked(resource, before, grace, now) : shortened(resource, before, grace);
  const next = withFinalizers(after, finalizers);
  // What nothing keeps goes as it was, without having been marked.
  if (!isOver(resource, next)) return next;
  return resource.strategy.graceful && next !== before ? next : { last: before };
}

/** @throws {ApiError} 409 for another uid, or another version, than `wanted`. */
export function checkPreconditions(resource: Resource, { name, uid, resourceVersion }: ObjectMeta, wanted: DeleteOptions): void {
  const refuse = (field: 'UID' | 'ResourceVersion', given: string, found: string, why: string): Error => {
    const words = resource.strategy.wordsOfConflict?.(field, given, found);
    if (words !== undefined) return conflict(resource, name, words);
    const told = `the ${field} in the precondition (${given}) does not match the ${field} in record (${found}). The object might have been ${why}`;
    return conflict({ ...resource, plural: resource.kind }, name, told);
  };
  if (wanted.uid !== undefined && wanted.uid !== uid) throw refuse('UID', wanted.uid, uid, 'deleted and then recreated');
  if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion)
    throw refuse('ResourceVersion', wanted.resourceVersion, resourceVersion, 'modified');
}

function marked(resource: Resource, before: UnknownObject, grace: number, now: number): UnknownObject {
  const metadata: ObjectMeta = { ...before.metadata, deletionTimestamp: rfc3339(now + grace * 1000), deletionGracePeriodSeconds: grace };
  if (metadata.generation !== undefined && metadata.generation > 0) metadata.generation++;
  return resource.strategy.beginDelete({ ...before, metadata }, now);
}

/** A second delete can only make the first one shorter. */
function shortened(resource: Resource, before: UnknownObject, grace: number): UnknownObject {
  const { deletionGracePeriodSeconds: given, deletionTimestamp } = before.metadata;
  // A namespace is given no time at first, and none once it is empty.
  if (given === undefined && !resource.strategy.isHeld(before))
    return { ...before, metadata: { ...before.metadata, deletionGracePeriodSeconds: 0 } };
  if (given === undefined || grace >= given) return before;
  const at = (parseTime(deletionTimestamp) ?? 0) - (given - grace) * 1000;
  return { ...before, metadata: { ...before.metadata, deletionTimestamp: rfc3339(at), deletionGracePeriodSeconds: grace } };
}

/** Who must act on the dependents is kept by a finalizer, which the garbage collector takes away. */
function finalizersOf({ finalizers = [] }: ObjectMeta, { propagation }: DeleteOptions): string[] {
  const orphan = propagation === undefined ? finalizers.includes('orphan') : propagation === 'Orphan';
  const foreground = propagation === undefined ? finalizers.includes('foregroundDeletion') : propagation === 'Foreground';
  const others = finalizers.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion');
  return [...others, ...(orphan ? ['orphan'] : []), ...(foreground ? ['foregroundDeletion'] : [])];
}

function withFinalizers(object: UnknownObject, finalizers: string[]): UnknownObject {
  const before = object.metadata.finalizers ?? [];
  // A kind may have added one of its own as the deletion began.
  const own = before.filter((name) => !finalizers.includes(name) && name !== 'orphan' && name !== 'foregroundDeletion');
  const all = [...finalizers, ...own];
  if (all.length === before.length && all.every((name) => before.includes(name))) return object;
  const metadata: ObjectMeta = { ...object.metadata, finalizers: all };
  if (all.length === 0) delete metadata.finalizers;
  return { ...object, metadata };
}
