import type { ManagedFieldsEntry } from '../../meta/objects.ts';
import { union } from './field-algebra.ts';
import { fieldsOf, makeEntry, putEntry, sameWriter, seconds, writerKey } from './managers.ts';
import type { Managers, Writer } from './managers.ts';

const mostUpdates = 10;
const ancient = 'ancient-changes';

/** `managers` with the oldest updaters folded into one, so that at most ten are left of each object. Appliers are never folded. */
export function capUpdates(managers: Managers, most = mostUpdates): Managers {
  const updates = managers.filter((entry) => entry.operation === 'Update');
  if (updates.length <= most) return managers;
  let result = managers;
  for (const group of groupsToFold(updates, updates.length - most)) result = fold(result, group);
  return result;
}

/** The oldest entries, by version, as many as must go: of a group of n, n - 1 do. */
function groupsToFold(updates: Managers, excess: number): ManagedFieldsEntry[][] {
  const oldestFirst = [...updates].sort((a, b) => seconds(a) - seconds(b) || (writerKey(a) < writerKey(b) ? -1 : 1));
  const groups = new Map<string, ManagedFieldsEntry[]>();
  let left = excess;
  for (const entry of oldestFirst) {
    if (left === 0) break;
    const group = groups.get(entry.apiVersion ?? '');
    if (group === undefined) groups.set(entry.apiVersion ?? '', [entry]);
    else {
      group.push(entry);
      left--;
    }
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

function fold(managers: Managers, group: readonly ManagedFieldsEntry[]): Managers {
  const newest = group.at(-1);
  const writer: Writer = { manager: ancient, operation: 'Update', apiVersion: newest?.apiVersion ?? '' };
  const folded = managers.filter((entry) => group.includes(entry) || sameWriter(entry, writer));
  const fields = folded.map(fieldsOf).reduce(union);
  return putEntry(
    managers.filter((entry) => !group.includes(entry)),
    makeEntry(writer, fields, newest?.time),
  );
}
