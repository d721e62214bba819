import type { SimulatedHost } from '../../ports/world.ts';
import { hasFault, type Machine } from './machine.ts';

/** Bytes a second that a host can send, and receive at the same time. */
export function capacityOf(hardware: SimulatedHost | undefined, machine: Machine | undefined): number {
  if (hardware === undefined || machine?.up !== true || machine.hung || hasFault(machine, 'MigrationPartition')) return 0;
  return hardware.nicBitsPerSecond / (hasFault(machine, 'SlowLink') ? 80 : 8);
}
