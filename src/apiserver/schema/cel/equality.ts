import { Duration } from '@marcbachmann/cel-js/evaluator';
import { isDateValue } from '../../../base/time.ts';
import { deepEqual } from '../json.ts';
import { ObjectValue } from './values.ts';

/** Values that know when they equal another. */
export interface Equatable {
  equals(other: unknown): boolean;
}

function isEquatable(value: unknown): value is Equatable {
  return typeof value === 'object' && value !== null && 'equals' in value && typeof value.equals === 'function';
}

/** CEL's `==` over the values that rules have: numbers by what they count, the rest by what they hold. */
export function celEquals(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNumber(a) && isNumber(b)) return sameNumber(a, b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return Array.isArray(a) ? Array.isArray(b) && sameItems(a, b) : (sameSpecial(a, b) ?? sameEntries(entriesOf(a), entriesOf(b)));
}

function sameNumber(a: number | bigint, b: number | bigint): boolean {
  if (typeof a === 'bigint') return typeof b === 'number' && Number.isInteger(b) && a === BigInt(b);
  return typeof b === 'bigint' && sameNumber(b, a);
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => celEquals(item, b[i]));
}

/** Of objects that are no plain maps; undefined for maps. */
function sameSpecial(a: object, b: object): boolean | undefined {
  if (a instanceof ObjectValue) return b instanceof ObjectValue && deepEqual(ObjectValue.rawOf(a), ObjectValue.rawOf(b));
  if (isDateValue(a)) return isDateValue(b) && a.getTime() === b.getTime();
  if (a instanceof Duration) return b instanceof Duration && a.seconds === b.seconds && a.nanos === b.nanos;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && sameItems([...a], [...b]);
  return isEquatable(a) ? a.equals(b) : undefined;
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function entriesOf(value: object): Map<unknown, unknown> {
  return value instanceof Map ? value : new Map(Object.entries(value));
}

function sameEntries(a: Map<unknown, unknown>, b: Map<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (!b.has(key) || !celEquals(value, b.get(key))) return false;
  return true;
}
