const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
};

/** A duration as Go writes it (`1h30m`, `-1.5s`), or with days and weeks, in nanoseconds; undefined when it is none. */
export function parseNanoseconds(text: string): bigint | undefined {
  const body = /^[+-]/.test(text) ? text.slice(1) : text;
  if (body === '0') return 0n;
  const terms = [...body.matchAll(/\s*(\d+)(?:\.(\d*))?\s*(ns|us|µs|μs|ms|[smhdw])/gy)];
  if (terms.length === 0 || terms.reduce((length, term) => length + term[0].length, 0) !== body.length) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of terms) {
    const scale = units[unit] ?? 0n;
    const digits = fraction.slice(0, 18);
    total += BigInt(whole) * scale + (digits === '' ? 0n : (BigInt(digits) * scale) / 10n ** BigInt(digits.length));
  }
  return text.startsWith('-') ? -total : total;
}
