/** Whether a move may begin: what is said of one that may not, and of one that waits. */
import type { HostCluster } from '../api/host-cluster.ts';
import { leavesAnnotation } from '../api/host.ts';
import type { VirtualMachine } from '../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { VirtualMachineMigration } from '../api/virtual-machine-migration.ts';
import { isToLeave } from './maintenance-mark.ts';
import type { FailReason, MigrationDecision, MigrationView, Move } from './migration-decision.ts';
import { arrivalName, currentInstance, isOver, isUnderWay } from './moving.ts';
import { newcomerOf } from './newcomer.ts';
import type { Newcomer, Refusal } from './placement.ts';

export function begin(view: MigrationView, isKept: boolean): MigrationDecision {
  const { vm } = view;
  if (vm === undefined)
    return fail('VirtualMachineNotFound', `there is no VirtualMachine ${view.migration.spec.virtualMachine} in the namespace`);
  const stuck = unfit(vm) ?? rivalOf(view);
  if (stuck !== undefined) return stuck;
  const source = currentInstance({ vm, instances: view.instances });
  const early = source === undefined ? notRunning : tooEarly(view, source);
  if (source === undefined || early !== undefined) return early ?? notRunning;
  const cluster = view.cluster(source.spec.hostCluster);
  if (cluster === undefined) return wait('HostClusterNotFound', `there is no HostCluster ${source.spec.hostCluster}`);
  const found = targetOf(view, moverOf(vm, source, cluster), cluster);
  if (typeof found !== 'string') return found;
  if (!isKept) return { do: 'keep' };
  const move: Move = { source, nodeName: found, targetInstance: arrivalName(view.migration, found) };
  if (view.isItsTurn(move)) return { do: 'admit', move };
  const { nodeName } = source.spec;
  return {
    ...wait('Queued', `waits its turn: as many moves as may be are under way from ${nodeName}, to ${found} or in all`),
    wants: move,
  };
}

/** The VM as its target sees it: with the sizes that it runs with. */
export function moverOf(vm: VirtualMachine, { spec }: VirtualMachineInstance, cluster: HostCluster): Newcomer {
  const newcomer = newcomerOf(vm, spec);
  const local = new Set(cluster.spec.datastores?.flatMap(({ name, type }) => (type === 'Local' ? [name] : [])));
  const isBound = newcomer.boundTo !== undefined || spec.disks?.some(({ datastore }) => local.has(datastore)) === true;
  return {
    ...newcomer,
    leaves: spec.nodeName,
    ...(isBound ? { boundTo: spec.nodeName } : {}),
  };
}

const notRunning = wait('NotRunning', 'waits until the VM runs');

/** What no waiting helps. */
function unfit({ metadata, spec }: VirtualMachine): MigrationDecision | undefined {
  if (metadata.deletionTimestamp !== undefined) return fail('VirtualMachineDeleting', 'the VM is being deleted');
  if (spec.powerState === 'PoweredOff') return fail('VirtualMachinePoweredOff', 'the VM is to be off: only one that runs moves');
  if (spec.powerState === 'Suspended') return fail('VirtualMachineSuspended', 'the VM is to be suspended: only one that runs moves');
  return undefined;
}

/** One move a VM: the one that has begun, else a person's before housekeeping's, else the oldest. Housekeeping waits for people. */
function rivalOf({ migration, others }: MigrationView): MigrationDecision | undefined {
  const rival = others.find((other) => !isOver(other) && (isUnderWay(other) || comesBefore(other, migration)));
  if (rival === undefined) return undefined;
  const { name, deletionTimestamp } = rival.metadata;
  if (deletionTimestamp !== undefined) return wait('Queued', `waits until VirtualMachineMigration ${name} is cancelled`);
  if (isHousekeeping(migration) && rival.spec.priority !== 'System')
    return wait('Queued', `waits until VirtualMachineMigration ${name} is over, which a person asked for`);
  return fail('AlreadyMigrating', `VirtualMachineMigration ${name} came first`);
}

/** Made by us so that a host becomes empty: it goes on wanting that. One that a person makes fails instead, and may be made anew. */
function isHousekeeping({ metadata, spec }: VirtualMachineMigration): boolean {
  return spec.priority === 'System' && metadata.annotations?.[leavesAnnotation] !== undefined;
}

function comesBefore(a: VirtualMachineMigration, b: VirtualMachineMigration): boolean {
  return a.spec.priority === b.spec.priority ? isOlder(a, b) : b.spec.priority === 'System';
}

export function isOlder({ metadata: a }: VirtualMachineMigration, { metadata: b }: VirtualMachineMigration): boolean {
  return a.creationTimestamp === b.creationTimestamp ? a.name < b.name : a.creationTimestamp < b.creationTimestamp;
}

function tooEarly(view: MigrationView, source: VirtualMachineInstance): MigrationDecision | undefined {
  const { metadata, spec, status } = source;
  if (isToLeave(source))
    return wait('Leaving', `waits until the VM was powered off on ${spec.nodeName}, so that this becomes empty, and runs again`);
  if (hasLeft(view, source)) return wait('HasLeft', 'the VM has left the host that it was to leave: nothing is left to do');
  if (!view.answers(spec.nodeName)) return wait('SourceUnreachable', `${spec.nodeName}, where the VM is, does not answer`);
  if (spec.powerState !== 'PoweredOn' || status.phase !== 'Running' || status.observedGeneration !== metadata.generation) return notRunning;
  if (spec.shadow !== undefined)
    return wait(
      'Protected',
      `FTPair ${spec.shadow.pair} keeps a shadow of it on ${spec.shadow.nodeName}: set spec.testFailover there to have it go on as that one, or delete the pair to have it move`,
    );
  const last = view.instances.find((instance) => instance.metadata.name !== metadata.name);
  return last === undefined ? undefined : wait('Queued', `waits until nothing is left of the VM on ${last.spec.nodeName}`);
}

/** It was made so that a host becomes empty, and the VM is there no more: whoever made it takes it back. */
function hasLeft({ migration }: MigrationView, source: VirtualMachineInstance): boolean {
  const leaves = migration.metadata.annotations?.[leavesAnnotation];
  return leaves !== undefined && leaves !== source.metadata.uid;
}

/** The host that was asked for, or the best; or why there is none. */
function targetOf(view: MigrationView, mover: Newcomer, cluster: HostCluster): string | MigrationDecision {
  const { leaves, boundTo } = mover;
  if (boundTo !== undefined && boundTo === leaves)
    return fail('LocalDisks', `it has disks on a local datastore of ${boundTo}, which cannot follow it`);
  const wanted = view.migration.spec.target?.nodeName;
  if (wanted !== undefined) return unfitTarget(view, mover, cluster, wanted) ?? wanted;
  const placement = view.place(mover, cluster);
  return 'host' in placement ? placement.host : wait('NoHostFits', placement.message);
}

function unfitTarget(view: MigrationView, mover: Newcomer, cluster: HostCluster, wanted: string): MigrationDecision | undefined {
  switch (view.whereIs(wanted, cluster)) {
    case 'Nowhere':
      return fail('TargetNotFound', `there is no host ${wanted}`);
    case 'Elsewhere':
      return fail('TargetNotInHostCluster', `${wanted} is no host of HostCluster ${cluster.metadata.name}`);
    case 'Member':
      return refused(wanted, view.refusal(mover, cluster, wanted));
  }
}

export function refused(nodeName: string, refusal: Refusal | undefined): MigrationDecision | undefined {
  if (refusal === undefined) return undefined;
  if (refusal.reason === 'Here') return fail('TargetIsSource', `it runs on ${nodeName} already`);
  const reason = refusal.reason === 'LocalDisks' ? refusal.reason : (`Target${refusal.reason}` as const);
  return fail(reason, `${nodeName} is no target: ${refusal.words}`);
}

export function fail(reason: FailReason, message: string): MigrationDecision {
  return { do: 'fail', reason, message };
}

function wait(reason: string, message: string): MigrationDecision & { readonly do: 'wait' } {
  return { do: 'wait', reason, message };
}
