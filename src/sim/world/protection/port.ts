import { PortError } from '../../../ports/errors.ts';
import type { FaultTolerance } from '../../../ports/fault-tolerance.ts';
import { runningMachine, type WorldCore } from '../machine.ts';

/** How guests are kept in step with others on a simulated host. */
export function protectionPort(core: WorldCore, host: string): FaultTolerance {
  const refuse = async (): Promise<never> => {
    runningMachine(core, host);
    await core.settled();
    throw new PortError('Failed', `host ${host} cannot protect guests yet`);
  };
  return {
    protect: refuse,
    list: async () => {
      runningMachine(core, host);
      await core.settled();
      return [];
    },
    changes: (signal) => runningMachine(core, host).protections.read(signal),
    goAlone: refuse,
    goLive: refuse,
  };
}
