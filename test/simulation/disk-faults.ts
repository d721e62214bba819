import { DiskFull } from '../../src/base/disk.ts';
import type { Armed } from './armed.ts';

export interface DiskFaults {
  /** To be called before and after each operation takes effect. */
  readonly onDisk: (operation: string) => void;
  readonly refuse: (operation: string) => Error | undefined;
}

/** Strikes at the server's disk: its process dies at an operation, with or without the power, or the disk refuses it. */
export function diskFaults(armed: Armed, crash: (power: 'kept' | 'lost', ms: number) => void): DiskFaults {
  let refusal: Error | undefined;
  return {
    onDisk: (operation) => {
      const strike = armed.take('server', 'server', `disk.${operation}`);
      if (strike === undefined) return;
      if (strike.kind === 'torn' || strike.kind === 'killed') crash(strike.kind === 'torn' ? 'lost' : 'kept', strike.ms);
      else refusal = strike.kind === 'no-room' ? new DiskFull() : new Error('EIO: the disk failed');
    },
    refuse: () => {
      const refused = refusal;
      refusal = undefined;
      return refused;
    },
  };
}
