import { addressKey, isUnspecified, linkLocalKey } from './addresses.ts';
import type { Frame, Mac, Payload } from './frame.ts';

/** Who a guest may say that it is. */
export interface Identity {
  readonly mac: Mac;
  /** As `addressKey`; empty: none was assigned, and none is checked. */
  readonly addresses: ReadonlySet<string>;
  /** The same as they were assigned: mostly they are spelt so. */
  readonly spelt: ReadonlySet<string>;
}

export function identityOf(mac: Mac, addresses: readonly string[]): Identity {
  const own = addresses.length === 0 ? [] : [linkLocalKey(mac), ...addresses.map(addressKey)];
  return { mac, addresses: new Set(own.filter((key) => key !== undefined)), spelt: new Set(addresses) };
}

/** Whether the frame says that it comes from somebody else: its source, or what it tells others of MACs and addresses. */
export function isForged(identity: Identity, { payload, src }: Frame): boolean {
  if (src !== identity.mac) return true;
  if (payload.type === 'IP' && identity.spelt.has(payload.src)) return false;
  return claims(payload).some((claim) => !isOwn(identity, claim));
}

interface Claim {
  readonly mac?: Mac;
  readonly address?: string;
  /** Who asks may have no address yet. */
  readonly mayBeNobody?: boolean;
}

function claims(payload: Payload): readonly Claim[] {
  switch (payload.type) {
    case 'IP':
      return [{ address: payload.src, mayBeNobody: payload.protocol !== 'TCP' }];
    case 'ARP':
      return [{ mac: payload.senderMac, address: payload.senderAddress, mayBeNobody: payload.operation === 'Request' }];
    case 'NDP':
      if (payload.operation === 'Solicitation') return [{ mac: payload.senderMac, address: payload.senderAddress, mayBeNobody: true }];
      return [{ mac: payload.senderMac, address: payload.senderAddress }, { address: payload.targetAddress }];
    case 'RARP':
      return [{ mac: payload.mac }];
    default:
      return [];
  }
}

function isOwn(identity: Identity, { address, mac, mayBeNobody = false }: Claim): boolean {
  if (mac !== undefined && mac !== identity.mac) return false;
  if (address === undefined || identity.addresses.size === 0) return true;
  return identity.addresses.has(addressKey(address) ?? '') || (mayBeNobody && isUnspecified(address));
}
