import type { Json, UnknownObject } from '../../meta/objects.ts';
import type { JsonObject } from './json.ts';
import { asJson, equalJson } from './json.ts';
import { sameOwnership } from './managers.ts';

/**
 * Whether two versions of an object are the same, the times of managedFields apart: storing the second in place of the first would be a
 * write that says nothing. For what defaulting and pruning make of an apply's result, which may be what was there before.
 */
export function sameApartFromTimes(before: UnknownObject, after: UnknownObject): boolean {
  if (!sameOwnership(after.metadata.managedFields ?? [], before.metadata.managedFields ?? [])) return false;
  return equalJson(withoutManagers(before), withoutManagers(after));
}

function withoutManagers(object: UnknownObject): JsonObject {
  const metadata: Record<string, Json> = { ...asJson(object.metadata) };
  delete metadata['managedFields'];
  return { ...asJson(object), metadata };
}
