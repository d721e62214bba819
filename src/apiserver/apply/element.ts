import { UserError } from '../../base/errors.ts';
import type { Json } from '../../meta/objects.ts';
import { isObject, parseJson, sortedJson } from './json.ts';
import type { Path } from './field-set.ts';

/**
 * One step of a path, as FieldsV1 writes it: `f:spec` a field, `k:{"name":"web"}` the item of a list with these keys, `v:"a"` an item of a
 * set, `i:0` an item by its place. Canonical: keys sorted, no blanks.
 */
export function fieldElement(name: string): string {
  return `f:${name}`;
}

export function keyElement(keys: Readonly<Record<string, Json>>): string {
  return `k:${sortedJson(keys)}`;
}

export function valueElement(value: Json): string {
  return `v:${sortedJson(value)}`;
}

const plainKey = /^k:\{"[A-Za-z]+":(?:"[^"\\\p{Cc}\p{Cs}]*"|-?[1-9]\d{0,14}|0)\}$/u;
const plainValue = /^v:(?:"[^"\\\p{Cc}\p{Cs}]*"|-?[1-9]\d{0,14}|0)$/u;

/** The canonical form of what a client wrote; undefined for a kind of element that is unknown. @throws {UserError} for a malformed one. */
export function canonicalElement(text: string): string | undefined {
  if (text.charAt(1) !== ':') throw new UserError(`"${text}" is not an element of a path: write f:, k:, v: or i:`);
  switch (text.charAt(0)) {
    case 'f':
      return text;
    case 'k':
      return plainKey.test(text) ? text : keyElement(parsedKeys(text));
    case 'v':
      return plainValue.test(text) ? text : valueElement(parsed(text));
    case 'i':
      return canonicalIndex(text);
    default:
      return undefined;
  }
}

function canonicalIndex(text: string): string {
  if (!/^i:[+-]?\d+$/.test(text)) throw new UserError(`"${text}" is not an element of a path: write a whole number after i:`);
  return `i:${String(Number(text.slice(2)))}`;
}

function parsed(text: string): Json {
  const value = parseJson(text.slice(2));
  if (value === undefined) throw new UserError(`"${text}" is not an element of a path: write JSON after ${text.slice(0, 2)}`);
  return value;
}

function parsedKeys(text: string): Readonly<Record<string, Json>> {
  const keys = parsed(text);
  if (!isObject(keys)) throw new UserError(`"${text}" is not an element of a path: write an object after k:`);
  return keys;
}

/** As messages name it: `.spec`, `[name="web"]`, `[="a"]`, `[0]`. */
export function printElement(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('v:')) return `[=${rest}]`;
  if (element.startsWith('i:')) return `[${rest}]`;
  const pairs = Object.entries(parsedKeys(element)).map(([name, value]) => `${name}=${sortedJson(value)}`);
  return `[${pairs.join(',')}]`;
}

export function printPath(path: Path): string {
  return path.map(printElement).join('');
}
