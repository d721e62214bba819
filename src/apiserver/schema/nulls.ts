import type { Json } from '../../meta/objects.ts';
import { isArray, isObject, put, type JsonObject } from './json.ts';
import { childOf, type SchemaNode } from './structural.ts';

/**
 * `value` without the fields that are null though their schema neither allows null nor has a default: to write null there is to leave
 * the field out. Null where there is a default is left for defaulting to replace; null items stay, for validation to refuse.
 */
export function dropNulls(value: Json, node: SchemaNode | undefined): Json {
  if (node === undefined) return value;
  if (isArray(value)) return dropInItems(value, node);
  if (isObject(value)) return dropInFields(value, node);
  return value;
}

function dropInItems(items: Json[], node: SchemaNode): Json {
  let copy: Json[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const item = items[i] ?? null;
    const kept = dropNulls(item, node.items);
    if (kept !== item) (copy ??= [...items])[i] = kept;
  }
  return copy ?? items;
}

function dropInFields(object: JsonObject, node: SchemaNode): Json {
  let copy: JsonObject | undefined;
  for (const key of Object.keys(object)) {
    const value = object[key] ?? null;
    const child = childOf(node, key);
    if (child === undefined) continue;
    if (value === null) {
      if (!child.nullable && child.default === undefined) delete (copy ??= { ...object })[key];
      continue;
    }
    const kept = dropNulls(value, child);
    if (kept !== value) put((copy ??= { ...object }), key, kept);
  }
  return copy ?? object;
}
