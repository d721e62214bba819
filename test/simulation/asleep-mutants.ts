/** Guards of VMs that sleep while their hosts die. */
import type { Mutant } from './mutant.ts';

export const asleepMutants: readonly Mutant[] = [
  {
    name: 'sleep-is-forgotten',
    guard: 'a VM that slept goes on from its memory, not from its disks',
    file: 'src/domain/life.ts',
    find: 'sleeper === undefined ? fresh : wakingAs(fresh, sleeper)',
    replace: 'sleeper === undefined || ready !== undefined ? fresh : wakingAs(fresh, sleeper)',
  },
  {
    name: 'wakes-or-starts',
    guard: 'only where there is no memory for certain a VM that slept starts from its disks',
    file: 'src/agent/carry-out.ts',
    find: "if (!isPortError(error, 'MemoryLost')) throw error;",
    replace: 'if (!isPortError(error)) throw error;',
  },
];
