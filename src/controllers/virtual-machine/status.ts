/** The only writer of a VM's status: pure, from what was read and what was decided. */
import { stalled, ready } from '../../api/common.ts';
import {
  guestAlive,
  networkReady,
  placed,
  restartRequired,
  type VirtualMachine,
  type VirtualMachineStatus,
} from '../../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { errandName, errandWords } from '../../domain/errands.ts';
import { isMoving } from '../../domain/beside.ts';
import { currentInstance } from '../../domain/moving.ts';
import { pendingRestart, type Decision, type LifeView } from '../../domain/life.ts';
import { disksOn, disksToRemove, type DiskStatus } from '../../domain/newcomer.ts';
import { restartNeeds } from '../../domain/resize.ts';
import { cycleWords, startCycle } from '../../domain/start-order.ts';
import { rfc3339 } from '../../base/time.ts';
import { findCondition, setCondition, type ConditionInput } from '../../meta/conditions.ts';
import type { Condition } from '../../meta/objects.ts';

/** The status that says `decision` of what `view` shows. Equal input gives an equal status: nothing is written twice. */
export function statusOf(view: LifeView, decision: Decision): VirtualMachineStatus {
  const { vm, now } = view;
  const generation = vm.metadata.generation ?? 0;
  const carrier = carrierOf(view, decision);
  let conditions: Condition[] = vm.status.conditions ?? [];
  for (const input of [
    readyOf(view, decision),
    stalledOf(view, decision),
    placedOf(view, decision),
    aliveOf(view),
    restartRequiredOf(view),
  ]) {
    conditions = setCondition(conditions, input, generation, now);
  }
  const network = networkOf(view);
  if (network === undefined) conditions = conditions.filter(({ type }) => type !== networkReady);
  else conditions = setCondition(conditions, network, generation, now);
  return {
    observedGeneration: generation,
    phase: phaseOf(view, decision),
    ...(carrier === undefined ? {} : { nodeName: carrier.nodeName, instance: carrier.name }),
    ...kept(view, decision),
    ...waitingOf(view, decision),
    ...disksOf(view, decision),
    ...networksOf(view),
    conditions,
  };
}

type Carrier = { readonly nodeName: string; readonly name: string };

/** The instance that has the VM: the one that is about to be made, the present one, or the one that is going. */
function carrierOf(view: LifeView, decision: Decision): Carrier | undefined {
  if (decision.do === 'create' && decision.spec.powerState !== 'Released') return { nodeName: decision.spec.nodeName, name: decision.name };
  const carrier = currentInstance(view) ?? view.instances.find((instance) => instance.spec.powerState !== 'Released');
  return carrier === undefined || isDead(view, carrier) ? undefined : { nodeName: carrier.spec.nodeName, name: carrier.metadata.name };
}

/** What is remembered from life to life. */
function kept(view: LifeView, decision: Decision): Partial<VirtualMachineStatus> {
  const { vm, now } = view;
  const { spec, status } = vm;
  const incarnation = Math.max(status.incarnation ?? 0, currentInstance(view)?.spec.incarnation ?? 0);
  const before = {
    ...(status.hostCluster === undefined ? {} : { hostCluster: status.hostCluster }),
    ...(status.arbiter === undefined ? {} : { arbiter: status.arbiter }),
    ...(incarnation === 0 && status.incarnation === undefined ? {} : { incarnation }),
    ...(status.lastRestartTime === undefined ? {} : { lastRestartTime: status.lastRestartTime }),
    ...resetOf(view),
  };
  if (decision.do !== 'create') return before;
  if (decision.spec.powerState === 'Released') return { ...before, incarnation: decision.spec.incarnation };
  return {
    ...before,
    hostCluster: decision.cluster.metadata.name,
    arbiter: decision.spec.arbiter,
    incarnation: decision.spec.incarnation,
    ...(isDue(vm, now) && spec.nextRestartTime !== undefined ? { lastRestartTime: spec.nextRestartTime } : {}),
  };
}

function resetOf(view: LifeView): Pick<VirtualMachineStatus, 'lastGuestReset'> {
  const lastGuestReset = currentInstance(view)?.status.resets?.at(-1) ?? view.vm.status.lastGuestReset;
  return lastGuestReset === undefined ? {} : { lastGuestReset };
}

/** Remembered until it starts, whatever else it waits for meanwhile: else its patience would begin anew. */
function waitingOf({ vm, now }: LifeView, decision: Decision): Pick<VirtualMachineStatus, 'startWaitsSince'> {
  if (vm.spec.powerState !== 'PoweredOn' || decision.do !== 'wait') return {};
  const since = vm.status.startWaitsSince ?? (decision.reason === 'StartAfter' ? rfc3339(now) : undefined);
  return since === undefined ? {} : { startWaitsSince: since };
}

/** A life that begins after the time of a restart carries that restart out. */
function isDue(vm: VirtualMachine, now: number): boolean {
  const at = pendingRestart(vm);
  return at !== undefined && at <= now;
}

function disksOf({ vm, instances }: LifeView, decision: Decision): { disks?: DiskStatus[] } {
  if (decision.do === 'create' && decision.spec.powerState !== 'Released')
    return { disks: disksOn(vm, decision.disks, decision.spec.nodeName) };
  const gone =
    decision.do === 'delete' && decision.reason === 'DisksRemoved'
      ? decision.instances.flatMap((instance) => instance.spec.removeDisks ?? [])
      : [];
  const leaving = new Set(disksToRemove(vm).map((disk) => disk.name));
  const sizes = new Map(instances.flatMap((instance) => instance.spec.disks ?? []).map((disk) => [disk.name, disk.size]));
  const disks = (vm.status.disks ?? []).flatMap((disk) => {
    const wanted = vm.spec.disks?.find((candidate) => candidate.name === disk.name);
    if (gone.includes(errandName(disk))) return [];
    if (wanted === undefined && !leaving.has(disk.name)) return [];
    return [
      {
        ...disk,
        size: sizes.get(disk.name) ?? disk.size,
        whenRemoved: wanted === undefined ? disk.whenRemoved : (wanted.whenRemoved ?? 'Retain'),
      },
    ];
  });
  return vm.status.disks === undefined ? {} : { disks };
}

/** Its NICs, as assigned; said of those that have their ports. */
function networksOf({ attachment }: LifeView): Pick<VirtualMachineStatus, 'networks'> {
  const networks = attachment?.networks ?? [];
  if (networks.length === 0) return {};
  return { networks: networks.map(({ name, port, macAddress, addresses }) => ({ name, port, macAddress, addresses })) };
}

/** Undefined: it has no networks. */
function networkOf({ vm, attachment }: LifeView): ConditionInput | undefined {
  if ((vm.spec.networks ?? []).length === 0 || attachment === undefined) return undefined;
  const { trouble } = attachment;
  if (trouble !== undefined) return condition(networkReady, 'False', trouble.reason, trouble.message);
  return condition(networkReady, 'True', 'Connected', 'each of its NICs has its port');
}

function condition(type: string, status: Condition['status'], reason: string, message: string): ConditionInput {
  return { type, status, reason, message };
}

/** Its guest died with its host, as was proved. */
function isDead(view: LifeView, { spec }: VirtualMachineInstance): boolean {
  return spec.powerState !== 'Released' && view.isFenced(spec.nodeName);
}

/** A host that does not answer leaves everybody in doubt, whatever was said before. */
function unreachable(view: LifeView): VirtualMachineInstance | undefined {
  const current = currentInstance(view);
  const carriers = current === undefined ? view.instances : [current];
  return carriers.find(
    (instance) => instance.spec.powerState !== 'Released' && !view.answers(instance.spec.nodeName) && !isDead(view, instance),
  );
}

function readyOf(view: LifeView, decision: Decision): ConditionInput {
  const lost = unreachable(view);
  if (lost !== undefined)
    return condition(ready, 'Unknown', 'HostUnreachable', `${lost.spec.nodeName} does not answer; the VM is known to be on it`);
  if (view.vm.metadata.deletionTimestamp !== undefined) return condition(ready, 'False', 'Deleting', deletingMessage(decision));
  if (decision.do === 'wait' && !besidesRunning.has(decision.reason)) return condition(ready, 'False', decision.reason, decision.message);
  const errand = errandOf(decision);
  if (errand !== undefined) return condition(ready, 'False', 'RemovingDisks', errand);
  if (decision.do === 'create') return condition(ready, 'False', 'Starting', `starts on ${decision.spec.nodeName}`);
  if (decision.do === 'delete' && decision.reason !== 'Duplicate') return stoppingOf(decision);
  const current = currentInstance(view);
  if (current === undefined) return condition(ready, 'True', 'PoweredOff', 'it is powered off');
  if (isDead(view, current)) return condition(ready, 'False', 'HostDead', `${current.spec.nodeName}, where it was, is dead`);
  return currentReady(view, current, decision);
}

/** What waits while it runs: that it does not run comes first. */
const besidesRunning: ReadonlySet<string> = new Set(['NoRoomToGrow', 'Migrating']);

function stoppingOf({ reason, instances }: Decision & { readonly do: 'delete' }): ConditionInput {
  const host = instances[0]?.spec.nodeName ?? '';
  if (reason === 'Evacuated')
    return condition(ready, 'False', 'Evacuating', `it is powered off, since ${host} is to be empty, and starts again`);
  if (reason === 'StorageLost') return condition(ready, 'False', reason, `${host} does not reach its disks: it starts on another host`);
  return condition(ready, 'False', reason === 'Restart' ? 'Restarting' : 'Stopping', 'its guest is asked to shut down');
}

function deletingMessage(decision: Decision): string {
  if (decision.do === 'wait') return decision.message;
  return errandOf(decision) ?? 'its guest and disks are being removed';
}

/** The errand that begins, in the words in which it is waited for. */
function errandOf(decision: Decision): string | undefined {
  if ((decision.do !== 'create' && decision.do !== 'patch') || decision.spec.powerState !== 'Released') return undefined;
  return errandWords(decision.do === 'create' ? decision.spec : { ...decision.instance.spec, ...decision.spec });
}

function currentReady(view: LifeView, current: VirtualMachineInstance, decision: Decision): ConditionInput {
  const { nodeName } = current.spec;
  const said = findCondition(current.status.conditions, ready);
  if (decision.do === 'patch' && decision.spec.powerState === 'Suspended')
    return condition(ready, 'False', 'Suspending', `${nodeName} writes its memory to disk`);
  if (decision.do === 'patch' && decision.spec.powerState === 'PoweredOn')
    return condition(ready, 'False', 'Starting', `${nodeName} wakes it`);
  // Where its guest is to go is nothing that it has to take on.
  const isKnown = said?.observedGeneration === current.metadata.generation || isMoving(view, current);
  if (said?.status !== 'True' || !isKnown) return notYet(current, said);
  if (decision.do === 'wait') return condition(ready, 'False', decision.reason, decision.message);
  if (current.status.phase === 'Suspended') return condition(ready, 'True', 'Suspended', `its memory is kept by ${nodeName}`);
  const needs = restartNeeds(view.vm, current);
  return condition(
    ready,
    'True',
    'Running',
    needs.length === 0 ? `runs on ${nodeName}` : `runs on ${nodeName}, with its old sizes until it is restarted`,
  );
}

function notYet(current: VirtualMachineInstance, said: Condition | undefined): ConditionInput {
  // It stands still for an instant.
  if (said?.reason === 'SwitchingOver') return condition(ready, 'True', 'Running', `runs on ${current.spec.nodeName}`);
  if (said?.status === 'True') return condition(ready, 'False', 'Updating', `${current.spec.nodeName} takes on what has changed`);
  if (said === undefined || said.reason === 'Pending') return condition(ready, 'False', 'Starting', `starts on ${current.spec.nodeName}`);
  return condition(ready, 'False', said.reason, said.message);
}

function stalledOf({ vm, peer }: LifeView, decision: Decision): ConditionInput {
  // Said also of those that run: when their host dies it is too late.
  const cycle = startCycle(vm, peer);
  if (cycle !== undefined) return condition(stalled, 'True', 'StartCycle', cycleWords(cycle));
  if (decision.do === 'wait' && decision.reason === 'NothingToSuspend')
    return condition(stalled, 'True', decision.reason, decision.message);
  return condition(stalled, 'False', 'Progressing', 'nobody needs to help');
}

const placementReasons = new Set<string>([
  'NoHostFits',
  'NoHostCluster',
  'HostClusterNotFound',
  'AmbiguousHostCluster',
  'DatastoreNotFound',
  'LimitReached',
  'AdmissionRefused',
  'HostClusterDeleting',
  'NameInUse',
  'PortGroupNotFound',
  'PortGroupNotPermitted',
  'SwitchNotReady',
  'NoFreePorts',
  'AddressesExhausted',
  'AddressTaken',
  'PortPending',
  'HostDead',
  'StartAfter',
  'StartCycle',
  'StartPaced',
]);

function placedOf(view: LifeView, decision: Decision): ConditionInput {
  const carrier = carrierOf(view, decision);
  if (carrier !== undefined) return condition(placed, 'True', 'Placed', `on ${carrier.nodeName}`);
  if (decision.do === 'wait' && placementReasons.has(decision.reason)) return condition(placed, 'False', decision.reason, decision.message);
  return condition(placed, 'False', 'NotNeeded', 'it needs no host');
}

function aliveOf(view: LifeView): ConditionInput {
  if (unreachable(view) !== undefined) return condition(guestAlive, 'Unknown', 'HostUnreachable', 'its host does not answer');
  const current = currentInstance(view);
  if (current !== undefined && isDead(view, current))
    return condition(guestAlive, 'False', 'NotRunning', 'its host is dead, and its guest with it');
  const conditions = current?.status.conditions;
  const standsStill = findCondition(conditions, ready)?.reason === 'SwitchingOver';
  const said = findCondition(standsStill ? view.vm.status.conditions : conditions, guestAlive);
  if (said === undefined) return condition(guestAlive, 'False', 'NotRunning', 'no guest runs');
  return condition(guestAlive, said.status, said.reason, said.message);
}

function restartRequiredOf(view: LifeView): ConditionInput {
  const current = currentInstance(view);
  const needs = current === undefined ? [] : restartNeeds(view.vm, current);
  if (needs.length > 0) return condition(restartRequired, 'True', 'SpecChanged', `takes effect at the next start: ${needs.join(', ')}`);
  return condition(restartRequired, 'False', 'UpToDate', 'what runs is as spec says');
}

type Phase = NonNullable<VirtualMachineStatus['phase']>;

function phaseOf(view: LifeView, decision: Decision): Phase {
  if (unreachable(view) !== undefined) return 'Unknown';
  if (view.vm.metadata.deletionTimestamp !== undefined) return 'Deleting';
  if (decision.do === 'create' && decision.spec.powerState !== 'Released') return 'Starting';
  if (decision.do === 'delete' && decision.reason !== 'Duplicate') return 'Stopping';
  const current = currentInstance(view);
  if (current === undefined || isDead(view, current)) return idlePhase(view, decision);
  return runningPhase(current);
}

function idlePhase(view: LifeView, decision: Decision): Phase {
  if (view.instances.some((instance) => instance.spec.powerState !== 'Released' && !isDead(view, instance))) return 'Stopping';
  return decision.do === 'wait' && placementReasons.has(decision.reason) ? 'Pending' : 'PoweredOff';
}

function runningPhase(current: VirtualMachineInstance): Phase {
  const { phase } = current.status;
  if (phase === 'Running' || phase === 'Suspending' || phase === 'Suspended' || phase === 'Stopping') return phase;
  return 'Starting';
}
