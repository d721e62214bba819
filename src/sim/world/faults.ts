import { PortError } from '../../ports/errors.ts';
import type { Setting } from '../../api/setting.ts';
import type { WorldFault } from '../../ports/world.ts';
import { setOn } from './host-settings/port.ts';
import type { GuestRun } from './guest-run.ts';
import { machineOf, type Machine, type WorldCore } from './machine.ts';
import { isWireFault, spoilWires, type WireFault } from './network/wire-faults.ts';

type HostFault = Exclude<Extract<WorldFault, { readonly host: string }>, WireFault | { readonly type: 'Drift' }>;
type GuestFault = Extract<WorldFault, { readonly vm: unknown }>;

/**
 * Lets the fault begin. Faults of a kind on one target are counted: the target is well again when the last has ended.
 * @param settle is called after each change to a machine's faults.
 * @returns how it ends; ending it again does nothing.
 * @throws {PortError} NotFound.
 */
export function begin(core: WorldCore, fault: WorldFault, settle: (machine: Machine) => void): () => void {
  if (isWireFault(fault)) return once(spoilWires(core, fault));
  if (fault.type === 'Drift') return drift(core, fault.host, settle);
  return fault.type === 'GuestHang' ? hangGuests(core, fault) : failHost(core, fault, settle);
}

/** By hand, and past everybody who keeps order. There is nothing to end. */
function drift(core: WorldCore, host: string, settle: (machine: Machine) => void): () => void {
  const machine = machineOf(core, host);
  for (const setting of byHand) setOn(core, machine, setting, settle).catch(() => undefined);
  return () => undefined;
}

const byHand: readonly Setting[] = [
  { family: 'sysctl', key: 'vm.swappiness', value: '100' },
  { family: 'files', key: '/etc/motd', value: { mode: '0644', contents: 'was here\n' } },
];

function failHost(core: WorldCore, { host, type }: HostFault, settle: (machine: Machine) => void): () => void {
  const machine = machineOf(core, host);
  const add = (count: number): void => {
    machine.faults.set(type, (machine.faults.get(type) ?? 0) + count);
    settle(machine);
  };
  add(1);
  return once(() => {
    if (core.machines.get(host) === machine) add(-1);
  });
}

/** What runs of the VM now; when it is started anew, that is another guest, and well. */
function hangGuests(core: WorldCore, { vm }: GuestFault): () => void {
  /** Goes along with a guest that moves. */
  const cause = { vm };
  const hung = guestsWhere(core, ({ spec }) => spec.vm.namespace === vm.namespace && spec.vm.name === vm.name);
  if (hung.length === 0) throw new PortError('NotFound', `no guest of VM ${vm.namespace}/${vm.name} runs`);
  for (const { machine, run } of hung) {
    run.hang(cause);
    tell(core, machine, run, 'Hung');
  }
  return once(() => {
    for (const { machine, run } of guestsWhere(core, (run) => run.causes().has(cause))) {
      run.recover(cause);
      tell(core, machine, run, 'Recovered');
    }
  });
}

function guestsWhere(core: WorldCore, which: (run: GuestRun) => boolean): { machine: Machine; run: GuestRun }[] {
  return [...core.machines.values()].flatMap((machine) =>
    [...machine.runs.values(), ...machine.standing.values()].filter(which).map((run) => ({ machine, run })),
  );
}

function tell(core: WorldCore, machine: Machine, run: GuestRun, type: 'Hung' | 'Recovered'): void {
  machine.events.push({ id: run.spec.id, type });
  core.changed(machine.name);
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act();
  };
}
