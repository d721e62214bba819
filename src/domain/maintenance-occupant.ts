/** What becomes of one VM on a host that is to be empty: a chain of small questions in a fixed order. Pure. */
import { attemptAnnotation, leavesAnnotation } from '../api/host.ts';
import { evacuationOf, type VirtualMachine } from '../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { VirtualMachineMigration } from '../api/virtual-machine-migration.ts';
import { parseTime } from '../base/time.ts';
import { findCondition } from '../meta/conditions.ts';
import { ready } from '../api/common.ts';
import { isGoing, isReleased } from './instances.ts';
import { isToLeave, isToStepAside } from './maintenance-mark.ts';
import { isOver } from './moving.ts';
import { newcomerOf } from './newcomer.ts';

/** An instance on the host, and all that its leaving depends on. */
export interface Occupant {
  readonly instance: VirtualMachineInstance;
  /** Undefined when it is gone, or another has its name now. */
  readonly vm: VirtualMachine | undefined;
  /** All migrations of the VM, oldest first. */
  readonly moves: readonly VirtualMachineMigration[];
}

export interface Ask {
  /** When it is to leave, milliseconds since 1970; undefined when it may stay. */
  readonly at: number | undefined;
  /** The time is over: what cannot move is powered off. */
  readonly force: boolean;
  readonly now: number;
  /** Why the VM could start nowhere else; undefined when it could. */
  refusal(vm: VirtualMachine): string | undefined;
  /** Why another one cannot be made elsewhere in the place of a shadow; undefined when it can. */
  shadowRefusal(shadow: VirtualMachineInstance): string | undefined;
  /** Whether the agent of a host answers. */
  answers(nodeName: string): boolean;
}

export type Step =
  /** Its memory is on the host's disk, and nothing of it runs. */
  | { readonly do: 'sleep' }
  /** Nobody asks it to leave. */
  | { readonly do: 'stay' }
  /** It is on its way; or will be asked again at `at`. */
  | { readonly do: 'leave'; readonly at?: number }
  /** It would leave, and cannot yet, or never. */
  | { readonly do: 'stuck'; readonly why: string; readonly at?: number }
  /** Its move waits its turn. */
  | { readonly do: 'queue' }
  | { readonly do: 'migrate'; readonly vm: VirtualMachine; readonly attempt: number }
  | { readonly do: 'powerOff'; readonly vm: VirtualMachine }
  /** Its shadow goes on for it; or it is a shadow, and another one is made. */
  | { readonly do: 'stepAside' };

type Known = Occupant & { readonly vm: VirtualMachine };
type Question = (occupant: Known, ask: Ask) => Step | undefined;

/** The order matters: what is on its way is left alone, and nobody's word is broken for a time-out. */
const questions: readonly Question[] = [standingBy, underWay, block, force, shadowed, powerOff, localDisks, running, failedBefore, migrate];

export function stepOf(occupant: Occupant, ask: Ask): Step {
  const { instance, vm } = occupant;
  if (isAsleep(instance)) return { do: 'sleep' };
  if (isGoing(instance) || isToLeave(instance) || instance.status.phase === 'Moved') return { do: 'leave' };
  if (vm === undefined || vm.metadata.deletionTimestamp !== undefined || vm.spec.powerState !== 'PoweredOn') return { do: 'leave' };
  if (ask.at === undefined) return { do: 'stay' };
  if (ask.at > ask.now) return { do: 'leave', at: ask.at };
  for (const question of questions) {
    const step = question({ ...occupant, vm }, ask);
    if (step !== undefined) return step;
  }
  return { do: 'stay' };
}

/** Whether a guest may be on the host by it; one that is asleep is only a file. */
export function hasGuest(instance: VirtualMachineInstance): boolean {
  return !isReleased(instance) && !isAsleep(instance);
}

export function isAsleep({ spec, status }: VirtualMachineInstance): boolean {
  return spec.powerState === 'Suspended' && status.phase === 'Suspended';
}

/** Room was booked for it: its source and target are at work. */
export function hasBegun({ status }: VirtualMachineMigration): boolean {
  return status.startedAt !== undefined || status.targetInstance !== undefined;
}

/** A move that fits nowhere holds up no other. */
export function waitsForRoom({ status }: VirtualMachineMigration): string | undefined {
  const said = findCondition(status.conditions, ready);
  return said?.reason === 'NoHostFits' ? said.message : undefined;
}

/** Its VM runs elsewhere, and is not disturbed. It stays where it has nowhere to go: without it nobody would go on for the VM. */
function standingBy({ instance }: Known, ask: Ask): Step | undefined {
  const { spec, status } = instance;
  if (spec.shadowOf === undefined || ['Starting', 'Running'].includes(status.phase ?? '')) return undefined;
  const why = isToStepAside(instance) ? ask.shadowRefusal(instance) : undefined;
  if (why === undefined) return stepAside(instance);
  return { do: 'stuck', why: `the shadow of FTPair ${spec.shadowOf.pair} has nowhere else to go: ${why}` };
}

function stepAside(instance: VirtualMachineInstance): Step {
  return isToStepAside(instance) ? { do: 'leave' } : { do: 'stepAside' };
}

function underWay({ instance, moves }: Known, { force: late }: Ask): Step | undefined {
  // Its memory still arrives here: what it is to do next is known when it is there.
  if (instance.spec.origin !== undefined && ['Pending', 'Incoming', undefined].includes(instance.status.phase)) return { do: 'leave' };
  const open = moves.filter((one) => !isOver(one));
  const move = open.find(hasBegun) ?? open[0];
  if (move === undefined) return undefined;
  if (hasBegun(move)) return { do: 'leave' };
  if (late && isOurs(move)) return undefined;
  const why = waitsForRoom(move);
  return why === undefined ? { do: 'queue' } : { do: 'stuck', why };
}

function isOurs({ metadata }: VirtualMachineMigration): boolean {
  return metadata.annotations?.[leavesAnnotation] !== undefined;
}

function block({ vm }: Known): Step | undefined {
  return evacuationOf(vm) === 'Block' ? { do: 'stuck', why: 'its spec.availability.evacuation says Block' } : undefined;
}

function force({ vm }: Known, { force: late }: Ask): Step | undefined {
  return late ? { do: 'powerOff', vm } : undefined;
}

/** It goes on elsewhere at once, whatever else it would do. */
function shadowed({ instance }: Known, ask: Ask): Step | undefined {
  const { spec, status } = instance;
  if (spec.shadow === undefined) return undefined;
  const { nodeName } = spec.shadow;
  if (!ask.answers(nodeName)) return { do: 'stuck', why: `it goes on as its shadow on ${nodeName} once that host answers` };
  if (status.protection?.stage === 'InStep') return stepAside(instance);
  return { do: 'stuck', why: `it goes on as its shadow on ${nodeName} once that is in step` };
}

/** Not before it can start elsewhere; with disks on this very host it can never, and waits for it. */
function powerOff({ vm }: Known, ask: Ask): Step | undefined {
  if (evacuationOf(vm) !== 'PowerOff') return undefined;
  const why = isBound(vm) ? undefined : ask.refusal(vm);
  return why === undefined ? { do: 'powerOff', vm } : { do: 'stuck', why: `it is not powered off before it can start elsewhere: ${why}` };
}

function localDisks({ vm, instance }: Known): Step | undefined {
  return isBound(vm) ? { do: 'stuck', why: `it has local disks on ${instance.spec.nodeName}, which do not move` } : undefined;
}

function isBound(vm: VirtualMachine): boolean {
  return newcomerOf(vm).boundTo !== undefined;
}

function running({ instance }: Known): Step | undefined {
  return instance.status.phase === 'Running' ? undefined : { do: 'stuck', why: 'it moves when it runs, and does not yet' };
}

const firstPauseMs = 10_000;
const longestPauseMs = 300_000;

/** What failed is tried again, more and more seldom. */
function failedBefore({ instance, moves }: Known, { now }: Ask): Step | undefined {
  const failed = newestOf(moves, instance);
  if (failed === undefined) return undefined;
  const said = findCondition(failed.status.conditions, 'Failed');
  const ended = parseTime(failed.status.completedAt ?? said?.lastTransitionTime) ?? 0;
  const at = ended + Math.min(firstPauseMs * 2 ** (attemptOf(failed) - 1), longestPauseMs);
  return at > now ? { do: 'stuck', why: `its last move failed: ${said?.message ?? ''}`, at } : undefined;
}

function migrate({ vm, instance, moves }: Known): Step {
  const last = newestOf(moves, instance);
  return { do: 'migrate', vm, attempt: last === undefined ? 1 : attemptOf(last) + 1 };
}

/** The last try to make this instance leave. */
function newestOf(moves: readonly VirtualMachineMigration[], { metadata }: VirtualMachineInstance): VirtualMachineMigration | undefined {
  const tries = moves.filter((move) => move.metadata.annotations?.[leavesAnnotation] === metadata.uid);
  return tries.sort((a, b) => attemptOf(b) - attemptOf(a))[0];
}

function attemptOf({ metadata }: VirtualMachineMigration): number {
  const attempt = Number(metadata.annotations?.[attemptAnnotation] ?? '1');
  return Number.isInteger(attempt) && attempt > 0 ? attempt : 1;
}
