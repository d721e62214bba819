import type { PortId, PortState } from '../../../api/effective-port.ts';
import { hash } from './wire.ts';
import type { GuestId } from '../../../ports/guests.ts';
import type { Mac } from './frame.ts';
import type { GuestNics } from './guest-nic.ts';
import { goOnFrom, stateOf } from './virtual-port.ts';
import type { GuestChatter } from '../../../ports/world.ts';
import { startChatter } from './chatter.ts';
import { plug, settle, unplug } from './plugging.ts';
import { announce } from './announce.ts';
import { workingUplinks, type SwitchHost, type VirtualPort, type VirtualSwitch } from './virtual-switch.ts';
import type { Wire } from './wire.ts';

/** All switches of a host that has power. */
export interface HostPlane extends SwitchHost {
  /** By the name of the interface. */
  readonly wires: ReadonlyMap<string, Wire>;
  readonly switches: Map<string, VirtualSwitch>;
  /** What came along with guests, until their ports are here. */
  readonly arrived: Map<GuestId, Map<PortId, PortState>>;
  /** What its guests say by themselves. */
  chatter(): GuestChatter | undefined;
  /** The NICs of a guest that runs here. */
  running(guest: GuestId): GuestNics | undefined;
}

export function hostMac(host: string): Mac {
  const hex = hash(host).toString(16).padStart(8, '0');
  return `0a:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}:${hex.slice(6, 8)}`;
}

/** Each with its switch. */
export function* portsOf(plane: HostPlane, guest?: GuestId): Generator<[VirtualSwitch, VirtualPort]> {
  for (const of of plane.switches.values())
    for (const port of of.ports.values()) if (guest === undefined || port.config.guest === guest) yield [of, port];
}

/** The guest runs here, from now on or again. */
export function guestUp(plane: HostPlane, guest: GuestId): void {
  for (const [of, port] of portsOf(plane, guest)) connect(plane, of, port);
}

/** Joins a port with its guest, if that runs here. */
export function connect(plane: HostPlane, of: VirtualSwitch, port: VirtualPort): void {
  const { guest } = port.config;
  const nics = plane.running(guest);
  if (nics === undefined) return;
  const states = plane.arrived.get(guest);
  const state = states?.get(port.id);
  if (state !== undefined) goOnFrom(port, state);
  states?.delete(port.id);
  if (states?.size === 0) plane.arrived.delete(guest);
  plug(of, port, nics);
  const chatter = plane.chatter();
  if (chatter === undefined || port.nic === undefined || port.nic.chatters) return;
  port.nic.chatters = true;
  startChatter(port.nic, chatter);
}

/** The guest stands still here, or is gone. */
export function guestDown(plane: HostPlane, guest: GuestId): void {
  for (const [of, port] of portsOf(plane, guest)) unplug(of, port);
}

/** The guest will never run here again: what its ports counted is told where it is. */
export function guestLeft(plane: HostPlane, guest: GuestId): void {
  for (const [, port] of portsOf(plane, guest)) port.elsewhere = true;
}

/** What the ports of a guest that stands still take along. */
export function takeStates(plane: HostPlane, guest: GuestId): PortState[] {
  return [...portsOf(plane, guest)].map(([, port]) => stateOf(port));
}

/** In force once the guest runs here. */
export function giveStates(plane: HostPlane, guest: GuestId, states: readonly PortState[]): void {
  plane.arrived.set(guest, new Map(states.map((state) => [state.id, state])));
}

/** To be called when uplinks came or went, or their wires did. */
export function linksChanged(plane: HostPlane): void {
  for (const of of plane.switches.values()) refresh(of);
}

function refresh(of: VirtualSwitch): void {
  const usable = workingUplinks(of);
  const isSame = usable.length === of.usable.length && usable.every((uplink, index) => uplink === of.usable[index]);
  if (isSame) return;
  of.usable = usable;
  const team = usable.map(({ wire }) => wire);
  const wasTeam = of.uplinks.some(({ wire }) => wire.team.length > 1);
  for (const { wire } of of.uplinks) wire.team = of.config.teaming === 'LACP' && team.includes(wire) ? team : [wire];
  of.host.fabric.changed();
  for (const port of of.ports.values()) {
    const before = port.uplink;
    settle(of, port);
    if (port.nic !== undefined && (port.uplink !== before || wasTeam || of.config.teaming === 'LACP')) announce(of, port);
  }
}
