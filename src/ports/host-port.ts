import type { Baseline } from '../api/cpu.ts';
import type { Datastores } from './datastores.ts';
import type { FaultTolerance } from './fault-tolerance.ts';
import type { Guests } from './guests.ts';
import type { Moves } from './moves.ts';
import type { Settings } from './settings.ts';
import type { Surroundings } from './surroundings.ts';
import type { Switching } from './switching.ts';

/** One host, as its agent has it. Simulated hosts and QEMU stand behind it alike. */
export interface HostPort {
  readonly guests: Guests;
  readonly datastores: Datastores;
  readonly moves: Moves;
  readonly protection: FaultTolerance;
  readonly switching: Switching;
  readonly settings: Settings;
  readonly surroundings: Surroundings;
  inventory(): Promise<Inventory>;
}

export interface Inventory {
  readonly cores: number;
  /** What is left to guests. */
  readonly memoryBytes: number;
  /** The highest level of CPU features that its processors have. */
  readonly baseline: Baseline;
  /** Wall clock of the host's last boot, milliseconds. */
  readonly bootedAt: number;
  /** Another one at each boot, whatever the clock says. */
  readonly bootId: string;
}
