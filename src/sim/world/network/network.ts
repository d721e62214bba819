import type { SimulatedHost, SimulatedNic } from '../../../ports/world.ts';
import type { Runtime } from '../../../base/runtime.ts';
import type { Range } from '../../../api/effective-port.ts';
import type { VmKey } from '../../../ports/arbiter.ts';
import { newFabric, type Fabric } from './fabric.ts';
import type { GuestNics } from './guest-nic.ts';
import type { HostPlane } from './host-plane.ts';
import { nicsOf } from './nics.ts';
import { newOutsider, type Outsider, type OutsiderSpec } from './outside.ts';
import { newTicks, type Ticks } from './ticks.ts';
import { newWire, type Wire, type WireSettings } from './wire.ts';

/** What the physical network is, where the interfaces of a host do not say otherwise. */
export interface FabricSettings {
  readonly vlans: readonly Range[];
  readonly mtu: number;
  /** From one end to the other, besides what frames take by their size. */
  readonly delayMs: number;
  readonly lacp: boolean;
}

export const defaultFabric: FabricSettings = { vlans: [[0, 4094]], mtu: 9216, delayMs: 0.02, lacp: true };

/** All wires and switches of a world. Nothing happens in it unless somebody sends. */
export interface Network {
  readonly ticks: Ticks;
  readonly fabric: Fabric;
  /** Of the hosts that have power and switches. */
  readonly planes: Map<string, HostPlane>;
  /** What guests whose memory is in their memory files know of their interfaces, by VM. */
  readonly asleep: Map<VmKey, GuestNics>;
  /** The interfaces of a host, by name. */
  wiresOf(hardware: SimulatedHost): ReadonlyMap<string, Wire>;
  /** Those that were asked for by now. */
  knownWiresOf(host: string): ReadonlyMap<string, Wire>;
  remove(host: string): void;
  /** Somebody on the physical network who is no guest. */
  outsider(spec: OutsiderSpec): Outsider;
}

export function newNetwork(runtime: Runtime, settings: FabricSettings): Network {
  const ticks = newTicks(runtime);
  const hosts = new Map<string, Map<string, Wire>>();
  const outside: Wire[] = [];
  const wires = function* (): Generator<Wire> {
    for (const of of hosts.values()) yield* of.values();
    yield* outside;
  };
  const fabric = newFabric(ticks, wires, settings.delayMs);
  const wiresOf = (hardware: SimulatedHost): ReadonlyMap<string, Wire> => {
    const there = hosts.get(hardware.name) ?? new Map<string, Wire>();
    hosts.set(hardware.name, there);
    for (const nic of nicsOf(hardware)) {
      const set = settingsOf(settings, hardware, nic);
      const wire = there.get(nic.name);
      if (wire === undefined) there.set(nic.name, newWire(`${hardware.name}/${nic.name}`, set));
      else wire.settings = set;
    }
    return there;
  };
  return {
    ticks,
    fabric,
    planes: new Map(),
    asleep: new Map(),
    wiresOf,
    knownWiresOf: (host) => hosts.get(host) ?? new Map<string, Wire>(),
    remove: (host) => {
      hosts.delete(host);
      fabric.changed();
    },
    outsider: (spec) => {
      const wire = newWire(spec.name, { vlans: spec.vlans, mtu: settings.mtu, bitsPerSecond: Infinity, lacp: false });
      outside.push(wire);
      fabric.changed();
      const leave = (): void => {
        outside.splice(outside.indexOf(wire), 1);
        fabric.changed();
      };
      return newOutsider(spec, wire, { clock: runtime.clock, fabric, leave });
    },
  };
}

function settingsOf(fabric: FabricSettings, { nicBitsPerSecond }: SimulatedHost, nic: SimulatedNic): WireSettings {
  const { bitsPerSecond = nicBitsPerSecond, lacp = fabric.lacp, mtu = fabric.mtu, vlans = fabric.vlans } = nic;
  return { vlans, mtu, bitsPerSecond, lacp };
}
