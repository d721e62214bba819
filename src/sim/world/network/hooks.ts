/** What the rest of the world tells the network: of hosts and guests that come and go. */
import type { PortState } from '../../../api/effective-port.ts';
import type { GuestId } from '../../../ports/guests.ts';
import type { GuestRun } from '../guest-run.ts';
import { hardwareOf, type Machine, type WorldCore } from '../machine.ts';
import { switchesOn } from '../state.ts';
import { announce } from './announce.ts';
import { configurePlane } from './configure.ts';
import { giveStates, guestDown, guestLeft, guestUp, hostMac, linksChanged, portsOf, takeStates, type HostPlane } from './host-plane.ts';
import { settleManagement } from './management-path.ts';
import { knowsEngine } from './troubles.ts';

/** Makes the host's switches what was applied last. */
export function settleSwitches(core: WorldCore, machine: Machine): void {
  const configuration = switchesOn(core.state, machine.name);
  const plane = core.network.planes.get(machine.name);
  if (!machine.up || (plane === undefined && configuration.switches.length === 0)) return;
  const switches = configuration.switches.filter((one) => knowsEngine(core, one));
  configurePlane(plane ?? newPlane(core, machine), { ...configuration, switches });
  settleManagement(core, machine);
}

function newPlane(core: WorldCore, machine: Machine): HostPlane {
  const { name, runs } = machine;
  const plane: HostPlane = {
    name,
    mac: hostMac(name),
    ticks: core.network.ticks,
    fabric: core.network.fabric,
    wires: core.network.wiresOf(hardwareOf(core, name)),
    switches: new Map(),
    arrived: new Map(),
    chatter: () => core.state.hosts.get(name)?.guestChatter,
    running: (guest) => {
      const nics = runs.get(guest)?.nics;
      return nics?.mute === true ? undefined : nics;
    },
  };
  core.network.planes.set(name, plane);
  return plane;
}

/** The host has power and has booted: its switches begin as they were kept. */
export function powerCame(core: WorldCore, machine: Machine): void {
  settleSwitches(core, machine);
  settleManagement(core, machine);
}

/** The host's power went: of its switches, what is on its disk is left. */
export function powerWent(core: WorldCore, { name }: Machine): void {
  const { network } = core;
  for (const wire of network.knownWiresOf(name).values()) {
    wire.receive = undefined;
    wire.team = [wire];
  }
  network.planes.delete(name);
  network.fabric.changed();
}

/** It has other interfaces, or they are plugged in otherwise. */
export function hardwareChanged(core: WorldCore, machine: Machine): void {
  if (core.network.knownWiresOf(machine.name).size === 0) return;
  core.network.wiresOf(hardwareOf(core, machine.name));
  settleSwitches(core, machine);
  wiresChanged(core, machine);
}

/** To be called when something about the host's wires changed. */
export function wiresChanged(core: WorldCore, machine: Machine): void {
  const plane = core.network.planes.get(machine.name);
  if (plane !== undefined) linksChanged(plane);
  settleManagement(core, machine);
}

/** The guest runs on the machine, from now on or again. */
export function guestRuns(core: WorldCore, machine: Machine, run: GuestRun): void {
  run.nics.body = run;
  const plane = core.network.planes.get(machine.name);
  if (plane !== undefined) guestUp(plane, run.spec.id);
  run.nics.awaken();
}

/** It does not run there any more, for now or for good. */
export function guestStands(core: WorldCore, machine: Machine, { spec }: GuestRun): void {
  const plane = core.network.planes.get(machine.name);
  if (plane !== undefined) guestDown(plane, spec.id);
}

/** It has booted: what asked for its addresses before got no answer. */
export function guestBooted(core: WorldCore, machine: Machine, run: GuestRun): void {
  const plane = core.network.planes.get(machine.name);
  if (plane === undefined) return;
  for (const [of, port] of portsOf(plane, run.spec.id)) announce(of, port);
}

/** What its ports have goes from one hypervisor to the other. The guest stands still. */
export function carryPorts(core: WorldCore, from: { readonly machine: Machine; readonly id: GuestId }, to: typeof from): void {
  givePorts(core, to.machine, to.id, portStates(core, from.machine, from.id));
}

/** What its ports have now. */
export function portStates(core: WorldCore, machine: Machine, id: GuestId): readonly PortState[] {
  const plane = core.network.planes.get(machine.name);
  return plane === undefined ? [] : takeStates(plane, id);
}

/** What its ports are to have once it runs here. */
export function givePorts(core: WorldCore, machine: Machine, id: GuestId, states: readonly PortState[]): void {
  if (states.length > 0) giveStates(core.network.planes.get(machine.name) ?? newPlane(core, machine), id, states);
}

/** What came for a guest is worth nothing. */
export function forgetPorts(core: WorldCore, machine: Machine, id: GuestId): void {
  core.network.planes.get(machine.name)?.arrived.delete(id);
}

/** The guest was handed over. */
export function portsLeft(core: WorldCore, machine: Machine, id: GuestId): void {
  const plane = core.network.planes.get(machine.name);
  if (plane !== undefined) guestLeft(plane, id);
}
