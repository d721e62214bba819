import type { Json } from '../../meta/objects.ts';
import { fieldElement } from './element.ts';
import type { FieldSet } from './field-set.ts';
import { hasChildren, isMember } from './field-set.ts';
import type { JsonObject } from './json.ts';
import { isObject, setMember } from './json.ts';
import { itemElement } from './list-items.ts';
import type { ListShape, MapShape, Type } from './type.ts';
import { listShapeOf, mapShapeOf, memberType } from './type.ts';

/**
 * `value` without the fields in `fields`, what they contain included. A container that is not one of them stays, if need be empty. Something
 * atomic goes as a whole or not at all. The fields that tell an item from others stay as long as the item does. Unchanged parts are shared
 * with `value`.
 */
export function removeFields(type: Type, value: Json, fields: FieldSet): Json {
  if (Array.isArray(value)) {
    const shape = listShapeOf(type);
    return shape.atomic ? value : removeFromList(shape, value, fields);
  }
  if (!isObject(value)) return value;
  const shape = mapShapeOf(type);
  return shape.atomic ? value : removeFromMap(shape, value, fields);
}

function removeFromList(shape: ListShape, items: Json[], fields: FieldSet): Json {
  const kept: Json[] = [];
  let same = true;
  for (const item of items) {
    const element = itemElement(shape, item);
    const node = element === undefined ? undefined : fields[element];
    if (node !== undefined && isMember(node)) {
      same = false;
      continue;
    }
    const rest = node === undefined ? item : removeFromItem(shape, item, node);
    same &&= rest === item;
    kept.push(rest);
  }
  return same ? items : kept;
}

function removeFromItem(shape: ListShape, item: Json, fields: FieldSet): Json {
  const others: Record<string, FieldSet> = { ...fields };
  for (const key of shape.keys) Reflect.deleteProperty(others, fieldElement(key.name));
  return removeFields(shape.item, item, others);
}

function removeFromMap(shape: MapShape, map: JsonObject, fields: FieldSet): Json {
  const kept: Record<string, Json> = {};
  let same = true;
  for (const [key, part] of Object.entries(map)) {
    const node = fields[fieldElement(key)];
    if (node !== undefined && isMember(node)) {
      same = false;
      continue;
    }
    const rest = node !== undefined && hasChildren(node) ? removeFields(memberType(shape, key), part, node) : part;
    same &&= rest === part;
    setMember(kept, key, rest);
  }
  return same ? map : kept;
}
