/** The addresses that a group can give, and in which order a NIC tries them. */
import type { PoolSpec } from '../api/port-group.ts';
import { fnv1a } from '../base/hash.ts';
import { containsIp, formatIp, parseCidr, parseIp, width, type IpAddress } from '../base/ip-address.ts';
import { wordsOf, type Nic } from './nic.ts';

/** What a pool can give: from `first` on, `size` of them, without the one at `gateway`. */
export interface AddressPool {
  readonly family: IpAddress['family'];
  readonly first: bigint;
  readonly size: bigint;
  /** Counted from `first`. */
  readonly gateway?: bigint;
}

/** Without the network itself and, for IPv4, broadcast; for IPv6, without the routers' anycast address (RFC 4291, 2.6.1). Undefined: there is no such pool. */
export function poolOf(spec: Pick<PoolSpec, 'pool' | 'gateway'>): AddressPool | undefined {
  const network = parseCidr(spec.pool);
  if (network === undefined) return undefined;
  const { family, bits } = network.address;
  const all = 1n << BigInt(width(family) - network.prefix);
  const size = all - (family === 4 ? 2n : 1n);
  if (size < 1n) return undefined;
  const gateway = spec.gateway === undefined ? undefined : parseIp(spec.gateway);
  const at = gateway === undefined || !containsIp(network, gateway) ? undefined : gateway.bits - bits - 1n;
  return { family, first: bits + 1n, size, ...(at === undefined || at < 0n || at >= size ? {} : { gateway: at }) };
}

/** How many addresses it can give, at most what a number holds. */
export function capacityOf({ size, gateway }: AddressPool): number {
  const all = size - (gateway === undefined ? 0n : 1n);
  return Number(all > BigInt(Number.MAX_SAFE_INTEGER) ? BigInt(Number.MAX_SAFE_INTEGER) : all);
}

/** Each address of the pool once, in the order in which `nic` tries them: first the one that is derived from it, then those that follow. */
export function* candidates(pool: AddressPool, nic: Nic): Generator<string, undefined> {
  const start = BigInt(`0x${fnv1a(wordsOf(nic))}`) % pool.size;
  for (let step = 0n; step < pool.size; step++) {
    const at = (start + step) % pool.size;
    if (at !== pool.gateway) yield formatIp({ family: pool.family, bits: pool.first + at });
  }
  return undefined;
}

/** Whether it might give `address`. */
export function isOfPool({ family, first, size, gateway }: AddressPool, address: string): boolean {
  const parsed = parseIp(address);
  if (parsed?.family !== family) return false;
  const at = parsed.bits - first;
  return at >= 0n && at < size && at !== gateway;
}
