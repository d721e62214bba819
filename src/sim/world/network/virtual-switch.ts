import type { EffectivePort, HostSwitch, PortId, PortVlan } from '../../../api/effective-port.ts';
import type { Connections } from './connections.ts';
import type { Fabric } from './fabric.ts';
import type { Firewall } from './firewall.ts';
import type { Frame, Mac } from './frame.ts';
import type { GuestNic } from './guest-nic.ts';
import type { Bucket } from './shaper.ts';
import type { Identity } from './spoofing.ts';
import type { Ticks } from './ticks.ts';
import { takes } from './vlans.ts';
import { hash, chosen, isUp, type Wire } from './wire.ts';

export type MutableCounters = {
  -readonly [K in 'receivedFrames' | 'receivedBytes' | 'sentFrames' | 'sentBytes' | 'droppedFrames']: number;
};

/** A port as it works on one host. */
export interface VirtualPort {
  readonly id: PortId;
  config: EffectivePort;
  vlan: PortVlan;
  identity: Identity;
  firewall: Firewall | undefined;
  connections: Connections;
  ingress: Bucket | undefined;
  egress: Bucket | undefined;
  readonly counters: MutableCounters;
  /** How many copies each mirror session has made. */
  readonly copies: Map<string, number>;
  /** In which VLANs a trunk's guest talks. */
  readonly vlans: Set<number>;
  /** Frames since the last that was looked at for flow export. */
  unsampled: number;
  /** The guest's NIC while the guest runs here. */
  nic: GuestNic | undefined;
  /** What it goes out by, when that is one for all its frames. */
  uplink: Uplink | undefined;
  /** Its guest is on its way here, or has left: what it counted stands elsewhere. */
  elsewhere: boolean;
}

export interface Uplink {
  readonly name: string;
  readonly wire: Wire;
}

/** What a host's switches share. */
export interface SwitchHost {
  readonly name: string;
  /** The host's own, as the end of tunnels. */
  readonly mac: Mac;
  readonly ticks: Ticks;
  readonly fabric: Fabric;
}

interface Learned {
  readonly port: VirtualPort;
  /** When it was heard last, milliseconds. */
  readonly at: number;
}

interface Members {
  readonly all: readonly VirtualPort[];
  readonly promiscuous: readonly VirtualPort[];
}

/** One switch as it works on one host. */
export interface VirtualSwitch {
  readonly host: SwitchHost;
  config: HostSwitch;
  uplinks: readonly Uplink[];
  /** Those of `uplinks` that work, in order. */
  usable: readonly Uplink[];
  readonly ports: Map<PortId, VirtualPort>;
  /** Who receives for a MAC: ports whose guests run. */
  readonly owners: Map<Mac, VirtualPort>;
  /** Where MACs are that guests use besides their own, by VLAN and MAC. */
  readonly learned: Map<string, Learned>;
  /** Who is in a VLAN, as far as it was asked for. */
  readonly members: Map<number, Members>;
  /** Behind which host a MAC is, by VLAN and MAC; overlays only. */
  readonly tunnels: Map<string, Mac>;
  /** On which host ports are that take copies. */
  readonly places: Map<PortId, Mac>;
}

export function newVirtualSwitch(host: SwitchHost, config: HostSwitch): VirtualSwitch {
  return {
    host,
    config,
    uplinks: [],
    usable: [],
    ports: new Map(),
    owners: new Map(),
    learned: new Map(),
    members: new Map(),
    tunnels: new Map(),
    places: new Map(),
  };
}

export function membersOf({ config, members, ports }: VirtualSwitch, vlan: number): Members {
  const known = members.get(vlan);
  if (known !== undefined) return known;
  const all = [...ports.values()].filter((port) => port.nic !== undefined && takes(port.vlan, vlan, config));
  const made = { all, promiscuous: all.filter((port) => port.config.security.promiscuous) };
  members.set(vlan, made);
  return made;
}

/** Who receives for a MAC in a VLAN, if somebody here does. */
export function ownerOf(of: VirtualSwitch, vlan: number, mac: Mac): VirtualPort | undefined {
  const owner = of.owners.get(mac) ?? of.learned.get(inVlan(vlan, mac))?.port;
  return owner !== undefined && takes(owner.vlan, vlan, of.config) ? owner : undefined;
}

/** After that a frame with a MAC that was learned here is not an echo any more, but somebody who has moved away. */
const echoMs = 1000;

/** Whether a frame that came in was sent from here: so it is where two cables lead to a network that does not know that they lead to one switch. */
export function isEcho(of: VirtualSwitch, vlan: number, mac: Mac): boolean {
  if (of.owners.has(mac)) return true;
  const key = inVlan(vlan, mac);
  const learned = of.learned.get(key);
  if (learned === undefined) return false;
  if (of.host.ticks.now() - learned.at < echoMs) return true;
  of.learned.delete(key);
  return false;
}

export function inVlan(vlan: number, mac: Mac): string {
  return `${vlan} ${mac}`;
}

/** What goes out by which uplink, when it is said by whom it is sent. With LACP each pair of MACs has its own. */
export function uplinkOf({ config, usable }: VirtualSwitch, mac: Mac): Uplink | undefined {
  return config.teaming === 'SourceMAC' ? usable[hash(mac) % usable.length] : usable[0];
}

export function uplinkFor(of: VirtualSwitch, from: VirtualPort | undefined, frame: Frame): Uplink | undefined {
  if (of.config.teaming === 'LACP') return chosen(of.usable, frame);
  return from === undefined ? uplinkOf(of, frame.src) : from.uplink;
}

/** The uplinks that work now: their wires are up, and both ends agree on whether several are one. */
export function workingUplinks({ config, uplinks }: VirtualSwitch): Uplink[] {
  return uplinks.filter(({ wire }) => isUp(wire) && (config.teaming !== 'LACP' || wire.settings.lacp));
}
