import type { UnknownObject } from '../../../meta/objects.ts';
import type { Resource } from '../registry/resource.ts';
import type { Step } from './commit.ts';

/** Nothing keeps a deleted object any more: no finalizer, no grace period. */
export function isOver(resource: Resource, object: UnknownObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata;
  return (
    deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0 && finalizers.length === 0 && !resource.strategy.isHeld(object)
  );
}

/** A changed object, or its end when the change took away the last thing that kept it. */
export function orEnd(resource: Resource, next: UnknownObject, before: UnknownObject): Step {
  return next !== before && isOver(resource, next) ? { last: next } : next;
}
