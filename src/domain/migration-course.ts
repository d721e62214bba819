/** A move that is under way: what each side needs next, and what ends it. */
import { ready } from '../api/common.ts';
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { parseDuration, parseTime } from '../base/time.ts';
import { findCondition } from '../meta/conditions.ts';
import { isGoing } from './instances.ts';
import { fail, isOlder, moverOf, refused } from './migration-begin.ts';
import type { MigrationDecision, MigrationView, MovePhase } from './migration-decision.ts';
import { endsOf, giveUp, type Ends } from './migration-end.ts';
import { isDoneWith, isUnderWay } from './moving.ts';

/** How long the target may take to make ready, milliseconds; less when the move has less. */
const prepareMs = 60_000;

interface Course extends Ends {
  readonly view: MigrationView;
}

type Transfer = NonNullable<VirtualMachineInstance['status']['transfer']>;
type Question = (course: Course) => MigrationDecision | undefined;

/** The order matters: what has come about is told before what went wrong, and what was decided is not decided anew. */
const questions: readonly Question[] = [
  memoryLost,
  arrived,
  vmGone,
  beingGivenUp,
  sourceLost,
  cameSecond,
  made,
  targetLost,
  refusedBySource,
  tooLong,
  sent,
];

export function goOn(view: MigrationView): MigrationDecision {
  const course = { view, ...endsOf(view) };
  for (const question of questions) {
    const decision = question(course);
    if (decision !== undefined) return decision;
  }
  return tell(course);
}

/** It went on at its target, and lost its memory there: its source says so, or died before all had followed. */
function memoryLost({ view, source, target, hasArrived }: Course): MigrationDecision | undefined {
  const transfer = hasArrived ? transferTo(source, target) : undefined;
  if (source === undefined || transfer === undefined) return undefined;
  const anew = `the VM starts anew on ${view.migration.status.target ?? ''}`;
  if (transfer.reason === 'MemoryLost')
    return fail('MemoryLost', `${transfer.message ?? 'its memory was lost after the switch-over'}; ${anew}`);
  const isDead = transfer.stage === 'Arriving' && !view.answers(source.spec.nodeName) && wasInterrupted(view);
  return isDead ? fail('MemoryLost', `${source.spec.nodeName} died before all of its memory had followed; ${anew}`) : undefined;
}

function arrived(course: Course): MigrationDecision | undefined {
  const { view, source, target, hasArrived } = course;
  if (!hasArrived || target === undefined) return undefined;
  if (source === undefined || isDoneWith(source, target)) return { do: 'succeed', source };
  const host = source.spec.nodeName;
  const isArriving = transferTo(source, target)?.stage === 'Arriving';
  if (isArriving && mayFollowUnheard(view, host)) return { ...wait(course, host), phase: 'Arriving' };
  if (isGoing(source) || !view.answers(host)) return { do: 'succeed', source };
  const phase = isArriving ? 'Arriving' : 'SwitchingOver';
  return { do: 'follow', phase, ...wordsOf(phase, view), source };
}

/** Memory goes on following from a host that nobody hears: until that is dead for certain, or has had all the time that there is. */
function mayFollowUnheard(view: MigrationView, host: string): boolean {
  return !view.answers(host) && !view.isFenced(host) && view.now < deadlineOf(view, true);
}

/** What the source says of the transfer, if it is the one to `target`. */
function transferTo(source: VirtualMachineInstance | undefined, target: VirtualMachineInstance | undefined): Transfer | undefined {
  const { transfer } = source?.status ?? {};
  return transfer?.instanceUID === target?.metadata.uid ? transfer : undefined;
}

/** The VM is ready all through a move, unless its guest starts anew. Whose memory was to follow cannot say any more that it did not. */
function wasInterrupted({ vm, migration }: MigrationView): boolean {
  const since = parseTime(findCondition(vm?.status.conditions, ready)?.lastTransitionTime);
  const began = parseTime(migration.status.startedAt);
  return since !== undefined && began !== undefined && since > began;
}

function vmGone({ view: { vm, migration } }: Course): MigrationDecision | undefined {
  if (vm === undefined || vm.metadata.uid !== migration.status.virtualMachineUID)
    return fail('VirtualMachineDeleting', 'the VM was deleted');
  if (vm.metadata.deletionTimestamp !== undefined) return fail('VirtualMachineDeleting', 'the VM is being deleted');
  return vm.spec.powerState === 'PoweredOff' ? fail('VirtualMachinePoweredOff', 'the VM was powered off') : undefined;
}

/** Reasons that a move which goes on has. Any other stands there since it was given up. */
const goingOn: ReadonlySet<string> = new Set(['Pending', 'Preparing', 'Transferring', 'SwitchingOver', 'Arriving', 'SourceUnreachable']);

function beingGivenUp(course: Course): MigrationDecision | undefined {
  const said = findCondition(course.view.migration.status.conditions, ready);
  return said === undefined || goingOn.has(said.reason) ? undefined : giveUp(course.view, course, said.reason, said.message);
}

function sourceLost(course: Course): MigrationDecision | undefined {
  const { view, source } = course;
  const host = view.migration.status.source ?? '';
  if (source === undefined || isGoing(source)) return fail('SourceLost', `the VM's life on ${host} was ended before it was handed over`);
  if (view.isFenced(host)) return fail('SourceLost', `${host} died before it handed the VM over: it starts anew elsewhere`);
  if (!view.answers(host)) return wait(course, host);
  if (source.spec.powerState !== 'PoweredOn') return giveUp(view, course, 'VirtualMachineSuspended', 'the VM was suspended');
  if (source.status.phase === 'Running') return undefined;
  return giveUp(
    view,
    course,
    'SourceLost',
    `${host} lost its guest before it was handed over, and the VM's memory with it: the VM starts there anew`,
  );
}

function wait({ view: { migration } }: Course, host: string): MigrationDecision & { readonly do: 'follow' } {
  const { phase = 'Preparing' } = migration.status;
  return {
    do: 'follow',
    phase,
    reason: 'SourceUnreachable',
    message: `${host}, from where the VM moves, does not answer: nobody knows how far it has come`,
  };
}

/** Who admitted it did not see that another had been. */
function cameSecond(course: Course): MigrationDecision | undefined {
  const { view } = course;
  const first = view.others.find((other) => isUnderWay(other) && isOlder(other, view.migration));
  if (first === undefined) return undefined;
  return giveUp(view, course, 'AlreadyMigrating', `VirtualMachineMigration ${first.metadata.name} came first`);
}

/** The target's instance, which was announced. What may have been made has its room: only what was not is asked about again. */
function made({ view, source, target }: Course): MigrationDecision | undefined {
  const { migration, vm } = view;
  const { phase, target: nodeName = '', targetInstance = '' } = migration.status;
  if (target !== undefined || source === undefined || vm === undefined || phase !== 'Preparing' || source.spec.moveTo !== undefined)
    return undefined;
  if (view.now >= deadlineOf(view, false)) return fail('NotPrepared', `no instance of the VM could be made for ${nodeName} in time`);
  if (view.booking === 'Made') return { do: 'nothing' };
  const move = { source, nodeName, targetInstance };
  if (view.booking === 'InDoubt') return { do: 'prepare', move };
  const cluster = view.cluster(source.spec.hostCluster);
  if (cluster === undefined) return fail('TargetLost', `there is no HostCluster ${source.spec.hostCluster} any more`);
  const refusal = refused(nodeName, view.refusal(moverOf(vm, source, cluster), cluster, nodeName));
  return refusal ?? { do: 'prepare', move };
}

function targetLost(course: Course): MigrationDecision | undefined {
  const { view, target } = course;
  const host = view.migration.status.target ?? '';
  if (target === undefined || isGoing(target)) return giveUp(view, course, 'TargetLost', `what was made ready on ${host} is gone`);
  return view.answers(host) ? undefined : giveUp(view, course, 'TargetLost', `${host} does not answer`);
}

function refusedBySource(course: Course): MigrationDecision | undefined {
  const { view, source, target } = course;
  const transfer = transferTo(source, target);
  if (transfer?.stage !== 'Failed') return undefined;
  return giveUp(view, course, transfer.reason ?? 'TransferFailed', transfer.message ?? 'the transfer failed');
}

/** When the move, or the part of it that it is in, has taken too long: milliseconds since 1970. */
export function deadlineOf({ migration }: Pick<MigrationView, 'migration'>, isReady: boolean): number {
  const limit = parseDuration(migration.spec.timeout);
  return (parseTime(migration.status.startedAt) ?? 0) + (isReady ? limit : Math.min(limit, prepareMs));
}

function tooLong(course: Course): MigrationDecision | undefined {
  const { view, source, target } = course;
  const isReady = target?.status.endpoint !== undefined || source?.spec.moveTo !== undefined;
  if (view.now < deadlineOf(view, isReady)) return undefined;
  if (isReady) return giveUp(view, course, 'TimedOut', `it did not come to an end within ${view.migration.spec.timeout} (spec.timeout)`);
  const said = findCondition(target?.status.conditions, ready);
  return giveUp(view, course, 'NotPrepared', `${view.migration.status.target ?? ''} did not make ready in time: ${said?.message ?? ''}`);
}

function sent({ source, target }: Course): MigrationDecision | undefined {
  const endpoint = target?.status.endpoint;
  if (source === undefined || target === undefined || endpoint === undefined) return undefined;
  return source.spec.moveTo?.instanceUID === target.metadata.uid ? undefined : { do: 'send', source, target, endpoint };
}

function tell({ view, source, target }: Course): MigrationDecision {
  const phase = phaseOf(source, target);
  return { do: 'follow', phase, ...wordsOf(phase, view), ...(source === undefined ? {} : { source }) };
}

function phaseOf(source: VirtualMachineInstance | undefined, target: VirtualMachineInstance | undefined): MovePhase {
  const transfer = transferTo(source, target);
  if (transfer === undefined) return 'Preparing';
  return transfer.stage === 'SwitchingOver' ? 'SwitchingOver' : 'Transferring';
}

function wordsOf(phase: MovePhase, { migration: { status } }: MigrationView): { readonly reason: string; readonly message: string } {
  const [from, to] = [status.source ?? '', status.target ?? ''];
  const words: Partial<Record<MovePhase, string>> = {
    Preparing: `${to} makes ready`,
    Transferring: `memory goes from ${from} to ${to}, while the VM runs on ${from}`,
    SwitchingOver: `the VM changes from ${from} to ${to}`,
    Arriving: `the VM runs on ${to}, and its memory follows from ${from}`,
  };
  return { reason: phase, message: words[phase] ?? '' };
}
