/** Makes the switches of a host what they are to be, and leaves alone what did not change. */
import type { EffectivePort, HostSwitch, SwitchConfiguration } from '../../../api/effective-port.ts';
import { equal } from '../../../base/equal.ts';
import { announce } from './announce.ts';
import { connect, linksChanged, type HostPlane } from './host-plane.ts';
import { largestNicMtu } from './nics.ts';
import { fromWire } from './pipeline.ts';
import { settle, unplug } from './plugging.ts';
import { configure, goOnFrom, newVirtualPort, stateOf } from './virtual-port.ts';
import { newVirtualSwitch, type Uplink, type VirtualPort, type VirtualSwitch } from './virtual-switch.ts';

/** @param configuration of switches whose engine is here. */
export function configurePlane(plane: HostPlane, configuration: SwitchConfiguration): void {
  const { ports, switches } = configuration;
  const wanted = new Map(switches.map((one) => [one.name, one]));
  for (const [name, of] of plane.switches) if (!wanted.has(name)) removeSwitch(plane, of);
  const changed = new Set(switches.filter((config) => configureSwitch(plane, config)).map(({ name }) => name));
  claimWires(plane, switches);
  linksChanged(plane);
  const ids = new Set(ports.map(({ id, switch: name }) => `${name} ${id}`));
  const before = new Map([...plane.switches.values()].flatMap((of) => dropPorts(of, ids)).map((port) => [port.id, port]));
  for (const config of ports) {
    const of = plane.switches.get(config.switch);
    if (of !== undefined) configurePort(plane, of, config, { isSwitchChanged: changed.has(of.config.name), before });
  }
}

/** @returns whether it was otherwise, or is new. */
function configureSwitch(plane: HostPlane, config: HostSwitch): boolean {
  const possible = { ...config, mtu: Math.min(config.mtu, largestNicMtu) };
  const there = plane.switches.get(config.name);
  if (there === undefined) plane.switches.set(config.name, newVirtualSwitch(plane, possible));
  if (there === undefined || equal(there.config, possible)) return false;
  const { teaming } = there.config;
  there.config = possible;
  // Another way of using the same uplinks: they are looked at anew.
  if (teaming !== config.teaming) there.usable = [];
  return true;
}

function removeSwitch(plane: HostPlane, of: VirtualSwitch): void {
  for (const port of of.ports.values()) unplug(of, port);
  plane.switches.delete(of.config.name);
}

/** The first switch that names an interface has it. */
function claimWires(plane: HostPlane, switches: readonly HostSwitch[]): void {
  const free = new Map(plane.wires);
  for (const { name, uplinks } of switches) {
    const of = plane.switches.get(name);
    if (of === undefined) continue;
    of.uplinks = uplinks.flatMap((wanted): Uplink[] => {
      const wire = free.get(wanted.nic);
      if (wire === undefined) return [];
      free.delete(wanted.nic);
      return [of.uplinks.find((uplink) => uplink.wire === wire && uplink.name === wanted.name) ?? { name: wanted.name, wire }];
    });
    for (const uplink of of.uplinks)
      uplink.wire.receive = (vlan, frame) => {
        fromWire(of, uplink, vlan, frame);
      };
  }
  for (const wire of free.values()) {
    wire.receive = undefined;
    wire.team = [wire];
  }
  plane.fabric.changed();
}

/** @returns what was dropped. */
function dropPorts(of: VirtualSwitch, ids: ReadonlySet<string>): VirtualPort[] {
  const gone = [...of.ports.values()].filter(({ id }) => !ids.has(`${of.config.name} ${id}`));
  for (const port of gone) {
    unplug(of, port);
    of.ports.delete(port.id);
  }
  return gone;
}

interface Circumstances {
  readonly isSwitchChanged: boolean;
  /** Ports that were dropped just now: one that comes back on another switch is the same. */
  readonly before: ReadonlyMap<string, VirtualPort>;
}

function configurePort(plane: HostPlane, of: VirtualSwitch, config: EffectivePort, { before, isSwitchChanged }: Circumstances): void {
  const there = of.ports.get(config.id);
  const now = plane.ticks.now();
  if (there === undefined) {
    const port = newVirtualPort(config, of.config, now);
    const past = before.get(config.id);
    if (past !== undefined) goOnFrom(port, stateOf(past));
    of.ports.set(port.id, port);
    connect(plane, of, port);
    return;
  }
  const past = there.config;
  if (!isSwitchChanged && equal(past, config)) return;
  if (past.guest !== config.guest || past.nic !== config.nic) unplug(of, there);
  configure(there, config, of.config, now);
  if (there.nic === undefined) {
    connect(plane, of, there);
    return;
  }
  there.nic.identity = { ...there.nic.identity, addresses: config.addresses };
  settle(of, there);
  if (!equal(placeOf(past), placeOf(config))) announce(of, there);
}

/** What others remember of a port. */
function placeOf({ addresses, blocked, mac, mirrorDestination, vlan }: EffectivePort): unknown {
  return { addresses, blocked, mac, mirrorDestination, vlan };
}
