import { rfc3339 } from '../../base/time.ts';
import type { ManagedFieldsEntry, UnknownObject } from '../../meta/objects.ts';
import { capUpdates } from './cap-managers.ts';
import type { Change } from './compare.ts';
import { compare } from './compare.ts';
import { absorb, recursiveDifference, withdraw } from './field-algebra.ts';
import type { FieldSet } from './field-set.ts';
import { isEmpty } from './field-set.ts';
import { asJson } from './json.ts';
import type { JsonObject } from './json.ts';
import type { Managers, Writer } from './managers.ts';
import { entryOf, fieldsOf, makeEntry, putEntry, releaseTo, withFields } from './managers.ts';
import { managersSent } from './read-managers.ts';
import type { Type } from './type.ts';

/** A write that is no apply: create, update, and every other patch. */
export interface Update {
  /** The stored object; undefined for a create. */
  readonly before: UnknownObject | undefined;
  /** What is to be stored, complete: patched, defaulted, pruned. Its managedFields are as the client sent them. */
  readonly after: UnknownObject;
  /** Who writes; empty stands for `unknown`. */
  readonly manager: string;
  /** Absent for the object itself. Managers that come by a subresource are ignored. */
  readonly subresource?: string | undefined;
  readonly apiVersion: string;
  /** Milliseconds since 1970; undefined when the entry is to have no time. */
  readonly now: number | undefined;
  /** From `objectType`. */
  readonly type: Type;
  /** Fields that this way of writing leaves as they are, whatever the client says. */
  readonly resetFields?: FieldSet | undefined;
  /** What a new object is compared with; default: one of metadata alone. */
  readonly zero?: JsonObject | undefined;
}

/**
 * The managedFields that belong to `after`; empty: it has none. The writer takes what it changed from all others. The very list of `before`
 * when nothing changed hands, times included. Shares structure with its arguments: never change the result in place.
 */
export function trackUpdate(update: Update): ManagedFieldsEntry[] {
  const stored = update.before?.metadata.managedFields ?? [];
  const managers = update.subresource === undefined ? managersSent(update.after.metadata.managedFields, stored) : stored;
  // An object without managers is one that nobody tracks, until somebody applies.
  if (managers.length === 0 && update.before !== undefined) return managers;
  const change = changeOf(update.type, update.before ?? update.zero, update.after, update.resetFields);
  return capUpdates(change === undefined ? managers : record(update, managers, change));
}

/** How a write changes an object, as far as fields have owners. */
export function changeOf(type: Type, before: object | undefined, after: unknown, resetFields: FieldSet | undefined): Change | undefined {
  const change = compare(type, before === undefined ? { metadata: {} } : asJson(before), asJson(after));
  if (change === undefined || resetFields === undefined || isEmpty(resetFields)) return change;
  return { changed: without(change.changed, resetFields), removed: without(change.removed, resetFields) };
}

function without(fields: FieldSet | undefined, resetFields: FieldSet): FieldSet | undefined {
  const rest = fields === undefined ? undefined : recursiveDifference(fields, resetFields);
  return rest === undefined || isEmpty(rest) ? undefined : rest;
}

function record(update: Update, managers: Managers, change: Change): Managers {
  const manager = update.manager === '' ? 'unknown' : update.manager;
  const writer: Writer = { manager, operation: 'Update', apiVersion: update.apiVersion, subresource: update.subresource };
  const released = releaseTo(writer, managers, change);
  const mine = entryOf(released, writer);
  const before = fieldsOf(mine);
  const left = change.removed === undefined ? before : withdraw(before, change.removed);
  if (change.changed !== undefined) {
    return putEntry(released, makeEntry(writer, absorb(left, change.changed), update.now === undefined ? undefined : rfc3339(update.now)));
  }
  return mine === undefined || left === before ? released : putEntry(released, withFields(mine, left));
}
