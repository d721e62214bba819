import { PortError } from '../../../ports/errors.ts';
import type { WorldFault } from '../../../ports/world.ts';
import { hardwareOf, machineOf, type WorldCore } from '../machine.ts';
import { wiresChanged } from './hooks.ts';
import type { Wire } from './wire.ts';

export type WireFault = Extract<WorldFault, { readonly type: 'LinkDown' | 'VLANMissing' | 'SmallMTU' }>;

export function isWireFault(fault: WorldFault): fault is WireFault {
  return fault.type === 'LinkDown' || fault.type === 'VLANMissing' || fault.type === 'SmallMTU';
}

/** Lets it begin. @returns how it ends. @throws {PortError} NotFound. */
export function spoilWires(core: WorldCore, fault: WireFault): () => void {
  const machine = machineOf(core, fault.host);
  const wires = wiresOf(core, fault);
  const settle = (): void => {
    if (core.machines.get(machine.name) === machine) wiresChanged(core, machine);
  };
  for (const wire of wires) spoil(wire, fault);
  settle();
  return () => {
    for (const wire of wires) mend(wire, fault);
    settle();
  };
}

function wiresOf(core: WorldCore, fault: WireFault): Wire[] {
  const wires = core.network.wiresOf(hardwareOf(core, fault.host));
  if (fault.type !== 'LinkDown') return [...wires.values()];
  const wire = wires.get(fault.nic);
  if (wire === undefined) throw new PortError('NotFound', `host ${fault.host} has no interface ${fault.nic}`);
  return [wire];
}

function spoil({ faults }: Wire, fault: WireFault): void {
  if (fault.type === 'LinkDown') faults.pulled++;
  else if (fault.type === 'VLANMissing') faults.vlans.push(fault.vlan);
  else faults.mtus.push(fault.mtu);
}

function mend({ faults }: Wire, fault: WireFault): void {
  if (fault.type === 'LinkDown') faults.pulled--;
  else if (fault.type === 'VLANMissing') faults.vlans.splice(faults.vlans.indexOf(fault.vlan), 1);
  else faults.mtus.splice(faults.mtus.indexOf(fault.mtu), 1);
}
