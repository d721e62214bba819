import type { Json } from '../../meta/objects.ts';
import { fieldElement } from './element.ts';
import type { FieldSet } from './field-set.ts';
import { isEmpty, leaf, ordered } from './field-set.ts';
import { groupItems } from './list-items.ts';
import type { ListShape, Type } from './type.ts';
import { listShapeOf, mapOf, mapShapeOf, memberType } from './type.ts';

/** Every field of `value`, itself and each container included: what its creator owns by an update. */
export function wholeOf(type: Type, value: Json): FieldSet {
  const inside = insideOf(type, value);
  return inside === undefined ? leaf : { '.': leaf, ...inside };
}

/** Every field below `value`; undefined when it is a leaf: a scalar, null, something atomic or something empty. */
export function insideOf(type: Type, value: Json): FieldSet | undefined {
  if (Array.isArray(value)) return insideOfList(listShapeOf(type), value);
  const map = mapOf(type, value);
  if (map === undefined) return undefined;
  const shape = mapShapeOf(type);
  const inside: Record<string, FieldSet> = {};
  for (const key in map) {
    const part = map[key];
    if (part !== undefined && !shape.untracked.has(key)) inside[fieldElement(key)] = wholeOf(memberType(shape, key), part);
  }
  return isEmpty(inside) ? undefined : ordered(inside);
}

function insideOfList(shape: ListShape, items: readonly Json[]): FieldSet | undefined {
  if (shape.atomic || items.length === 0) return undefined;
  const groups = groupItems(shape, items);
  if (groups === undefined) return undefined;
  const inside: Record<string, FieldSet> = {};
  for (const [element, [item, ...others]] of groups) {
    if (item !== undefined) inside[element] = others.length > 0 ? leaf : wholeOf(shape.item, item);
  }
  return ordered(inside);
}
