/** What travels over simulated wires: as much of an Ethernet frame as switches, guards and firewalls look at. */

/** `02:…`, lower case. */
export type Mac = string;

export interface Frame {
  readonly src: Mac;
  readonly dst: Mac;
  /** VLANs of its 802.1Q tags, the outermost first. */
  readonly tags: readonly number[];
  readonly payload: Payload;
  /** Bytes of the payload: what an MTU limits. */
  readonly length: number;
  /** Of a copy, what it is a copy of, as ERSPAN's header says. */
  readonly copy?: CopyHeader;
}

export interface CopyHeader {
  readonly session: string;
  /** The port whose frame it is. */
  readonly of: string;
  /** Counts the copies of the session from this port, from 1. */
  readonly number: number;
}

export type Payload = IpPayload | ArpPayload | NdpPayload | RarpPayload | RawPayload | TunnelPayload | MirrorPayload | PlacePayload;

export interface IpPayload {
  readonly type: 'IP';
  readonly src: string;
  readonly dst: string;
  readonly protocol: 'TCP' | 'UDP' | 'ICMP';
  /** Of ICMP, both are the identifier of an echo. */
  readonly srcPort: number;
  readonly dstPort: number;
  readonly flags: TcpFlags;
  readonly sequence: number;
  readonly acknowledged: number;
  /** Bytes of what it carries for programs. */
  readonly bytes: number;
  /** What that says, where it matters. */
  readonly data?: unknown;
}

export interface TcpFlags {
  readonly syn?: boolean;
  readonly ack?: boolean;
  readonly fin?: boolean;
  readonly rst?: boolean;
  /** Of ICMP: the answer to an echo. */
  readonly reply?: boolean;
}

/** IPv4's question who has an address. A gratuitous one asks for its sender's own. */
export interface ArpPayload {
  readonly type: 'ARP';
  readonly operation: 'Request' | 'Reply';
  readonly senderMac: Mac;
  readonly senderAddress: string;
  readonly targetAddress: string;
}

/** IPv6's: RFC 4861. */
export interface NdpPayload {
  readonly type: 'NDP';
  readonly operation: 'Solicitation' | 'Advertisement';
  readonly senderMac: Mac;
  readonly senderAddress: string;
  readonly targetAddress: string;
}

/** What a hypervisor sends so that the network learns where a MAC is now. */
export interface RarpPayload {
  readonly type: 'RARP';
  readonly mac: Mac;
}

/** Anything else, such as a look at the wire. */
export interface RawPayload {
  readonly type: 'Raw';
  readonly text: string;
}

/** A frame of an overlay on its way between two hosts. */
export interface TunnelPayload {
  readonly type: 'Tunnel';
  readonly kind: 'Geneve' | 'VXLAN';
  readonly switch: string;
  readonly vlan: number;
  readonly inner: Frame;
}

/** A copy of a frame on its way to the port that takes copies. */
export interface MirrorPayload extends CopyHeader {
  readonly type: 'Mirror';
  readonly switch: string;
  readonly to: string;
  readonly vlan: number;
  readonly inner: Frame;
}

/** Says on which host a port that takes copies is: its source. */
export interface PlacePayload {
  readonly type: 'Place';
  readonly switch: string;
  readonly port: string;
}

export const broadcast: Mac = 'ff:ff:ff:ff:ff:ff';
const headerBytes = 14;
const tagBytes = 4;
/** IPv4, UDP, Geneve or VXLAN, and the inner Ethernet header. */
export const tunnelBytes = 50;
export const noTags: readonly number[] = [];

/** What hosts alone send each other. */
export function isWord({ type }: Payload): boolean {
  return type === 'Tunnel' || type === 'Mirror' || type === 'Place';
}

/** All that it takes on a wire, but for preamble and checksum. */
export function bytesOf({ length, tags }: Frame): number {
  return headerBytes + tagBytes * tags.length + length;
}

/** Meant for more than one: broadcast and multicast. */
export function isGroup(mac: Mac): boolean {
  return (parseInt(mac.charAt(1), 16) & 1) === 1;
}

const arpBytes = 28;
const ndpBytes = 72;
const noFlags: TcpFlags = {};

export function rarp(mac: Mac): Frame {
  return { src: mac, dst: broadcast, tags: noTags, payload: { type: 'RARP', mac }, length: arpBytes };
}

/** Who has this address? Asked for one's own, it says where that is. */
export function addressRequest(mac: Mac, senderAddress: string, targetAddress: string): Frame {
  const isIpv6 = targetAddress.includes(':');
  const said = { senderMac: mac, senderAddress, targetAddress };
  const payload: Payload = isIpv6
    ? { type: 'NDP', operation: senderAddress === targetAddress ? 'Advertisement' : 'Solicitation', ...said }
    : { type: 'ARP', operation: 'Request', ...said };
  return { src: mac, dst: isIpv6 ? '33:33:00:00:00:01' : broadcast, tags: noTags, payload, length: isIpv6 ? ndpBytes : arpBytes };
}

export function addressReply(mac: Mac, address: string, to: { readonly mac: Mac; readonly address: string }): Frame {
  const isIpv6 = address.includes(':');
  const payload: Payload = isIpv6
    ? { type: 'NDP', operation: 'Advertisement', senderMac: mac, senderAddress: address, targetAddress: address }
    : { type: 'ARP', operation: 'Reply', senderMac: mac, senderAddress: address, targetAddress: to.address };
  return { src: mac, dst: to.mac, tags: noTags, payload, length: isIpv6 ? ndpBytes : arpBytes };
}

/** What an IP packet says besides who sends it to whom. */
export type IpWords = Pick<IpPayload, 'src' | 'dst' | 'protocol' | 'srcPort' | 'dstPort'> & Partial<IpPayload>;

const ipHeaders = { TCP: 40, UDP: 28, ICMP: 28 } as const;
const ipv6MoreBytes = 20;

export function ipFrame(src: Mac, dst: Mac, words: IpWords): Frame {
  const { bytes = 0 } = words;
  const payload: IpPayload = { type: 'IP', flags: noFlags, sequence: 0, acknowledged: 0, bytes, ...words };
  const length = ipHeaders[words.protocol] + (words.src.includes(':') ? ipv6MoreBytes : 0) + bytes;
  return { src, dst, tags: noTags, payload, length };
}

export function rawFrame(src: Mac, dst: Mac, text: string, length = 46): Frame {
  return { src, dst, tags: noTags, payload: { type: 'Raw', text }, length };
}
