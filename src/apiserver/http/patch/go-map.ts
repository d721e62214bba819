import { isArray, isObject } from '../../schema/json.ts';
import type { Json } from '../../../meta/objects.ts';

/** A JSON value as Go prints it with `%+v`: `map[a:1 b:[x y]]`. */
export function goMap(value: Json): string {
  if (isArray(value)) return `[${value.map(goMap).join(' ')}]`;
  if (!isObject(value)) return value === null ? '<nil>' : String(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${key}:${goMap(value[key] ?? null)}`);
  return `map[${members.join(' ')}]`;
}
