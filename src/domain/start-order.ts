/** Which VMs start before a VM, and how long it waits for them. Pure. */
import { guestAlive, startAfterOf, type StartAfter, type VirtualMachine } from '../api/virtual-machine.ts';
import { parseDuration, parseTime } from '../base/time.ts';
import { findCondition } from '../meta/conditions.ts';

/** At most so many VMs are powered on at once on a host; more wait their turn. */
export const mostPowerOns = 32;

/** A VM that others may wait for. */
export interface Peer {
  readonly vm: VirtualMachine;
  /** Its host is heard, so that what is said of it holds now. */
  readonly isHeard: boolean;
}

/** Finds the VM of that name, in the same namespace. */
export type FindPeer = (name: string) => Peer | undefined;

const usualTimeout = '5m';

export interface StartWait {
  readonly message: string;
  /** When the next of them is waited for no more, wall clock in milliseconds. */
  readonly until: number;
}

/** For whom `vm` waits still, having waited since `status.startWaitsSince`, or from now on. */
export function startWait(vm: VirtualMachine, peer: FindPeer, now: number): StartWait | undefined {
  const pending = missing(vm, peer).filter((term) => deadlineOf(vm, term, now) > now);
  if (pending.length === 0) return undefined;
  const words = pending.map((term) => `VM ${term.virtualMachine}, which is not ${stateOf(term)}`).join(', and ');
  const until = Math.min(...pending.map((term) => deadlineOf(vm, term, now)));
  return { message: `starts after ${words} (spec.availability.startAfter)`, until };
}

/** Those without which it starts, since it has waited for them long enough. */
export function givenUp(vm: VirtualMachine, peer: FindPeer): string[] {
  return missing(vm, peer).map(({ virtualMachine }) => virtualMachine);
}

function missing(vm: VirtualMachine, peer: FindPeer): StartAfter[] {
  return startAfterOf(vm).filter((term) => !isMet(term, peer(term.virtualMachine)));
}

function deadlineOf({ status }: VirtualMachine, { timeout = usualTimeout }: StartAfter, now: number): number {
  return (parseTime(status.startWaitsSince) ?? now) + parseDuration(timeout);
}

function isMet(term: StartAfter, peer: Peer | undefined): boolean {
  if (peer?.isHeard !== true) return false;
  const said = findCondition(peer.vm.status.conditions, guestAlive);
  if (said === undefined) return false;
  return term.until === 'PoweredOn' ? said.status !== 'Unknown' && said.reason !== 'NotRunning' : said.status === 'True';
}

function stateOf({ until }: StartAfter): string {
  return until === 'PoweredOn' ? 'powered on' : 'alive';
}

/** The VMs that wait for each other, `vm` among them, from it on; undefined: it waits for nobody who waits for it. The shortest such circle. */
export function startCycle(vm: VirtualMachine, peer: FindPeer): string[] | undefined {
  const own = vm.metadata.name;
  const paths: (readonly string[])[] = [[own]];
  const known = new Set<string>();
  for (const path of paths) {
    const last = path.at(-1) ?? own;
    const at = path.length === 1 ? vm : peer(last)?.vm;
    for (const { virtualMachine: next } of at === undefined ? [] : startAfterOf(at)) {
      if (next === own) return [...path];
      if (known.has(next)) continue;
      known.add(next);
      paths.push([...path, next]);
    }
  }
  return undefined;
}

/** `web starts after db, db after web`. */
export function cycleWords(cycle: readonly string[]): string {
  const steps = cycle.map((name, index) => `${name} after ${cycle[(index + 1) % cycle.length] ?? name}`);
  return `VMs wait for each other and never start (spec.availability.startAfter): ${steps.join(', ')}`;
}
