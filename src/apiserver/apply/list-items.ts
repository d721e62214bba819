import type { Json } from '../../meta/objects.ts';
import { valueElement } from './element.ts';
import type { JsonObject } from './json.ts';
import { isObject, member, sortedJson } from './json.ts';
import type { ListKey, ListShape } from './type.ts';

/** What tells `item` from others of its list, as an element of a path; undefined when the list's rules give it none (`itemFault` says why). */
export function itemElement(shape: ListShape, item: Json): string | undefined {
  if (shape.keys.length > 0) return isObject(item) ? keysOf(shape.keys, item) : undefined;
  return item === null || typeof item === 'object' ? undefined : valueElement(item);
}

/** `keys` are sorted, so this is `keyElement` without its detour over an object. */
function keysOf(keys: readonly ListKey[], item: JsonObject): string | undefined {
  let text = '';
  for (const key of keys) {
    const value = member(item, key.name) ?? key.preset;
    if (value !== undefined) text += `${text === '' ? '' : ','}${key.label}${sortedJson(value)}`;
  }
  return text === '' ? undefined : `k:{${text}}`;
}

/** Why `item` cannot be in the list; undefined when it can. */
export function itemFault(shape: ListShape, item: Json): string | undefined {
  if (itemElement(shape, item) !== undefined) return undefined;
  if (shape.keys.length === 0) return 'a set holds strings, numbers and booleans only';
  if (!isObject(item)) return 'a list with keys holds objects only';
  const names = shape.keys.map((key) => JSON.stringify(key.name)).join(' ');
  return `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`;
}

/** The items by their elements, in order; an element that stands more than once has several items. Undefined when an item has none. */
export function groupItems(shape: ListShape, items: readonly Json[]): Map<string, readonly Json[]> | undefined {
  const groups = new Map<string, Json[]>();
  for (const item of items) {
    const element = itemElement(shape, item);
    if (element === undefined) return undefined;
    const group = groups.get(element);
    if (group === undefined) groups.set(element, [item]);
    else group.push(item);
  }
  return groups;
}
