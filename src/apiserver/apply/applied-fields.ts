import type { Json } from '../../meta/objects.ts';
import { fieldElement } from './element.ts';
import type { FieldSet } from './field-set.ts';
import { asMember, emptySet, isEmpty, leaf, ordered } from './field-set.ts';
import { isObject } from './json.ts';
import { groupItems } from './list-items.ts';
import type { ListShape, Type } from './type.ts';
import { listShapeOf, mapShapeOf, memberType } from './type.ts';

/**
 * The fields that `value` says something of, as an applier owns them: leaves, items of lists, members of maps that have free names. A
 * container that the schema names is none of them, so that two appliers can share it.
 */
export function appliedFields(type: Type, value: Json): FieldSet {
  return inside(type, value) ?? emptySet;
}

/** What is below `value`; undefined when it is a leaf. */
function inside(type: Type, value: Json): FieldSet | undefined {
  if (Array.isArray(value)) return insideList(listShapeOf(type), value);
  if (!isObject(value)) return undefined;
  const shape = mapShapeOf(type);
  if (shape.atomic) return undefined;
  const fields: Record<string, FieldSet> = {};
  for (const key in value) {
    const part = value[key];
    if (part === undefined || shape.untracked.has(key)) continue;
    const below = inside(memberType(shape, key), part);
    const node = below === undefined ? leaf : memberNode(below, part, shape.fields.has(key));
    if (node !== undefined) fields[fieldElement(key)] = node;
  }
  return ordered(fields);
}

/** The node of a container; undefined when neither it nor anything below it is said. */
function memberNode(below: FieldSet, part: Json, named: boolean): FieldSet | undefined {
  if (!isEmpty(below)) return named ? below : asMember(below);
  const emptyMap = isObject(part) && Object.keys(part).length === 0;
  return !named || emptyMap ? leaf : undefined;
}

function insideList(shape: ListShape, items: readonly Json[]): FieldSet | undefined {
  if (shape.atomic) return undefined;
  const groups = groupItems(shape, items);
  if (groups === undefined) return undefined;
  const fields: Record<string, FieldSet> = {};
  for (const [element, [item, ...others]] of groups) {
    const below = item === undefined || others.length > 0 ? undefined : inside(shape.item, item);
    fields[element] = below === undefined ? leaf : asMember(below);
  }
  return ordered(fields);
}
