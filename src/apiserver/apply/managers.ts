import { parseTime } from '../../base/time.ts';
import type { ManagedFieldsEntry } from '../../meta/objects.ts';
import type { Change } from './compare.ts';
import { withdraw } from './field-algebra.ts';
import type { FieldSet } from './field-set.ts';
import { emptySet, equalSets, isEmpty } from './field-set.ts';
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

/** Whether both have the same entry. An applier stays the same one when it moves to another version. */
export function sameWriter(a: Writer | ManagedFieldsEntry, b: Writer | ManagedFieldsEntry): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    (a.subresource ?? '') === (b.subresource ?? '') &&
    (a.operation === 'Apply' || a.apiVersion === b.apiVersion)
  );
}

/** Orders managers by name, then by how they write; equal for one writer. */
export function writerKey(writer: Writer | ManagedFieldsEntry): string {
  const version = writer.operation === 'Apply' ? '' : (writer.apiVersion ?? '');
  return `${writer.manager ?? ''}\0${writer.operation ?? ''}\0${version}\0${writer.subresource ?? ''}`;
}

export function entryOf(managers: Managers, writer: Writer): ManagedFieldsEntry | undefined {
  return managers.find((entry) => sameWriter(entry, writer));
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

/** Takes what changed, and what is no more, from everybody but `writer`. */
export function releaseTo(writer: Writer, managers: Managers, change: Change): Managers {
  return mapFields(managers, (fields, entry) => (sameWriter(entry, writer) ? fields : withdrawAll(fields, change)));
}

function withdrawAll(fields: FieldSet, { changed, removed }: Change): FieldSet {
  const left = removed === undefined ? fields : withdraw(fields, removed);
  return changed === undefined ? left : withdraw(left, changed);
}

/** `managers` with `entry` in place of the one of its writer, or without it when it owns nothing. */
export function putEntry(managers: Managers, entry: ManagedFieldsEntry): Managers {
  const others = managers.filter((other) => !sameWriter(other, entry));
  return isEmpty(fieldsOf(entry)) ? others : sortEntries([...others, entry]);
}

/** Appliers first, then by time, manager, version and subresource. */
export function sortEntries(managers: Managers): Managers {
  return [...managers].sort(
    (a, b) =>
      order(a.operation, b.operation) ||
      orderOfTimes(a, b) ||
      order(a.manager, b.manager) ||
      order(a.apiVersion, b.apiVersion) ||
      order(a.subresource, b.subresource),
  );
}

function order(a: string | undefined, b: string | undefined): number {
  const left = a ?? '';
  const right = b ?? '';
  return left < right ? -1 : left > right ? 1 : 0;
}

const plainTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

function orderOfTimes(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  if (a.time === b.time) return 0;
  const plain = a.time !== undefined && b.time !== undefined && plainTime.test(a.time) && plainTime.test(b.time);
  return plain ? order(a.time, b.time) : seconds(a) - seconds(b);
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
  return b !== undefined && sameWriter(a, b) && a.apiVersion === b.apiVersion && equalSets(fieldsOf(a), fieldsOf(b));
}
