import type { PortCounters, PortId } from '../../../api/effective-port.ts';
import { equal } from '../../../base/equal.ts';
import { PortError } from '../../../ports/errors.ts';
import type { Switching } from '../../../ports/switching.ts';
import { runningMachine, type WorldCore } from '../machine.ts';
import { guestsOn, switchesOn } from '../state.ts';
import { lookAt } from './check.ts';
import { mostOf } from './counters.ts';
import { settleSwitches } from './hooks.ts';
import { portsOf } from './host-plane.ts';
import { troublesOf } from './troubles.ts';
import type { VirtualPort } from './virtual-switch.ts';

/** How long a look at the wires waits for what comes back, milliseconds. */
const lookMs = 10;

/** The virtual switches of a simulated host. */
export function switchingPort(core: WorldCore, host: string): Switching {
  return {
    apply: async (configuration) => {
      const machine = runningMachine(core, host);
      if (equal(switchesOn(core.state, host), configuration)) await core.settled();
      else {
        const durable = core.commit({ type: 'SwitchesApplied', host, configuration });
        settleSwitches(core, machine);
        await durable;
      }
      return troublesOf(core, host, configuration);
    },
    applied: async () => {
      runningMachine(core, host);
      await core.settled();
      return switchesOn(core.state, host);
    },
    counters: async () => {
      runningMachine(core, host);
      return portsHere(core, host).map(({ counters, id }) => ({ id, ...counters }));
    },
    resume: async (id, counters) => {
      runningMachine(core, host);
      resume(core, host, id, counters);
    },
    check: async (name) => {
      runningMachine(core, host);
      const plane = core.network.planes.get(host);
      const of = plane?.switches.get(name);
      if (plane === undefined || of === undefined) throw new PortError('NotFound', `there is no switch ${name} on host ${host}`);
      await core.runtime.clock.sleep(lookMs);
      return lookAt(plane, of);
    },
  };
}

/** Those whose guests are not on their way here, and have not left. */
function portsHere(core: WorldCore, host: string): VirtualPort[] {
  const plane = core.network.planes.get(host);
  const guests = guestsOn(core.state, host);
  return [...(plane === undefined ? [] : portsOf(plane))].flatMap(([, port]) => {
    const state = guests.get(port.config.guest)?.state;
    return port.elsewhere || state === 'Incoming' || state === 'Received' || state === 'Shadow' ? [] : [port];
  });
}

function resume(core: WorldCore, host: string, id: PortId, counters: PortCounters): void {
  const plane = core.network.planes.get(host);
  const found = [...(plane === undefined ? [] : portsOf(plane))].find(([, port]) => port.id === id);
  if (found === undefined) throw new PortError('NotFound', `there is no port ${id} on host ${host}`);
  const [, port] = found;
  Object.assign(port.counters, mostOf(port.counters, counters));
}
