import type { SimulatedHost } from '../../ports/world.ts';
import type { FlowSpec } from './flows.ts';
import { hasFault, type Machine } from './machine.ts';

/** Bytes a second that a host can send, and receive at the same time. */
export function capacityOf(hardware: SimulatedHost | undefined, machine: Machine | undefined): number {
  if (hardware === undefined || machine?.up !== true || machine.hung) return 0;
  return hardware.nicBitsPerSecond / (hasFault(machine, 'SlowLink') ? 80 : 8);
}

/** Whether nothing goes between the host's hypervisor and others for this use. */
export function isCutOff(machine: Machine | undefined, use: FlowSpec['use']): boolean {
  return machine !== undefined && hasFault(machine, use === 'Protection' ? 'FTPartition' : 'MigrationPartition');
}
