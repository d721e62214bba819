import type { VirtualMachineMigration } from '../../api/virtual-machine-migration.ts';
import { bytes } from '../../base/quantity.ts';
import { ready } from '../../api/common.ts';
import type { Host } from '../../api/host.ts';
import { restartPriorityOf, type RestartPriority, type VirtualMachine } from '../../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { isGoing } from '../../domain/instances.ts';
import { claimantOf } from '../../domain/maintenance.ts';
import { isUnderWay } from '../../domain/moving.ts';
import type { Sources } from '../../fleet/fleet.ts';
import { findCondition } from '../../meta/conditions.ts';
import type { ObjectRef } from '../../meta/objects.ts';
import type { Node } from '../../meta/core.ts';
import { aliveWord, inOneOrder, orderOf, startAfterMe } from './start-watches.ts';
import { watchNetworks } from './network-watches.ts';

type Enqueue = (ref: ObjectRef) => void;

/** What makes a VM worth another look: itself, its instances, its host, and for those that wait, anything that may make room. */
export function watchSources(sources: Sources, enqueue: Enqueue, waiting: () => ObjectRef[]): void {
  const all = (): void => {
    for (const ref of waiting()) enqueue(ref);
  };
  for (const vm of sources.vms.list()) enqueue(vm.metadata);
  // Their VM may be gone.
  for (const instance of sources.instances.list()) if (isGoing(instance)) enqueue(ownerOf(instance));
  sources.vms.onChange((before, after) => {
    const vm = after ?? before;
    if (vm !== undefined) enqueue(vm.metadata);
    if (aliveWord(before) !== aliveWord(after)) for (const ref of startAfterMe(sources, vm)) enqueue(ref);
    if (orderOf(before) !== orderOf(after)) for (const ref of inOneOrder(sources, before, after)) enqueue(ref);
    if (before !== undefined && after !== undefined && neighbourhoodOf(before) !== neighbourhoodOf(after)) all();
  });
  sources.pairs.onChange((before, after) => {
    const pair = after ?? before;
    if (pair !== undefined) enqueue(pair.metadata);
  });
  sources.instances.onChange((before, after) => {
    const instance = after ?? before;
    if (instance !== undefined) enqueue(ownerOf(instance));
    if (after === undefined || makesRoom(before, after)) all();
  });
  sources.migrations.onChange((before, after) => {
    const move = after ?? before;
    // What waited for its end, and what it leaves behind.
    if (move !== undefined && isMoving(before) !== isMoving(after))
      enqueue({ namespace: move.metadata.namespace ?? '', name: move.spec.virtualMachine });
  });
  watchNetworks(sources, enqueue);
  sources.clusters.onChange(all);
  sources.nodes.onChange((before, after) => {
    if (before === undefined || after === undefined || schedulingOf(before) !== schedulingOf(after)) all();
  });
  sources.hosts.onChange((before, after) => {
    if (hostWord(before) === hostWord(after)) return;
    const name = (after ?? before)?.metadata.name ?? '';
    for (const ref of byPriority(sources, name)) enqueue(ref);
    all();
  });
}

const order: readonly RestartPriority[] = ['Highest', 'High', 'Medium', 'Low', 'Lowest', 'Disabled'];

/** Lower: sooner. */
export function rankOf(vm: VirtualMachine): number {
  return order.indexOf(restartPriorityOf(vm));
}

/** The VMs on a host, those first that start first when it has died. */
function byPriority({ instances, vms }: Sources, host: string): ObjectRef[] {
  const refs = instances.byIndex('byNode', host).map(ownerOf);
  const ranked = refs.map((ref) => {
    const vm = vms.get(ref);
    return { ref, rank: vm === undefined ? order.length : rankOf(vm) };
  });
  return ranked.sort((a, b) => a.rank - b.rank).map(({ ref }) => ref);
}

function isMoving(migration: VirtualMachineMigration | undefined): boolean {
  return migration !== undefined && isUnderWay(migration);
}

function ownerOf(instance: VirtualMachineInstance): ObjectRef {
  return { namespace: instance.metadata.namespace ?? '', name: instance.spec.virtualMachine };
}

/** A guest fell asleep, or gave a reservation back. */
function makesRoom(before: VirtualMachineInstance | undefined, after: VirtualMachineInstance): boolean {
  return before !== undefined && (before.status.phase !== after.status.phase || before.metadata.generation !== after.metadata.generation);
}

/** What others' affinity sees of a VM. */
function neighbourhoodOf({ metadata, spec }: VirtualMachine): string {
  return JSON.stringify([metadata.labels ?? {}, spec.placement?.antiAffinity ?? []]);
}

function schedulingOf(node: Node): string {
  return JSON.stringify([node.metadata.labels ?? {}, node.spec?.taints ?? [], node.spec?.unschedulable ?? false]);
}

/** Those that are ready: there VMs may go that need them. */
function switchesOf({ status }: Host): string {
  const switches = (status.switches ?? []).filter((one) => one.ready);
  return switches.map(({ name }) => name).join(',');
}

/** Once it reaches one again, VMs may go there that need it. */
function lostBy({ status }: Host): string {
  return (status.lostDatastores ?? []).map(({ name }) => name).join(',');
}

function hostWord(host: Host | undefined): string {
  if (host === undefined) return '';
  const capacity = host.status.inventory?.capacity;
  const claimed = `${claimantOf(host) ?? ''}/${host.status.fence?.state ?? ''}`;
  return `${findCondition(host.status.conditions, ready)?.status ?? ''}/${String(capacity?.cores ?? 0)}/${String(capacity === undefined ? 0 : bytes(String(capacity.memory)))}/${claimed}/${switchesOf(host)}/${lostBy(host)}`;
}
