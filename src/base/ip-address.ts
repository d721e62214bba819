/** An IPv4 or IPv6 address. */
export interface IpAddress {
  readonly family: 4 | 6;
  /** 32 or 128 bits. */
  readonly bits: bigint;
}

/** A network, as written: the address may have bits set past the prefix. */
export interface Cidr {
  readonly address: IpAddress;
  readonly prefix: number;
}

export function width(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

/**
 * Reads `text`; undefined when it is not an address. No zones. `sloppy` lets the numbers of an IPv4 address have leading zeros (decimal).
 */
export function parseIp(text: string, sloppy = false): IpAddress | undefined {
  if (text.length > 45) return undefined;
  if (!text.includes(':')) {
    const bits = parseV4(text, sloppy);
    return bits === undefined ? undefined : { family: 4, bits };
  }
  const bits = parseV6(text, sloppy);
  return bits === undefined ? undefined : { family: 6, bits };
}

/** Whether an IPv6 address carries an IPv4 one (`::ffff:192.0.2.1`). */
export function isMapped(address: IpAddress): boolean {
  return address.family === 6 && address.bits >> 32n === 0xffffn;
}

function parseV4(text: string, sloppy: boolean): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let bits = 0n;
  for (const part of parts) {
    if (!/^[0-9]{1,16}$/.test(part) || Number(part) > 255) return undefined;
    if (!sloppy && part.length > 1 && part.startsWith('0')) return undefined;
    bits = (bits << 8n) | BigInt(Number(part));
  }
  return bits;
}

function parseV6(text: string, sloppy: boolean): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [left = '', right] = halves;
  const head = groups(left, right === undefined, sloppy);
  const tail = right === undefined ? [] : groups(right, true, sloppy);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...Array.from({ length: missing }, () => 0n), ...tail];
  return all.reduce((bits, group) => (bits << 16n) | group, 0n);
}

function groups(text: string, last: boolean, sloppy: boolean): bigint[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const found: bigint[] = [];
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      found.push(BigInt(`0x${part}`));
      continue;
    }
    const v4 = last && i === parts.length - 1 ? parseV4(part, sloppy) : undefined;
    if (v4 === undefined) return undefined;
    found.push(v4 >> 16n, v4 & 0xffffn);
  }
  return found;
}

/** The one canonical form: lower case, the longest run of zero groups as `::`. */
export function formatIp(address: IpAddress): string {
  if (address.family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((address.bits >> shift) & 0xffn)).join('.');
  const parts = Array.from({ length: 8 }, (_, i) => ((address.bits >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  const run = longestZeroRun(parts);
  if (run.length < 2) return parts.join(':');
  return `${parts.slice(0, run.start).join(':')}::${parts.slice(run.start + run.length).join(':')}`;
}

function longestZeroRun(parts: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let i = 0; i <= parts.length; i++) {
    if (parts[i] === '0') continue;
    if (i - start > best.length) best = { start, length: i - start };
    start = i + 1;
  }
  return best;
}

/** Reads `192.0.2.0/24`; undefined when it is not a network. */
export function parseCidr(text: string, sloppy = false): Cidr | undefined {
  const slash = text.lastIndexOf('/');
  const address = slash < 0 ? undefined : parseIp(text.slice(0, slash), sloppy);
  const digits = text.slice(slash + 1);
  if (address === undefined || !/^(0|[1-9][0-9]{0,2})$/.test(digits)) return undefined;
  const prefix = Number(digits);
  return prefix > width(address.family) ? undefined : { address, prefix };
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIp(cidr.address)}/${String(cidr.prefix)}`;
}

/** The network with the bits past its prefix cleared. */
export function masked(cidr: Cidr): Cidr {
  const past = BigInt(width(cidr.address.family) - cidr.prefix);
  return { address: { family: cidr.address.family, bits: (cidr.address.bits >> past) << past }, prefix: cidr.prefix };
}

export function containsIp(cidr: Cidr, address: IpAddress): boolean {
  if (cidr.address.family !== address.family) return false;
  const past = BigInt(width(address.family) - cidr.prefix);
  return cidr.address.bits >> past === address.bits >> past;
}

export function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return outer.prefix <= inner.prefix && containsIp(outer, inner.address);
}
