import type { Json } from '../../meta/objects.ts';
import { isArray, isObject, put, type JsonObject } from './json.ts';
import { childOf, type SchemaNode } from './structural.ts';

const typeAndObjectMeta: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/**
 * `value` without the fields that its schema does not know. What needs no change is the very same value, not a copy.
 * The paths of what was dropped are added to `unknown`, such as `spec.disks[1].nope`, in no order.
 */
export function prune(value: Json, node: SchemaNode | undefined, unknown: string[]): Json {
  if (isArray(value)) return pruneItems(value, node, unknown);
  if (isObject(value)) return pruneFields(value, node, unknown);
  return value;
}

function pruneItems(items: Json[], node: SchemaNode | undefined, unknown: string[]): Json {
  // Below preserved unknown fields, items without a schema are kept as they are.
  if (node?.preserve === true && node.items === undefined) return items;
  let copy: Json[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const item = items[i] ?? null;
    const before = unknown.length;
    const pruned = prune(item, node?.items, unknown);
    if (unknown.length > before) prefix(unknown, before, `[${String(i)}]`);
    if (pruned !== item) (copy ??= [...items])[i] = pruned;
  }
  return copy ?? items;
}

function pruneFields(object: JsonObject, node: SchemaNode | undefined, unknown: string[]): Json {
  let copy: JsonObject | undefined;
  for (const key of Object.keys(object)) {
    const fate = fateOf(key, node);
    if (fate === 'keep') continue;
    if (fate === 'drop') {
      unknown.push(key);
      delete (copy ??= { ...object })[key];
      continue;
    }
    const value = object[key] ?? null;
    const before = unknown.length;
    const pruned = prune(value, fate.within, unknown);
    if (unknown.length > before) prefix(unknown, before, key);
    if (pruned !== value) put((copy ??= { ...object }), key, pruned);
  }
  return copy ?? object;
}

/** What becomes of a field: it stays as it is, goes, or is pruned within (by no schema where the map's values have none). */
function fateOf(key: string, node: SchemaNode | undefined): 'keep' | 'drop' | { readonly within: SchemaNode | undefined } {
  if (node === undefined) return 'drop';
  if (node.embedded && typeAndObjectMeta.has(key)) return 'keep';
  const child = childOf(node, key);
  if (child !== undefined) return { within: child };
  if (node.preserve) return 'keep';
  return node.additional === 'any' ? { within: undefined } : 'drop';
}

/** Paths are made on the way back up, so that an object without unknown fields, the usual one, makes none. */
function prefix(paths: string[], from: number, step: string): void {
  for (let i = from; i < paths.length; i++) {
    const path = paths[i] ?? '';
    paths[i] = path.startsWith('[') ? `${step}${path}` : `${step}.${path}`;
  }
}
