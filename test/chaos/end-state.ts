/** What is left in the end, without what each run chooses for itself: uids, versions, times, and which host took which VM. */
import type { VirtualMachine } from '../../src/api/virtual-machine.ts';
import { findCondition } from '../../src/meta/conditions.ts';
import type { Book } from '../simulation/book.ts';
import type { User } from '../simulation/user.ts';
import type { View } from './view.ts';

/** By `vm NAME`, `host NAME` and the like, in words. */
export type EndState = Readonly<Record<string, string>>;

export function endState(view: View, book: Book, user: User): EndState {
  const state: Record<string, string> = {};
  for (const [index, want] of user.wanted.entries()) {
    if (want.version === 0) continue;
    const name = user.nameOf(index);
    const vm = view.vm(name);
    const about = vm === undefined ? 'absent' : aboutVm(view, book, vm);
    // Whether it slept before it is to sleep hangs on how far it had come: both are what was wished.
    const asleep = vm?.spec.powerState === 'Suspended';
    state[`vm ${name}`] = `${about}; instances: ${asleep ? 'asleep' : instancesOf(view, name)}; guests: ${guestsOf(book, name)}`;
  }
  for (const host of view.hosts()) {
    const ready = findCondition(host.status.conditions, 'Ready');
    state[`host ${host.metadata.name}`] =
      `${host.status.phase ?? '-'}, Ready=${ready?.status ?? '-'} ${ready?.reason ?? ''}, node ${view.node(host.metadata.name) === undefined ? 'gone' : 'there'}`;
  }
  return state;
}

function aboutVm({ instances }: View, { volumes }: Book, { metadata, spec, status }: VirtualMachine): string {
  const { nextRestartTime, ...wished } = spec;
  const said = JSON.stringify({ labels: metadata.labels, ...wished });
  const asked = nextRestartTime === undefined ? '' : ', restarted';
  if (spec.powerState !== 'PoweredOn') return `${said}${asked}`;
  const ready = findCondition(status.conditions, 'Ready');
  const mine = [...volumes].filter((volume) => volume.includes(`/${metadata.name}/`) && !volume.includes('/_'));
  const disks = mine.map((volume) => volume.replace(/@\S*/, '')).sort();
  const memory = instances().find((one) => one.spec.virtualMachine === metadata.name)?.spec.memory.size;
  return `${said}${asked}; ${status.phase ?? '-'}, Ready=${ready?.status ?? '-'} ${ready?.reason ?? ''}; disks: ${disks.join(', ')}; memory: ${String(memory)}`;
}

function instancesOf(view: View, name: string): string {
  const mine = view.instances().filter(({ spec }) => spec.virtualMachine === name);
  return mine.map(({ spec, status }) => `${spec.powerState}/${status.phase ?? '-'}`).join(', ');
}

function guestsOf(book: Book, name: string): string {
  return book
    .named(name)
    .filter(({ state }) => state === 'Running')
    .map(({ state }) => state)
    .join(', ');
}

/** Where two ends are not the same. */
export function differences(as: EndState, is: EndState): string[] {
  const keys = [...new Set([...Object.keys(as), ...Object.keys(is)])].sort();
  return keys.flatMap((key) =>
    as[key] === is[key] ? [] : [`${key}\n      without faults: ${as[key] ?? 'absent'}\n      with faults:    ${is[key] ?? 'absent'}`],
  );
}
