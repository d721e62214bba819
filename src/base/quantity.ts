import { UserError } from './errors.ts';

const binary: Readonly<Record<string, bigint>> = {
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
  Ei: 1n << 60n,
};
const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const pattern = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:([KMGTPE]i)|([numkMGTPE]?)|[eE]([+-]?\d{1,3}))$/;

/**
 * A Kubernetes resource.Quantity as a whole number of thousandths of its unit, rounded up (as Kubernetes does).
 * `500m` → 500n, `1Gi` → 1073741824000n.
 * @throws {UserError} when `text` is not a quantity.
 */
export function parseQuantity(text: string): bigint {
  return parseScaledQuantity(text, 3);
}

/**
 * A quantity as a whole number of 10^-`places` of its unit, rounded up: with 9, nothing that Kubernetes keeps is lost.
 * @throws {UserError} when `text` is not a quantity.
 */
export function parseScaledQuantity(text: string, places: number): bigint {
  const parts = pattern.exec(text);
  if (parts === null)
    throw new UserError(`"${text}" is not a quantity: write a number with an optional unit, such as 500m, 2, 512Mi or 10G`);
  const [, sign, digits = '', binaryUnit, decimalUnit = '', exponent] = parts;
  const [whole = '', fraction = ''] = digits.split('.');
  const mantissa = BigInt(`${whole}${fraction}`);
  const power = exponent === undefined ? (decimal[decimalUnit] ?? 0) : Number(exponent);
  const scaled = binaryUnit === undefined ? mantissa : mantissa * (binary[binaryUnit] ?? 1n);
  const value = shift(scaled, (binaryUnit === undefined ? power : 0) + places - fraction.length);
  return sign === '-' ? -value : value;
}

function shift(value: bigint, power: number): bigint {
  if (power >= 0) return value * 10n ** BigInt(power);
  const divisor = 10n ** BigInt(-power);
  return (value + divisor - 1n) / divisor;
}

/** CPU in thousandths of a core. */
export function milliCores(quantity: string): number {
  return Number(parseQuantity(quantity));
}

/** Bytes (or any whole unit), rounded up. Exact up to 2^53. */
export function bytes(quantity: string): number {
  const milli = parseQuantity(quantity);
  return Number((milli + 999n) / 1000n);
}

/** `1500` → `1500m`, `2000` → `2`. */
export function formatMilliCores(milli: number): string {
  return milli % 1000 === 0 ? String(milli / 1000) : `${String(milli)}m`;
}

/** The shortest exact form in binary units: `536870912` → `512Mi`. */
export function formatBytes(count: number): string {
  for (const unit of ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'] as const) {
    const size = Number(binary[unit]);
    if (count >= size && count % size === 0) return `${String(count / size)}${unit}`;
  }
  return String(count);
}
