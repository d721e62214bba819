/**
 * What to do next for one VM: a chain of small questions in a fixed order. Pure; the controller says the answer in the VM's status first and
 * then does it, so that a crash in between repeats a step and never skips one.
 */
import { parseTime } from '../base/time.ts';
import { virtualMachineFinalizer, type VirtualMachine } from '../api/virtual-machine.ts';
import { equal } from '../base/equal.ts';
import type { HostCluster } from '../api/host-cluster.ts';
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { Newcomer } from './candidate.ts';
import type { Decision, LifeView } from './decision.ts';
import { networkChanges } from './attachment.ts';
import type { ClusterChoice } from './membership.ts';
import { disksLeftBehind, namespaceDeleting, settleDisks, stopping } from './errands.ts';
import { guestMonitoringOf } from './guest-monitoring.ts';
import { instanceName, instanceSpec, wakingAs } from './instance-spec.ts';
import { arrive, isMoving, oneInstance, whenMoved } from './beside.ts';
import { isGoing, isHeldForDisks, isLive } from './instances.ts';
import { currentInstance } from './moving.ts';
import { arbiterOf, datastoresOf, hasDisksToDelete, newcomerOf, resolveDisks, type ResolvedDisk } from './newcomer.ts';
import { isToLeave } from './maintenance-mark.ts';
import { leaveStorage, lostOn } from './lost-storage.ts';
import type { NoPlace } from './placement.ts';
import { bury, deadOf, memoryStoreOf, replace, replacedBy, sleeperOf } from './replace.ts';
import { liveResize, withoutGrowth, type InstancePatch } from './resize.ts';
import { takenBy } from './resources.ts';
import { responsesOf } from './responses.ts';
import { cycleWords, givenUp, startCycle, startWait } from './start-order.ts';

export type { Decision, LifeView };

type Step = (view: LifeView) => Decision | undefined;

/** The order matters: nothing is started beside something that still lives, and nothing is forgotten before it is gone. */
const steps: readonly Step[] = [
  leave,
  bury,
  arrive,
  oneInstance,
  keep,
  settleDisks,
  startElsewhere,
  waitForTheOld,
  powerOff,
  holdForDisks,
  evacuate,
  leaveStorage,
  restart,
  suspend,
  keepRunning,
  start,
];

export function decide(view: LifeView): Decision {
  for (const step of steps) {
    const decision = step(view);
    if (decision !== undefined) return decision;
  }
  return { do: 'nothing' };
}

function leave(view: LifeView): Decision | undefined {
  const { vm, instances } = view;
  if (vm.metadata.deletionTimestamp === undefined) return undefined;
  const live = instances.filter(isLive);
  if (live.length > 0) return { do: 'delete', instances: live, reason: 'Deleted' };
  const tidied = bury(view) ?? settleDisks(view);
  return tidied ?? (instances.length === 0 ? { do: 'finish', leftBehind: disksLeftBehind(view) } : stopping(instances));
}

/** Whoever writes a VM whole, as `kubectl replace` does, takes its finalizer away without meaning to. */
function keep({ vm, instances }: LifeView): Decision | undefined {
  const isKept = vm.metadata.finalizers?.includes(virtualMachineFinalizer) === true;
  return isKept || (instances.length === 0 && !hasDisksToDelete(vm)) ? undefined : { do: 'keep' };
}

/** Beside one that has the VM, those that go concern nobody. */
function waitForTheOld(view: LifeView): Decision | undefined {
  const dead = deadOf(view);
  const old = currentInstance(view) === undefined ? view.instances.filter((one) => isGoing(one) && !dead.includes(one)) : [];
  return old.length === 0 ? undefined : stopping(old);
}

/** Its host is dead for certain. */
function startElsewhere(view: LifeView): Decision | undefined {
  return replace(view, (dead) => start(view, dead));
}

function powerOff(view: LifeView): Decision | undefined {
  if (view.vm.spec.powerState !== 'PoweredOff') return undefined;
  const live = view.instances.filter(isLive);
  return live.length === 0 ? { do: 'nothing' } : { do: 'delete', instances: live, reason: 'PoweredOff' };
}

/** When the next restart is due, milliseconds; undefined when none is pending. One that was asked for before the VM existed is history. */
export function pendingRestart(vm: VirtualMachine): number | undefined {
  const { nextRestartTime } = vm.spec;
  const at = parseTime(nextRestartTime);
  if (at === undefined || nextRestartTime === vm.status.lastRestartTime) return undefined;
  return at < (parseTime(vm.metadata.creationTimestamp) ?? 0) ? undefined : at;
}

/** A disk's `whenRemoved` may change while the VM runs. */
function holdForDisks(view: LifeView): Decision | undefined {
  const current = currentInstance(view);
  if (current === undefined || isHeldForDisks(current) || !hasDisksToDelete(view.vm)) return undefined;
  return { do: 'hold', instance: current };
}

/** Its host is to be empty, and it may be powered off for that: it starts again where placement says. */
function evacuate(view: LifeView): Decision | undefined {
  const current = currentInstance(view);
  if (current === undefined || !isToLeave(current) || view.vm.spec.powerState !== 'PoweredOn') return undefined;
  // Its shadow goes on for it.
  if (current.spec.shadow !== undefined && current.status.protection?.stage === 'InStep') return undefined;
  if (isMoving(view, current)) return migrating(view, current, 'is powered off, so that its host becomes empty,');
  return leavingCluster(view.choice, 'does not leave its host') ?? { do: 'delete', instances: [current], reason: 'Evacuated' };
}

function restart(view: LifeView): Decision | undefined {
  const current = currentInstance(view);
  const at = pendingRestart(view.vm);
  if (current === undefined || at === undefined || at > view.now || view.vm.spec.powerState !== 'PoweredOn') return undefined;
  // A life goes on where it has moved.
  const born = parseTime((current.spec.origin ?? current.spec.shadowOf)?.since ?? current.metadata.creationTimestamp) ?? 0;
  if (born > at) return undefined;
  if (isMoving(view, current)) return migrating(view, current, 'is restarted');
  // Once it is off it could not come back: nothing starts in a cluster that goes.
  return leavingCluster(view.choice, 'is not restarted') ?? { do: 'delete', instances: [current], reason: 'Restart' };
}

function suspend(view: LifeView): Decision | undefined {
  if (view.vm.spec.powerState !== 'Suspended') return undefined;
  const current = currentInstance(view);
  if (current === undefined) {
    return {
      do: 'wait',
      reason: 'NothingToSuspend',
      message: 'it is powered off, so there is no memory to keep: set spec.powerState to PoweredOn first',
    };
  }
  if (isMoving(view, current)) return migrating(view, current, 'is suspended');
  const { shadow } = current.spec;
  if (shadow !== undefined)
    return { do: 'wait', reason: 'Protected', message: `it is suspended once its shadow on ${shadow.nodeName} is given up` };
  if (current.spec.powerState !== 'Suspended') return { do: 'patch', instance: current, spec: { powerState: 'Suspended' } };
  if (current.status.phase === 'Suspended') return { do: 'nothing' };
  // There is nothing to keep, and the VM is simply off.
  if (neverSlept(current)) return { do: 'delete', instances: [current], reason: 'PoweredOff' };
  return { do: 'wait', reason: 'Suspending', message: `${current.spec.nodeName} writes its memory to disk` };
}

/** Its guest was gone before its memory was written. */
function neverSlept({ metadata, status }: VirtualMachineInstance): boolean {
  return status.phase === 'Stopped' && status.observedGeneration === metadata.generation;
}

/** A VM that should run and has its instance: wake it, or let it take on new sizes. */
function keepRunning(view: LifeView): Decision | undefined {
  const current = currentInstance(view);
  if (current === undefined) return undefined;
  const told = connect(view) ?? respond(view, current) ?? monitor(view, current);
  if (told !== undefined) return told;
  if (current.spec.powerState === 'Suspended') {
    const refusal = view.fitsAgain(current);
    if (refusal === undefined) return { do: 'patch', instance: current, spec: { powerState: 'PoweredOn' } };
    // Without memory nothing binds it to that host, which may be waiting for it to leave.
    if (neverSlept(current)) return { do: 'delete', instances: [current], reason: 'PoweredOff' };
    return { do: 'wait', reason: 'NoRoomToResume', message: refusal };
  }
  const resize = liveResize(view.vm, current);
  if (resize === undefined) return { do: 'nothing' };
  return isMoving(view, current) ? migrating(view, current, 'takes on its new sizes') : grow(view, current, resize);
}

/** What its ports may do is in force at once, wherever its guest is, also while it moves. */
function connect({ vm, instances, attachment }: LifeView): Decision | undefined {
  if (attachment === undefined) return undefined;
  for (const instance of instances) {
    if (!isLive(instance) || instance.status.phase === 'Moved') continue;
    const networks = networkChanges(vm, instance.spec.networks, attachment);
    if (networks !== undefined) return { do: 'patch', instance, spec: { networks } };
  }
  return undefined;
}

/** What its agent is to do when its host is cut off must be known there before. */
function respond({ vm, choice }: LifeView, current: VirtualMachineInstance): Decision | undefined {
  if (!('cluster' in choice)) return undefined;
  const responses = responsesOf(vm, choice.cluster);
  return equal(responses, current.spec.responses ?? {}) ? undefined : { do: 'patch', instance: current, spec: { responses } };
}

function monitor({ vm }: LifeView, current: VirtualMachineInstance): Decision | undefined {
  const guestMonitoring = guestMonitoringOf(vm);
  if (equal(guestMonitoring, current.spec.guestMonitoring)) return undefined;
  if (guestMonitoring === undefined) return { do: 'patch', instance: current, spec: {}, without: 'guestMonitoring' };
  return { do: 'patch', instance: current, spec: { guestMonitoring } };
}

/** Its guest is on its way: what changes it would end the move, or be lost on the way. */
function migrating(view: LifeView, current: VirtualMachineInstance, what: string): Decision {
  return { do: 'wait', reason: 'Migrating', message: `it ${what} ${whenMoved(view, current)}` };
}

/** What its host has no room for waits (rule 5); the rest does not wait for it. */
function grow(view: LifeView, current: VirtualMachineInstance, resize: InstancePatch): Decision {
  const takes = takenBy(resize.cpu, resize.memory);
  const grows = takes.milliCores > takenBy(current.spec.cpu, current.spec.memory).milliCores;
  const refusal = grows ? view.canGrow(current, takes) : undefined;
  const possible = refusal === undefined ? resize : withoutGrowth(resize, current);
  if (possible !== undefined) return { do: 'patch', instance: current, spec: possible };
  return { do: 'wait', reason: 'NoRoomToGrow', message: `spec.cpu.reservation is not raised yet: ${refusal ?? ''}` };
}

function leavingCluster(choice: ClusterChoice, what: string): Decision | undefined {
  if (!('cluster' in choice) || choice.cluster.metadata.deletionTimestamp === undefined) return undefined;
  return { do: 'wait', reason: 'HostClusterDeleting', message: `it ${what}: HostCluster ${choice.cluster.metadata.name} is being deleted` };
}

/** Disks are found by the VM's name: two VMs of one name would write to the same. */
function nameInUse({ predecessors: [first] }: LifeView): Decision | undefined {
  if (first === undefined) return undefined;
  const { nodeName } = first.spec;
  return { do: 'wait', reason: 'NameInUse', message: `waits until ${nodeName} says that the VM which had its name before is gone` };
}

/** Those that start before it. */
function inTurn({ vm, peer, now }: LifeView): Decision | undefined {
  const cycle = startCycle(vm, peer);
  if (cycle !== undefined) return { do: 'wait', reason: 'StartCycle', message: cycleWords(cycle) };
  const wait = startWait(vm, peer, now);
  return wait === undefined ? undefined : { do: 'wait', reason: 'StartAfter', ...wait };
}

/** What its cluster may have, and what it keeps for the death of hosts. */
function beyondBounds(view: LifeView, newcomer: Newcomer, cluster: HostCluster): Decision | undefined {
  const limit = view.limit(cluster);
  if (limit !== undefined) return { do: 'wait', reason: 'LimitReached', message: limit };
  const refused = view.admission(newcomer, cluster);
  return refused === undefined ? undefined : { do: 'wait', reason: 'AdmissionRefused', message: refused };
}

/** Why it is not to be placed now, wherever. @param dead as in `start`. */
function tooEarly(
  view: LifeView,
  newcomer: Newcomer,
  dead: readonly VirtualMachineInstance[],
): Decision | { readonly cluster: HostCluster } {
  const { vm, choice } = view;
  const taken = nameInUse(view);
  if (taken !== undefined) return taken;
  if (view.namespaceEnds) return namespaceDeleting(vm);
  if (!('cluster' in choice)) return { do: 'wait', reason: choice.reason, message: choice.message };
  const unconnected = view.attachment?.trouble;
  if (unconnected !== undefined) return { do: 'wait', ...unconnected };
  const refusal = leavingCluster(choice, 'is not started') ?? inTurn(view);
  if (refusal !== undefined) return refusal;
  return (dead.length > 0 ? undefined : beyondBounds(view, newcomer, choice.cluster)) ?? { cluster: choice.cluster };
}

/** Not where nothing of it can be reached. */
function replacing(newcomer: Newcomer, dead: readonly VirtualMachineInstance[]): Newcomer {
  const leaves = lostOn(dead);
  return { ...newcomer, replaces: true, ...(leaves === undefined ? {} : { leaves }) };
}

function storesOf(vm: VirtualMachine, disks: readonly ResolvedDisk[], memory: string | undefined): string[] {
  const stores = [
    ...disks.map(({ datastore }) => ({ datastore: datastore.name })),
    ...(memory === undefined ? [] : [{ datastore: memory }]),
  ];
  return datastoresOf(stores, arbiterOf(vm, disks));
}

function unplaced({ message, paced, switchless }: NoPlace): Decision {
  if (paced === true) return { do: 'wait', reason: 'StartPaced', message };
  return { do: 'wait', reason: switchless === true ? 'SwitchNotReady' : 'NoHostFits', message };
}

/** @param dead the lives that it replaces: their VM counts already. */
function start(view: LifeView, dead: readonly VirtualMachineInstance[] = []): Decision {
  const { vm } = view;
  const sleeper = sleeperOf(vm, dead);
  const newcomer = newcomerOf(vm, sleeper?.spec);
  const ready = tooEarly(view, newcomer, dead);
  if ('do' in ready) return ready;
  const { cluster } = ready;
  const resolved = resolveDisks(vm, cluster);
  if ('reason' in resolved) return { do: 'wait', reason: resolved.reason, message: resolved.message };
  const storing = {
    ...newcomer,
    datastores: storesOf(vm, resolved.disks, sleeper === undefined ? undefined : memoryStoreOf(sleeper, cluster)),
  };
  const placement = view.place(dead.length === 0 ? storing : replacing(storing, dead), cluster);
  if (!('host' in placement)) return unplaced(placement);
  const { disks } = resolved;
  const { baseline, host: nodeName } = placement;
  const networks = view.attachment?.networks;
  const fresh = instanceSpec({ vm, cluster, nodeName, disks, baseline, networks });
  const spec = sleeper === undefined ? fresh : wakingAs(fresh, sleeper);
  const without = givenUp(vm, view.peer);
  const name = instanceName(vm, spec.incarnation);
  const creation = { do: 'create', name, cluster, disks, ...(without.length === 0 ? {} : { without }) } as const;
  return dead.length === 0 ? { ...creation, spec } : { ...creation, spec: { ...spec, replaces: replacedBy(dead) }, dead };
}
