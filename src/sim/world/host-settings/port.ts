import type { Setting } from '../../../api/setting.ts';
import { equal } from '../../../base/equal.ts';
import { PortError } from '../../../ports/errors.ts';
import type { Reading, Settings } from '../../../ports/settings.ts';
import { runningMachine, type Machine, type WorldCore } from '../machine.ts';
import { cutPower } from '../power.ts';
import { notesOn } from '../state.ts';
import { changedOn, valueOf } from './held.ts';
import { refusalOf, unknownHere } from './refusals.ts';

/** From the word to the power being off, milliseconds: services end, disks are unmounted. */
const goingDownMs = 5_000;

/** The settings of a simulated host. @param settle makes the machine what it should be, after each change that concerns it. */
export function settingsPort(core: WorldCore, host: string, settle: (machine: Machine) => void): Settings {
  const running = (): Machine => runningMachine(core, host);
  return {
    read: async (refs) => {
      running();
      await core.settled();
      return refs.map((ref): Reading => {
        const refused = unknownHere(core, host, ref);
        return refused === undefined ? { ...ref, value: valueOf(core, host, ref) } : { ...ref, refused };
      });
    },
    changed: async () => {
      running();
      return changedOn(core, host);
    },
    refusal: async (setting) => {
      running();
      return refusalOf(core, host, setting);
    },
    write: async (setting) => {
      const machine = running();
      const refused = refusalOf(core, host, setting);
      if (refused !== undefined)
        throw new PortError(unknownHere(core, host, setting) === undefined ? 'Failed' : 'NotFound', `${setting.family}: ${refused}`);
      await setOn(core, machine, setting, settle);
    },
    reboot: () => {
      reboot(core, running(), settle);
      return new Promise(() => undefined);
    },
    keep: async (name, text) => {
      running();
      if (notesOn(core.state, host).get(name) === text) return core.settled();
      return core.commit({ type: 'NoteKept', host, name, ...(text === undefined ? {} : { text }) });
    },
    kept: async (name) => {
      running();
      await core.settled();
      return notesOn(core.state, host).get(name);
    },
    changes: (signal) => running().settings.read(signal),
  };
}

/** Makes a setting of the host so, whoever wants it. Settles when it is durable. */
export async function setOn(core: WorldCore, machine: Machine, setting: Setting, settle: (machine: Machine) => void): Promise<void> {
  const { family, key, value } = setting;
  if (equal(valueOf(core, machine.name, setting), value)) return core.settled();
  const durable = core.commit({ type: 'SettingWritten', host: machine.name, family, key, value });
  machine.settings.push({ family, key });
  settle(machine);
  await durable;
}

function reboot(core: WorldCore, machine: Machine, settle: (machine: Machine) => void): void {
  cutPower(core, machine);
  core.changed(machine.name);
  core.runtime.clock.sleep(goingDownMs, core.runtime.stopping).then(
    () => {
      if (core.machines.get(machine.name) === machine) settle(machine);
    },
    () => undefined,
  );
}
