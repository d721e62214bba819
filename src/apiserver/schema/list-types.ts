import type { Json } from '../../meta/objects.ts';
import { duplicate, invalid, type Cause } from './field-errors.ts';
import { canonicalJson, isArray, isObject, own, type JsonObject } from './json.ts';
import type { SchemaNode } from './structural.ts';

/** Items that a list of type set, or of type map by its keys, has more than once. `path` is where `value` stands. */
export function duplicateItems(value: Json, node: SchemaNode | undefined, path = ''): Cause[] {
  if (node?.below.lists !== true) return [];
  if (isArray(value)) return inList(value, node, path);
  return isObject(value) ? inFields(value, node, path) : [];
}

function inFields(object: JsonObject, node: SchemaNode, path: string): Cause[] {
  const found: Cause[] = [];
  for (const key of Object.keys(object)) {
    const named = node.properties.get(key);
    const child = named ?? (typeof node.additional === 'object' ? node.additional : undefined);
    if (child?.below.lists !== true) continue;
    const below = named === undefined ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    found.push(...duplicateItems(object[key] ?? null, child, below));
  }
  return found;
}

function inList(items: Json[], node: SchemaNode, path: string): Cause[] {
  const here = node.listType === 'set' ? repeated(items, items, path) : node.listType === 'map' ? inMap(items, node, path) : [];
  if (node.items?.below.lists !== true) return here;
  return [...here, ...items.flatMap((item, i) => duplicateItems(item, node.items, `${path}[${String(i)}]`))];
}

function inMap(items: Json[], node: SchemaNode, path: string): Cause[] {
  const odd = items.findIndex((item) => item !== null && !isObject(item));
  if (odd >= 0) return [invalid(`${path}[${String(odd)}]`, items[odd] ?? null, 'must be an object for an array of list-type map')];
  return repeated(
    items.map((item) => keysOf(item, node.listKeys)),
    items,
    path,
  );
}

/** The fields of `item` that tell it apart in a list of type map. */
export function keysOf(item: Json, keys: readonly string[]): JsonObject {
  if (!isObject(item)) return {};
  const found: JsonObject = {};
  for (const key of keys) {
    const value = own(item, key);
    if (value !== undefined) found[key] = value;
  }
  return found;
}

/** The first repeat of each value. */
function repeated(values: readonly Json[], items: readonly Json[], path: string): Cause[] {
  if (items.length <= 1) return [];
  const seen = new Map<Json, number>();
  const found: Cause[] = [];
  for (const [i, value] of values.entries()) {
    const identity = typeof value === 'object' ? canonicalJson(value) : JSON.stringify(value);
    const times = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, times);
    if (times === 2) found.push(duplicate(`${path}[${String(i)}]`, value));
  }
  return found;
}

/** The item of `list` with the same keys as `item`. */
export function findByKeys(list: readonly Json[], item: Json, keys: readonly string[]): Json | undefined {
  const wanted = canonicalJson(keysOf(item, keys));
  return list.find((candidate) => canonicalJson(keysOf(candidate, keys)) === wanted);
}

/** Looks up the items of `list` by the keys that an item has. */
export function indexByKeys(list: readonly Json[], keys: readonly string[]): (item: Json) => Json | undefined {
  const identity = (item: Json): string => canonicalJson(keysOf(item, keys));
  const index = new Map(list.map((item) => [identity(item), item] as const));
  return (item) => index.get(identity(item));
}
