import type { Sight, Surroundings } from '../../ports/surroundings.ts';
import { hasFault, machineOf, runningMachine, type Machine, type WorldCore } from './machine.ts';
import { sensesOf } from './senses.ts';

/** What a simulated host finds out about what is around it. What is to answer is where the operators are. */
export function surroundingsPort(core: WorldCore, host: string): Surroundings {
  return {
    look: async (addresses) => sightOf(core, runningMachine(core, host), addresses),
    changes: (signal) => machineOf(core, host).surroundings.read(signal),
  };
}

function sightOf(core: WorldCore, machine: Machine, addresses: readonly string[]): Sight {
  const senses = sensesOf(core, machine.name);
  const shared = [...machine.attached.values()].filter(({ type }) => type === 'SharedDirectory');
  return {
    hearsPeers: senses?.hearsPeers() === true,
    isAnswered: addresses.length > 0 && senses?.segment === '',
    lostDatastores: hasFault(machine, 'StoragePartition') ? shared.map(({ name }) => name) : [],
  };
}
