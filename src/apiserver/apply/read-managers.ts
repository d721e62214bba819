import { UserError } from '../../base/errors.ts';
import type { ManagedFieldsEntry } from '../../meta/objects.ts';
import { parseFieldSet } from './field-set-text.ts';
import { equalJson, isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { makeEntry, mapFields, sortEntries, writerKey } from './managers.ts';
import type { Managers } from './managers.ts';

/**
 * metadata.managedFields as a client wrote it.
 * @throws {UserError} when an entry has no good form.
 */
export function readManagers(managedFields: unknown): Managers {
  if (!Array.isArray(managedFields)) throw new UserError('metadata.managedFields must be a list');
  const entries = managedFields.map((entry: unknown, i) => readEntry(entry, `metadata.managedFields[${String(i)}]`));
  return sortEntries([...new Map(entries.map((entry) => [writerKey(entry), entry])).values()]);
}

function readEntry(entry: unknown, where: string): ManagedFieldsEntry {
  if (!isObject(entry)) throw new UserError(`${where} must be an object`);
  const { operation } = entry;
  if (operation !== 'Apply' && operation !== 'Update') throw new UserError(`${where}.operation must be Apply or Update`);
  const apiVersion = text(entry, 'apiVersion', where);
  if (apiVersion === undefined) throw new UserError(`${where}.apiVersion must not be empty`);
  if (entry['fieldsType'] !== 'FieldsV1') throw new UserError(`${where}.fieldsType must be FieldsV1`);
  const writer = {
    manager: text(entry, 'manager', where) ?? '',
    operation,
    apiVersion,
    subresource: text(entry, 'subresource', where),
  } as const;
  return makeEntry(writer, parseFieldSet(entry['fieldsV1']), text(entry, 'time', where));
}

function text(entry: JsonObject, field: string, where: string): string | undefined {
  const value = entry[field] ?? '';
  if (typeof value !== 'string') throw new UserError(`${where}.${field} must be a string`);
  return value === '' ? undefined : value;
}

/** An empty list, or a list of one empty entry: asks the server to forget who owns what. */
export function isReset(managedFields: unknown): boolean {
  if (!Array.isArray(managedFields)) return false;
  return (
    managedFields.length === 0 ||
    (managedFields.length === 1 && managedFields.every((entry) => isObject(entry) && Object.keys(entry).length === 0))
  );
}

/**
 * The managers that a write starts from: those that the client sent, so that it can change them; those of the stored object when it sent
 * none, or nothing readable (a client that does not know them must not lose them).
 */
export function managersSent(sent: unknown, stored: Managers): Managers {
  if (sent === undefined || sent === null || sent === stored) return stored;
  if (isReset(sent)) return [];
  if (isSame(sent, stored)) return stored;
  try {
    const read = readManagers(sent);
    return read.length === 0 ? stored : mapFields(read, (fields) => fields);
  } catch (error) {
    if (error instanceof UserError) return stored;
    throw error;
  }
}

function isSame(sent: unknown, stored: Managers): boolean {
  return Array.isArray(sent) && sent.length === stored.length && sent.every((entry, i) => sameEntry(entry, stored[i]));
}

function sameEntry(sent: unknown, stored: ManagedFieldsEntry | undefined): boolean {
  return isObject(sent) && isObject(stored) && equalJson(sent, stored);
}
