/**
 * What to do next for one VM: a chain of small questions in a fixed order. Pure; the controller says the answer in the VM's status first and
 * then does it, so that a crash in between repeats a step and never skips one.
 */
import { nameSuffix } from '../base/hash.ts';
import { parseTime } from '../base/time.ts';
import type { HostCluster } from '../api/host-cluster.ts';
import type { VirtualMachine } from '../api/virtual-machine.ts';
import type { VirtualMachineInstance, VirtualMachineInstanceSpec } from '../api/virtual-machine-instance.ts';
import type { ClusterChoice } from './membership.ts';
import { arbiterOf, disksToRemove, newcomerOf, resolveDisks, type DiskStatus, type ResolvedDisk } from './newcomer.ts';
import type { Newcomer, Placement } from './placement.ts';
import { liveResize, withoutGrowth, type InstancePatch } from './resize.ts';
import { takenBy, type Resources } from './resources.ts';

/** All that the decision depends on. */
export interface LifeView {
  readonly vm: VirtualMachine;
  /** Every instance that belongs to this very VM (by uid), those being deleted included. */
  readonly instances: readonly VirtualMachineInstance[];
  readonly choice: ClusterChoice;
  readonly now: number;
  /** Whether the agent of the host answers. */
  answers(nodeName: string): boolean;
  /** Finds a host in `cluster`; what `leaving` takes counts as free. */
  place(newcomer: Newcomer, cluster: HostCluster): Placement;
  /** Why no further VM may be placed in `cluster`; undefined when one may. */
  limit(cluster: HostCluster): string | undefined;
  /** A host of `cluster` that can remove disks; `boundTo` when only that one has them. */
  placeErrand(cluster: HostCluster, boundTo: string | undefined): Placement;
  /** Whether a suspended instance fits its host again; else why not. */
  fitsAgain(instance: VirtualMachineInstance): string | undefined;
  /** Whether the host of an instance that runs has the processors for it to take `takes` instead; else why not. */
  canGrow(instance: VirtualMachineInstance, takes: Resources): string | undefined;
}

/** Reasons for waiting; they stand in conditions. */
export type WaitReason =
  | 'NoHostFits'
  | 'NoHostCluster'
  | 'HostClusterNotFound'
  | 'AmbiguousHostCluster'
  | 'DatastoreNotFound'
  | 'LimitReached'
  | 'NothingToSuspend'
  | 'Stopping'
  | 'Suspending'
  | 'Starting'
  | 'RemovingDisks'
  | 'NoRoomToResume'
  | 'NoRoomToGrow'
  | 'HostClusterDeleting';

export type DeleteReason = 'Duplicate' | 'PoweredOff' | 'Restart' | 'Deleted' | 'DisksRemoved';

export type Decision =
  | { readonly do: 'nothing' }
  | { readonly do: 'wait'; readonly reason: WaitReason; readonly message: string }
  | {
      readonly do: 'create';
      readonly name: string;
      readonly spec: VirtualMachineInstanceSpec;
      readonly cluster: HostCluster;
      readonly disks: readonly ResolvedDisk[];
    }
  | { readonly do: 'patch'; readonly instance: VirtualMachineInstance; readonly spec: Partial<VirtualMachineInstanceSpec> }
  | { readonly do: 'delete'; readonly instances: readonly VirtualMachineInstance[]; readonly reason: DeleteReason }
  | { readonly do: 'finish' };

type Step = (view: LifeView) => Decision | undefined;

/** The order matters: nothing is started beside something that still lives, and nothing is forgotten before it is gone. */
const steps: readonly Step[] = [oneInstance, leave, releaseDisks, waitForTheOld, powerOff, restart, suspend, keepRunning, start];

export function decide(view: LifeView): Decision {
  for (const step of steps) {
    const decision = step(view);
    if (decision !== undefined) return decision;
  }
  return { do: 'nothing' };
}

const released = (instance: VirtualMachineInstance): boolean => instance.spec.powerState === 'Released';
const going = (instance: VirtualMachineInstance): boolean => instance.metadata.deletionTimestamp !== undefined;

/** The one instance that carries the VM now. */
export function currentInstance(view: Pick<LifeView, 'instances'>): VirtualMachineInstance | undefined {
  return view.instances.find((instance) => !going(instance) && !released(instance));
}

/** Two operators at once may each have made one: the one that the status names stays. The arbiter lets only one run in any case. */
function oneInstance({ vm, instances }: LifeView): Decision | undefined {
  const live = instances.filter((instance) => !going(instance) && !released(instance));
  if (live.length < 2) return undefined;
  const newestFirst = [...live].sort((a, b) => b.spec.incarnation - a.spec.incarnation);
  const keep = live.find((instance) => instance.metadata.name === vm.status.instance) ?? newestFirst[0];
  return { do: 'delete', instances: live.filter((instance) => instance !== keep), reason: 'Duplicate' };
}

function leave(view: LifeView): Decision | undefined {
  const { vm, instances } = view;
  if (vm.metadata.deletionTimestamp === undefined) return undefined;
  const live = instances.filter((instance) => !going(instance) && !released(instance));
  if (live.length > 0) return { do: 'delete', instances: live, reason: 'Deleted' };
  if (instances.some((instance) => !released(instance))) return stopping(instances);
  return releaseDisks(view) ?? (instances.length === 0 ? { do: 'finish' } : stopping(instances));
}

function stopping(instances: readonly VirtualMachineInstance[]): Decision {
  const hosts = [...new Set(instances.map((instance) => instance.spec.nodeName))].sort().join(', ');
  return { do: 'wait', reason: 'Stopping', message: `waits until ${hosts} says that the guest is gone` };
}

/** Disks that nobody wants any more are removed between two lives, by an instance that never runs. */
function releaseDisks(view: LifeView): Decision | undefined {
  const { vm, instances } = view;
  if (instances.some((instance) => !released(instance))) return undefined;
  const [releasing] = instances;
  if (releasing !== undefined) return finishRelease(releasing);
  const leaving = disksToRemove(vm);
  const [first] = leaving;
  return first === undefined ? undefined : releaseOn(view, first, leaving);
}

function finishRelease(instance: VirtualMachineInstance): Decision {
  if (!going(instance) && instance.status.phase === 'Released') return { do: 'delete', instances: [instance], reason: 'DisksRemoved' };
  const disks = (instance.spec.removeDisks ?? []).join(', ');
  return { do: 'wait', reason: 'RemovingDisks', message: `${instance.spec.nodeName} removes ${disks}` };
}

/** One host at a time: local disks on their own, the rest where any host answers. */
function releaseOn(view: LifeView, first: DiskStatus, leaving: readonly DiskStatus[]): Decision {
  const { vm, choice } = view;
  if (!('cluster' in choice)) return { do: 'wait', reason: choice.reason, message: choice.message };
  const here = leaving.filter((disk) => disk.nodeName === first.nodeName);
  const placement = view.placeErrand(choice.cluster, first.nodeName);
  if (!('host' in placement))
    return { do: 'wait', reason: 'RemovingDisks', message: `no host can remove disk ${first.name}: ${placement.message}` };
  const spec = instanceSpec({ vm, cluster: choice.cluster, nodeName: placement.host, disks: [] });
  const removeDisks = here.map((disk) => `${disk.datastore}/${disk.name}`);
  return {
    do: 'create',
    name: instanceName(vm, spec.incarnation),
    spec: { ...spec, powerState: 'Released', removeDisks },
    cluster: choice.cluster,
    disks: [],
  };
}

function waitForTheOld({ instances }: LifeView): Decision | undefined {
  const old = instances.filter(going);
  return old.length === 0 ? undefined : stopping(old);
}

function powerOff(view: LifeView): Decision | undefined {
  if (view.vm.spec.powerState !== 'PoweredOff') return undefined;
  const current = currentInstance(view);
  return current === undefined ? { do: 'nothing' } : { do: 'delete', instances: [current], reason: 'PoweredOff' };
}

/** When the next restart is due, milliseconds; undefined when none is pending. One that was asked for before the VM existed is history. */
export function pendingRestart(vm: VirtualMachine): number | undefined {
  const { nextRestartTime } = vm.spec;
  const at = parseTime(nextRestartTime);
  if (at === undefined || nextRestartTime === vm.status.lastRestartTime) return undefined;
  return at < (parseTime(vm.metadata.creationTimestamp) ?? 0) ? undefined : at;
}

function restart(view: LifeView): Decision | undefined {
  const current = currentInstance(view);
  const at = pendingRestart(view.vm);
  if (current === undefined || at === undefined || at > view.now || view.vm.spec.powerState !== 'PoweredOn') return undefined;
  const born = parseTime(current.metadata.creationTimestamp) ?? 0;
  if (born > at) return undefined;
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
  if (current.spec.powerState !== 'Suspended') return { do: 'patch', instance: current, spec: { powerState: 'Suspended' } };
  if (current.status.phase === 'Suspended') return { do: 'nothing' };
  // Its guest was gone before its memory was written: there is nothing to keep, and the VM is simply off.
  const lost = current.status.phase === 'Stopped' && current.status.observedGeneration === current.metadata.generation;
  if (lost) return { do: 'delete', instances: [current], reason: 'PoweredOff' };
  return { do: 'wait', reason: 'Suspending', message: `${current.spec.nodeName} writes its memory to disk` };
}

/** A VM that should run and has its instance: wake it, or let it take on new sizes. */
function keepRunning(view: LifeView): Decision | undefined {
  const current = currentInstance(view);
  if (current === undefined) return undefined;
  if (current.spec.powerState === 'Suspended') {
    const refusal = view.fitsAgain(current);
    if (refusal !== undefined) return { do: 'wait', reason: 'NoRoomToResume', message: refusal };
    return { do: 'patch', instance: current, spec: { powerState: 'PoweredOn' } };
  }
  const resize = liveResize(view.vm, current);
  return resize === undefined ? { do: 'nothing' } : grow(view, current, resize);
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

function start(view: LifeView): Decision {
  const { vm, choice } = view;
  if (!('cluster' in choice)) return { do: 'wait', reason: choice.reason, message: choice.message };
  const leaving = leavingCluster(choice, 'is not started');
  if (leaving !== undefined) return leaving;
  const { cluster } = choice;
  const limit = view.limit(cluster);
  if (limit !== undefined) return { do: 'wait', reason: 'LimitReached', message: limit };
  const resolved = resolveDisks(vm, cluster);
  if ('reason' in resolved) return { do: 'wait', reason: resolved.reason, message: resolved.message };
  const placement = view.place(newcomerOf(vm), cluster);
  if (!('host' in placement)) return { do: 'wait', reason: 'NoHostFits', message: placement.message };
  const spec = instanceSpec({ vm, cluster, nodeName: placement.host, disks: resolved.disks });
  return { do: 'create', name: instanceName(vm, spec.incarnation), spec, cluster, disks: resolved.disks };
}

interface InstancePlan {
  readonly vm: VirtualMachine;
  readonly cluster: HostCluster;
  readonly nodeName: string;
  readonly disks: readonly ResolvedDisk[];
}

function instanceSpec({ vm, cluster, nodeName, disks }: InstancePlan): VirtualMachineInstanceSpec {
  return {
    virtualMachine: vm.metadata.name,
    virtualMachineUID: vm.metadata.uid,
    incarnation: (vm.status.incarnation ?? 0) + 1,
    hostCluster: cluster.metadata.name,
    nodeName,
    powerState: 'PoweredOn',
    arbiter: arbiterOf(vm, disks),
    cpu: { ...vm.spec.cpu },
    memory: { ...vm.spec.memory },
    ...(disks.length === 0
      ? {}
      : { disks: disks.map(({ disk, datastore }) => ({ name: disk.name, datastore: datastore.name, size: disk.size })) }),
  };
}

/** Named by what it is, so that the same decision made twice makes one object. */
export function instanceName(vm: VirtualMachine, incarnation: number): string {
  return `${vm.metadata.name}-${nameSuffix(`${vm.metadata.uid}/${String(incarnation)}`)}`;
}
