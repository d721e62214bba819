import { Unreachable } from '../../base/errors.ts';
import type { Json, UnknownObject } from '../../meta/objects.ts';

export type JsonObject = Readonly<Record<string, Json>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object's own member. A plain look-up may find `constructor` and its like on the prototype: functions, or the prototype itself. */
export function member(object: JsonObject, key: string): Json | undefined {
  const value = object[key];
  if (typeof value !== 'function' && key !== '__proto__') return value;
  return Object.hasOwn(object, key) ? value : undefined;
}

/** Sets a member, `__proto__` included, which an assignment would take for the prototype. */
export function setMember(object: Record<string, Json>, key: string, value: Json): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

/** Structural equality; the order of an object's members means nothing. */
export function equalJson(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) return Array.isArray(right) && equalLists(left, right);
  return isObject(left) && isObject(right) && equalObjects(left, right);
}

/** As `equalJson`, of lists that may be read only. */
export function equalLists(left: readonly Json[], right: readonly Json[]): boolean {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) {
    if (!equalJson(left[i] ?? null, right[i] ?? null)) return false;
  }
  return true;
}

function equalObjects(left: JsonObject, right: JsonObject): boolean {
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  for (const key of keys) {
    const mine = left[key];
    const theirs = member(right, key);
    if (mine === theirs) continue;
    if (mine === undefined || theirs === undefined || !equalJson(mine, theirs)) return false;
  }
  return true;
}

/** JSON with the members of every object in order, so that equal values print equally. */
export function sortedJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${sortedJson(value[key] ?? null)}`).join(',')}}`;
}

/** An object as the JSON that it is. Objects of the API come from JSON; their types just do not say so. */
export function asJson(object: unknown): JsonObject {
  if (!isObject(object)) throw new Unreachable('an object of the API that is no object');
  return object;
}

/** JSON as an object of the API. */
export function asObject(json: unknown): UnknownObject {
  if (!isApiObject(json)) throw new Unreachable('an object of the API without kind or metadata');
  return json;
}

function isApiObject(json: unknown): json is UnknownObject {
  return isObject(json) && typeof json['apiVersion'] === 'string' && typeof json['kind'] === 'string' && isObject(json['metadata']);
}

/** The JSON in `text`; undefined when there is none. */
export function parseJson(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isJson(parsed: unknown): parsed is Json {
  return parsed !== undefined;
}
