import { Duration } from '@marcbachmann/cel-js/evaluator';
import type { Environment } from '@marcbachmann/cel-js';
import { isDateValue } from '../../../base/time.ts';
import { celError, define, defineNamespace } from './define.ts';
import { celEquals } from './equality.ts';
import { durationOf } from './values.ts';

type List = readonly unknown[];

const durationType = 'google.protobuf.Duration';
const comparable = ['int', 'uint', 'double', 'bool', 'string', 'bytes', durationType, 'google.protobuf.Timestamp'];

/** Lists and sets: `self.ports.map(p, p.number).isSorted()`, `sets.contains(self.all, self.some)`. */
export function addLists(environment: Environment): void {
  for (const type of comparable) {
    define(environment, `list<${type}>.isSorted(): bool`, isSorted);
    define(environment, `list<${type}>.min(): ${type}`, (list: List) => extreme(list, 'min', -1));
    define(environment, `list<${type}>.max(): ${type}`, (list: List) => extreme(list, 'max', 1));
    define(environment, `list<${type}>.sort(): list<${type}>`, (list: List) => [...list].sort(compare));
  }
  define(environment, 'list<int>.sum(): int', (list: readonly bigint[]) => list.reduce((a, b) => a + b, 0n));
  define(environment, 'list<double>.sum(): double', (list: readonly number[]) => list.reduce((a, b) => a + b, 0));
  define(environment, `list<${durationType}>.sum(): ${durationType}`, (list: readonly Duration[]) =>
    list.reduce((a, b) => a.addDuration(b), durationOf(0n)),
  );
  define(environment, 'list<A>.indexOf(A): int', (list: List, item: unknown) => BigInt(list.findIndex((x) => celEquals(x, item))));
  define(environment, 'list<A>.lastIndexOf(A): int', (list: List, item: unknown) => BigInt(list.findLastIndex((x) => celEquals(x, item))));
  define(environment, 'list<A>.reverse(): list<A>', (list: List) => [...list].reverse());
  define(environment, 'list<A>.distinct(): list<A>', (list: List) => distinct(list));
  define(environment, 'list<A>.slice(int, int): list<A>', slice);
  define(environment, 'list<list<A>>.flatten(): list<A>', (list: List) => list.flat());
  defineNamespace(environment, 'lists', 'kubernetes.ListsNamespace');
  define(environment, 'kubernetes.ListsNamespace.range(int): list<int>', (_: unknown, count: bigint) => range(count));
  addSets(environment);
}

function addSets(environment: Environment): void {
  const type = 'kubernetes.SetsNamespace';
  const contains = (all: List, some: List): boolean => some.every((item) => all.some((other) => celEquals(item, other)));
  defineNamespace(environment, 'sets', type);
  define(environment, `${type}.contains(list<A>, list<A>): bool`, (_: unknown, a: List, b: List) => contains(a, b));
  define(environment, `${type}.equivalent(list<A>, list<A>): bool`, (_: unknown, a: List, b: List) => contains(a, b) && contains(b, a));
  define(environment, `${type}.intersects(list<A>, list<A>): bool`, (_: unknown, a: List, b: List) =>
    a.some((item) => contains(b, [item])),
  );
}

function isSorted(list: List): boolean {
  return list.every((item, i) => i === 0 || compare(list[i - 1], item) <= 0);
}

function extreme(list: List, name: string, sign: number): unknown {
  if (list.length === 0) throw celError(`${name} called on empty list`);
  return list.reduce((best, item) => (compare(item, best) * sign > 0 ? item : best));
}

function distinct(list: List): unknown[] {
  const kept: unknown[] = [];
  for (const item of list) if (!kept.some((other) => celEquals(item, other))) kept.push(item);
  return kept;
}

function slice(list: List, start: bigint, end: bigint): List {
  if (start < 0n || end < start || end > BigInt(list.length))
    throw celError(`cannot slice(${String(start)}, ${String(end)}), list is length ${String(list.length)}`);
  return list.slice(Number(start), Number(end));
}

function range(count: bigint): bigint[] {
  if (count > 1_000_000n) throw celError('lists.range: too many elements');
  return Array.from({ length: Number(count < 0n ? 0n : count) }, (_, i) => BigInt(i));
}

/** Negative, zero or positive, as `a` is before, equal to or after `b`; both are of one comparable type. */
function compare(a: unknown, b: unknown): number {
  const [left, right] = [orderOf(a), orderOf(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function orderOf(value: unknown): bigint | number | string {
  switch (typeof value) {
    case 'bigint':
    case 'number':
    case 'string':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    default:
      if (value instanceof Duration) return value.seconds * 1_000_000_000n + BigInt(value.nanos);
      if (isDateValue(value)) return value.getTime();
      if (value instanceof Uint8Array) return String.fromCharCode(...value);
      throw celError('no such overload');
  }
}
