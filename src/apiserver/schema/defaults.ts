import type { Json } from '../../meta/objects.ts';
import { isArray, isObject, put, type JsonObject } from './json.ts';
import { prune } from './prune.ts';
import { childOf, type SchemaNode } from './structural.ts';

/**
 * `value` with the schema's defaults where fields are absent, or null though null is not allowed. Defaults come only into objects that are
 * there, or that came by default themselves. What needs no change is the very same value, not a copy; defaults are copies.
 */
export function applyDefaults(value: Json, node: SchemaNode | undefined): Json {
  if (node?.below.defaults !== true) return value;
  if (isArray(value)) return defaultItems(value, node);
  if (isObject(value)) return defaultFields(value, node);
  return value;
}

function defaultItems(items: Json[], node: SchemaNode): Json {
  let copy: Json[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const item = items[i] ?? null;
    const filled = fill(item, node.items);
    if (filled !== item) (copy ??= [...items])[i] = filled;
  }
  return copy ?? items;
}

function defaultFields(object: JsonObject, node: SchemaNode): Json {
  let copy: JsonObject | undefined;
  const settle = (key: string, child: SchemaNode | undefined): void => {
    // What an object inherits, such as a constructor, is no field of it.
    const absent = !Object.hasOwn(object, key);
    const value = absent ? null : (object[key] ?? null);
    const filled = fill(value, child, absent);
    if (filled !== value) put((copy ??= { ...object }), key, filled);
  };
  for (const [key, child] of node.properties) {
    if (child.default !== undefined || (child.below.defaults && Object.hasOwn(object, key))) settle(key, child);
  }
  if (typeof node.additional === 'object') {
    for (const key of Object.keys(object)) if (!node.properties.has(key)) settle(key, childOf(node, key));
  }
  return copy ?? object;
}

function fill(value: Json, node: SchemaNode | undefined, absent = false): Json {
  if (node === undefined) return value;
  const wanted = value === null && (absent || !node.nullable) ? node.default : undefined;
  // A default that was written for another schema than this must not bring back what pruning takes away.
  return applyDefaults(wanted === undefined ? value : prune(structuredClone(wanted), node, []), node);
}
