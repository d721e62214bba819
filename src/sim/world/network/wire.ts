import type { Range } from '../../../api/effective-port.ts';
import { bytesOf, type Frame } from './frame.ts';
import { inRanges } from './ranges.ts';

/** What a port of the physical network is set to. */
export interface WireSettings {
  /** That it carries. */
  readonly vlans: readonly Range[];
  /** Largest frame without its Ethernet header, bytes. */
  readonly mtu: number;
  readonly bitsPerSecond: number;
  /** It makes one link of several with whoever speaks LACP. */
  readonly lacp: boolean;
}

/** One cable into the physical network. */
export interface Wire {
  /** `host/nic`, or who is outside. */
  readonly name: string;
  settings: WireSettings;
  /** Faults: how often it is pulled, VLANs that are missing, and smaller MTUs. */
  readonly faults: { pulled: number; readonly vlans: number[]; readonly mtus: number[] };
  /** What its owner does with what comes; absent: nobody listens. */
  receive: ((vlan: number, frame: Frame) => void) | undefined;
  /** Those that are one link together: by LACP, or it alone. */
  team: readonly Wire[];
  /** When the last frame has gone, in each direction, milliseconds. */
  sentAt: number;
  receivedAt: number;
}

export function newWire(name: string, settings: WireSettings): Wire {
  const faults = { pulled: 0, vlans: [], mtus: [] };
  const wire: Wire = { name, settings, faults, receive: undefined, team: [], sentAt: 0, receivedAt: 0 };
  wire.team = [wire];
  return wire;
}

export function isUp({ faults }: Wire): boolean {
  return faults.pulled === 0;
}

/** Whether the physical network takes and gives such frames here. */
export function carries(wire: Wire, vlan: number, length: number): boolean {
  return carriesVlan(wire, vlan) && length <= mtuOf(wire);
}

export function carriesVlan({ faults, settings }: Wire, vlan: number): boolean {
  return inRanges(settings.vlans, vlan) && !faults.vlans.includes(vlan);
}

export function mtuOf({ faults, settings }: Wire): number {
  return faults.mtus.length === 0 ? settings.mtu : Math.min(settings.mtu, ...faults.mtus);
}

/** How long a frame may wait for a wire, milliseconds; beyond it the buffers of interfaces and switches are full. */
const longestQueueMs = 10;

type Way = 'sentAt' | 'receivedAt';

/** Puts a frame on the wire that could go at `from`. @returns when it has gone; undefined: it was dropped. */
export function occupy(wire: Wire, way: Way, frame: Frame, from: number): number | undefined {
  const start = Math.max(from, wire[way]);
  if (start - from > longestQueueMs) return undefined;
  wire[way] = start + (bytesOf(frame) * 8000) / wire.settings.bitsPerSecond;
  return wire[way];
}

/** One of them for this pair, always the same while they are. */
export function chosen<T>(from: readonly T[], frame: Frame): T | undefined {
  return from.length < 2 ? from[0] : from[(hash(frame.src) ^ hash(frame.dst)) % from.length];
}

/** Small, even, never negative. */
export function hash(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (Math.imul(sum, 31) + text.charCodeAt(i)) & 0x3fffffff;
  return sum;
}
