import { parseTime } from '../../base/time.ts';
import type { ManagedFieldsEntry } from '../../meta/objects.ts';
import type { Change } from './compare.ts';
import { withdraw } from './field-algebra.ts';
import type { FieldSet } from './field-set.ts';
import { emptySet, isEmpty } from './field-set.ts';
import { isFieldSet } from './field-set-text.ts';

/** Entries of metadata.managedFields. Never changed in place: what does not change is shared, up to the whole list. */
export type Managers = ManagedFieldsEntry[];

/** Who writes, and how. */
export interface Writer {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** Absent for the object itself. */
  readonly subresource?: string | undefined;
}

/** Writers of one key have one entry. An applier stays the same one when it moves to another version. */
export function writerKey(writer: Writer | ManagedFieldsEntry): string {
  const version = writer.operation === 'Apply' ? '' : writer.apiVersion;
  return JSON.stringify([writer.manager ?? '', writer.operation, version, writer.subresource ?? '']);
}

export function entryOf(managers: Managers, writer: Writer): ManagedFieldsEntry | undefined {
  const key = writerKey(writer);
  return managers.find((entry) => entry.manager === writer.manager && writerKey(entry) === key);
}

export function fieldsOf(entry: ManagedFieldsEntry | undefined): FieldSet {
  const fields: unknown = entry?.fieldsV1;
  return isFieldSet(fields) ? fields : emptySet;
}

/** `entry` with other fields; the entry itself when they are its own. */
export function withFields(entry: ManagedFieldsEntry, fields: FieldSet): ManagedFieldsEntry {
  return fieldsOf(entry) === fields ? entry : { ...entry, fieldsV1: fields };
}

/** An entry in the order in which the wire has its fields. */
export function makeEntry(writer: Writer, fields: FieldSet, time: string | undefined): ManagedFieldsEntry {
  return {
    manager: writer.manager,
    operation: writer.operation,
    apiVersion: writer.apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
    ...(writer.subresource === undefined ? {} : { subresource: writer.subresource }),
  };
}

/** `managers` with each one's fields changed by `change`; who owns nothing then is gone. */
export function mapFields(managers: Managers, change: (fields: FieldSet, entry: ManagedFieldsEntry) => FieldSet): Managers {
  let same = true;
  const result: ManagedFieldsEntry[] = [];
  for (const entry of managers) {
    const changed = withFields(entry, change(fieldsOf(entry), entry));
    const gone = isEmpty(fieldsOf(changed));
    same &&= changed === entry && !gone;
    if (!gone) result.push(changed);
  }
  return same ? managers : result;
}

/** Takes what changed from everybody but `writer`, and what is no more from everybody. */
export function release(managers: Managers, change: Change, writer: Writer): Managers {
  const key = writerKey(writer);
  return mapFields(managers, (fields, entry) => {
    const left = change.removed === undefined ? fields : withdraw(fields, change.removed);
    return change.changed === undefined || writerKey(entry) === key ? left : withdraw(left, change.changed);
  });
}

/** `managers` with `entry` in place of the one of its writer, or without it when it owns nothing. */
export function putEntry(managers: Managers, entry: ManagedFieldsEntry): Managers {
  const key = writerKey(entry);
  const others = managers.filter((other) => writerKey(other) !== key);
  return isEmpty(fieldsOf(entry)) ? others : sortEntries([...others, entry]);
}

/** Appliers first, then by time, manager, version and subresource. */
export function sortEntries(managers: Managers): Managers {
  const keyed = managers.map((entry) => ({ entry, time: seconds(entry) }));
  keyed.sort((a, b) => {
    const byOperation = order(a.entry.operation, b.entry.operation);
    return byOperation || a.time - b.time || order(nameKey(a.entry), nameKey(b.entry));
  });
  return keyed.map(({ entry }) => entry);
}

function nameKey(entry: ManagedFieldsEntry): string {
  return `${entry.manager ?? ''}\0${entry.apiVersion ?? ''}\0${entry.subresource ?? ''}`;
}

function order(a: string | undefined, b: string | undefined): number {
  const left = a ?? '';
  const right = b ?? '';
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Seconds since 1970; 0 for an entry without a time. */
export function seconds(entry: ManagedFieldsEntry): number {
  return Math.floor((parseTime(entry.time) ?? 0) / 1000);
}

/** Whether two lists say the same, times apart. */
export function sameOwnership(a: Managers, b: Managers): boolean {
  return a.length === b.length && a.every((entry, i) => sameEntry(entry, b[i]));
}

function sameEntry(a: ManagedFieldsEntry, b: ManagedFieldsEntry | undefined): boolean {
  return b !== undefined && writerKey(a) === writerKey(b) && a.apiVersion === b.apiVersion && a.fieldsV1 === b.fieldsV1;
}
