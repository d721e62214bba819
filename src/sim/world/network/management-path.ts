import { cutBy } from '../host-settings/reach.ts';
import { hasFault, type Machine, type WorldCore } from '../machine.ts';
import { usualManagement } from './nics.ts';
import type { VirtualSwitch } from './virtual-switch.ts';
import { carries, isUp, type Wire } from './wire.ts';

/** Cuts the agent's way to the API, or mends it. */
export function settleManagement(core: WorldCore, machine: Machine): void {
  const isCut = hasFault(machine, 'ManagementPartition') || cutBy(core, machine.name) !== undefined || !isReached(core, machine);
  if (isCut === machine.management.broken()) return;
  if (isCut) machine.management.break();
  else machine.management.mend();
  core.changed(machine.name);
}

/** Whether the host's own interface gets its frames through. A host whose management interface is none of these has a network of its own for it. */
function isReached(core: WorldCore, machine: Machine): boolean {
  const { managementNic = usualManagement } = core.state.hosts.get(machine.name) ?? {};
  const switches = [...(core.network.planes.get(machine.name)?.switches.values() ?? [])];
  const own = switches.find(({ config }) => config.managementVlan !== undefined);
  if (own !== undefined) return throughSwitch(own);
  const wire = core.network.knownWiresOf(machine.name).get(managementNic);
  if (wire === undefined) return true;
  // An interface that a switch has is the host's no more: what the host itself sends goes through the switch.
  const of = switches.find(({ uplinks }) => uplinks.some((uplink) => uplink.wire === wire));
  return of === undefined ? isUp(wire) : throughSwitch(of);
}

/** Its large frames too: a connection that loses those stands still. */
function throughSwitch({ config, usable }: VirtualSwitch): boolean {
  const get = (wire: Wire): boolean => carries(wire, config.managementVlan ?? 0, config.mtu);
  const [first] = usable;
  if (first === undefined) return false;
  return config.teaming === 'ActiveStandby' ? get(first.wire) : usable.every(({ wire }) => get(wire));
}
