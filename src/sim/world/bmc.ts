import { PortError } from '../../ports/errors.ts';
import type { Bmc, Power } from '../../ports/power.ts';
import { hasFault, type Machine, type WorldCore } from './machine.ts';

/** Where the BMC of a simulated host is. */
export function bmcOf(host: string): Bmc {
  return { protocol: 'Redfish', address: `${host}.bmc.simulated`, port: 443 };
}

/** The BMCs of all hosts. @param settle makes a machine what it is asked to be. */
export function powerPort(core: WorldCore, settle: (machine: Machine) => void): Power {
  return {
    state: async (bmc) => ((await answering(core, bmc)).powered ? 'On' : 'Off'),
    set: async (bmc, to) => {
      const machine = await answering(core, bmc);
      if (to === 'On' && hasFault(machine, 'PowerLoss')) throw new PortError('Failed', `host ${machine.name} gets no power`);
      machine.heldOff = to === 'Off';
      settle(machine);
      // Guests that end with their host's power are in the journal before anybody is told.
      await core.settled();
    },
  };
}

/** What is asked is done at the moment of the answer. @throws {PortError} Unreachable. */
async function answering(core: WorldCore, bmc: Bmc): Promise<Machine> {
  const { clock, random } = core.runtime;
  const { bmcAnswerMs, bmcTimeoutMs } = core.settings;
  const machine = [...core.machines.values()].find(({ name }) => bmcOf(name).address === bmc.address);
  if (machine === undefined || hasFault(machine, 'BMCFailure')) {
    await clock.sleep(bmcTimeoutMs);
    throw new PortError('Unreachable', `the BMC at ${bmc.address} does not answer`);
  }
  await clock.sleep(bmcAnswerMs.from + random.integer(bmcAnswerMs.to - bmcAnswerMs.from + 1));
  if (hasFault(machine, 'BMCFailure') || core.machines.get(machine.name) !== machine)
    throw new PortError('Unreachable', `the BMC at ${bmc.address} does not answer any more`);
  return machine;
}
