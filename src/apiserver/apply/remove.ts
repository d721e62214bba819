import type { Json } from '../../meta/objects.ts';
import { fieldElement } from './element.ts';
import type { FieldSet } from './field-set.ts';
import { hasChildren, isMember } from './field-set.ts';
import type { JsonObject } from './json.ts';
import { isObject, setMember } from './json.ts';
import { itemElement } from './list-items.ts';
import type { ListShape, MapShape, Type } from './type.ts';
import { listShapeOf, mapShapeOf, memberType } from './type.ts';

/** What stands for a container that stays although everything in it went. */
export type Emptied = 'null' | 'empty';

/**
 * `value` without the fields in `fields`, what they contain included. Something
 * atomic goes as a whole or not at all. The fields that tell an item from others stay as long as the item does. Unchanged parts are shared
 * with `value`.
 */
export function removeFields(type: Type, value: Json, fields: FieldSet, emptied: Emptied): Json {
  if (Array.isArray(value)) {
    const shape = listShapeOf(type);
    return shape.atomic ? value : removeFromList(shape, value, fields, emptied);
  }
  if (!isObject(value)) return value;
  const shape = mapShapeOf(type);
  return shape.atomic ? value : removeFromMap(shape, value, fields, emptied);
}

function removeFromList(shape: ListShape, items: Json[], fields: FieldSet, emptied: Emptied): Json {
  const kept: Json[] = [];
  let same = true;
  for (const item of items) {
    const element = itemElement(shape, item);
    const node = element === undefined ? undefined : fields[element];
    if (node !== undefined && isMember(node)) {
      same = false;
      continue;
    }
    const rest = node === undefined || element === undefined ? item : removeFromItem(shape, item, element, node, emptied);
    same &&= rest === item;
    kept.push(rest);
  }
  if (same) return items;
  return kept.length > 0 || emptied === 'empty' ? kept : null;
}

function removeFromItem(shape: ListShape, item: Json, element: string, fields: FieldSet, emptied: Emptied): Json {
  const rest = removeFields(shape.item, item, fields, emptied);
  if (itemElement(shape, rest) === element) return rest;
  const others: Record<string, FieldSet> = { ...fields };
  for (const key of shape.keys) Reflect.deleteProperty(others, fieldElement(key.name));
  return removeFields(shape.item, item, others, emptied);
}

function removeFromMap(shape: MapShape, map: JsonObject, fields: FieldSet, emptied: Emptied): Json {
  const kept: Record<string, Json> = {};
  let same = true;
  let any = false;
  for (const [key, part] of Object.entries(map)) {
    const node = fields[fieldElement(key)];
    if (node !== undefined && isMember(node)) {
      same = false;
      continue;
    }
    const rest = node !== undefined && hasChildren(node) ? removeFields(memberType(shape, key), part, node, emptied) : part;
    same &&= rest === part;
    any = true;
    setMember(kept, key, rest);
  }
  if (same) return map;
  return any || emptied === 'empty' ? kept : null;
}
