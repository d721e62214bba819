import type { Environment } from '@marcbachmann/cel-js';
import { parseScaledQuantity } from '../../../base/quantity.ts';
import { celError, define } from './define.ts';

const nano = 1_000_000_000n;
const maxInteger = 2n ** 63n - 1n;

/** A resource.Quantity: thousand-millionths of its unit. */
class Quantity {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
  equals(other: unknown): boolean {
    return other instanceof Quantity && other.nanos === this.nanos;
  }
}

function parse(text: string): Quantity | undefined {
  try {
    return new Quantity(parseScaledQuantity(text, 9));
  } catch {
    return undefined;
  }
}

function quantity(text: string): Quantity {
  const parsed = parse(text);
  if (parsed === undefined) {
    throw celError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  }
  return parsed;
}

function whole(q: Quantity): bigint | undefined {
  const value = q.nanos / nano;
  return q.nanos % nano === 0n && value <= maxInteger && value >= -maxInteger - 1n ? value : undefined;
}

function asInteger(q: Quantity): bigint {
  const value = whole(q);
  if (value === undefined) throw celError('cannot convert value to integer');
  return value;
}

function compare(a: Quantity, b: Quantity): bigint {
  if (a.nanos === b.nanos) return 0n;
  return a.nanos < b.nanos ? -1n : 1n;
}

/** Quantities: `quantity('1Gi').isLessThan(quantity('2G'))`. */
export function addQuantities(environment: Environment): void {
  environment.registerType('kubernetes.Quantity', { ctor: Quantity, fields: {} });
  environment.registerOperator('kubernetes.Quantity == kubernetes.Quantity', (a: Quantity, b: Quantity) => a.nanos === b.nanos);
  const type = 'kubernetes.Quantity';
  const zero = new Quantity(0n);
  define(environment, `quantity(string): ${type}`, quantity);
  define(environment, 'isQuantity(string): bool', (text: string) => parse(text) !== undefined);
  define(environment, `${type}.isInteger(): bool`, (q: Quantity) => whole(q) !== undefined);
  define(environment, `${type}.asInteger(): int`, asInteger);
  define(environment, `${type}.asApproximateFloat(): double`, (q: Quantity) => Number(q.nanos) / 1e9);
  define(environment, `${type}.sign(): int`, (q: Quantity) => compare(q, zero));
  define(environment, `sign(${type}): int`, (q: Quantity) => compare(q, zero));
  define(environment, `${type}.add(${type}): ${type}`, (a: Quantity, b: Quantity) => new Quantity(a.nanos + b.nanos));
  define(environment, `${type}.add(int): ${type}`, (a: Quantity, b: bigint) => new Quantity(a.nanos + b * nano));
  define(environment, `${type}.sub(${type}): ${type}`, (a: Quantity, b: Quantity) => new Quantity(a.nanos - b.nanos));
  define(environment, `${type}.sub(int): ${type}`, (a: Quantity, b: bigint) => new Quantity(a.nanos - b * nano));
  define(environment, `${type}.isLessThan(${type}): bool`, (a: Quantity, b: Quantity) => a.nanos < b.nanos);
  define(environment, `${type}.isGreaterThan(${type}): bool`, (a: Quantity, b: Quantity) => a.nanos > b.nanos);
  define(environment, `${type}.compareTo(${type}): int`, compare);
}
