import { equal } from '../../../base/equal.ts';
import type { EffectivePort, PortCounters, PortId, SwitchConfiguration } from '../../../api/effective-port.ts';
import { PortError } from '../../../ports/errors.ts';
import type { Switching } from '../../../ports/switching.ts';
import { runningMachine, type WorldCore } from '../machine.ts';
import { switchesOn } from '../state.ts';
import { mostOf, noCounters } from './counters.ts';
import { knowsEngine, troublesOf } from './troubles.ts';

/** The virtual switches of a simulated host. */
export function switchingPort(core: WorldCore, host: string): Switching {
  return {
    apply: async (configuration) => {
      runningMachine(core, host);
      await keep(core, host, configuration);
      return troublesOf(core, host, configuration);
    },
    applied: async () => {
      runningMachine(core, host);
      await core.settled();
      return switchesOn(core.state, host);
    },
    counters: async () => {
      const { counters } = runningMachine(core, host);
      return portsInForce(core, host).map(({ id }) => ({ id, ...(counters.get(id) ?? noCounters) }));
    },
    resume: async (id, counters) => {
      resume(core, host, id, counters);
    },
    check: async (name) => {
      runningMachine(core, host);
      if (!switchesOn(core.state, host).switches.some((one) => one.name === name))
        throw new PortError('NotFound', `there is no switch ${name} on host ${host}`);
      return [];
    },
  };
}

/** A port of a switch that is not there does nothing. */
function portsInForce(core: WorldCore, host: string): readonly EffectivePort[] {
  const { ports, switches } = switchesOn(core.state, host);
  const names = new Set(switches.filter((one) => knowsEngine(core, one)).map(({ name }) => name));
  return ports.filter((port) => names.has(port.switch));
}

async function keep(core: WorldCore, host: string, configuration: SwitchConfiguration): Promise<void> {
  if (equal(switchesOn(core.state, host), configuration)) return core.settled();
  return core.commit({ type: 'SwitchesApplied', host, configuration });
}

function resume(core: WorldCore, host: string, id: PortId, counters: PortCounters): void {
  const machine = runningMachine(core, host);
  if (!switchesOn(core.state, host).ports.some((port) => port.id === id))
    throw new PortError('NotFound', `there is no port ${id} on host ${host}`);
  machine.counters.set(id, mostOf(machine.counters.get(id) ?? noCounters, counters));
}
