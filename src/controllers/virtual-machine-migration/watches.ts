import { ready } from '../../api/common.ts';
import type { Host } from '../../api/host.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { claimantOf } from '../../domain/maintenance.ts';
import { isOver } from '../../domain/moving.ts';
import type { Sources } from '../../fleet/fleet.ts';
import { findCondition } from '../../meta/conditions.ts';
import { keyOf, type ObjectRef } from '../../meta/objects.ts';
import { vmRefOf } from './scope.ts';

type Enqueue = (ref: ObjectRef) => void;

/** What makes a move worth another look: itself, its VM and that one's instances, its hosts, and for those that wait for room, anything that may make some. */
export function watchSources(sources: Sources, enqueue: Enqueue, waiting: () => ObjectRef[]): void {
  const { migrations, vms, instances, hosts, nodes, clusters } = sources;
  const ofVm = (vm: ObjectRef): void => {
    for (const migration of migrations.byIndex('byName', keyOf(vm))) if (!isOver(migration)) enqueue(migration.metadata);
  };
  const all = (): void => {
    for (const ref of waiting()) enqueue(ref);
  };
  for (const migration of migrations.list()) enqueue(migration.metadata);
  migrations.onChange((before, after) => {
    const migration = after ?? before;
    if (migration === undefined) return;
    enqueue(migration.metadata);
    // Its VM is free for another.
    if (after === undefined || isOver(after)) ofVm(vmRefOf(migration));
  });
  vms.onChange((before, after) => {
    const vm = after ?? before;
    if (vm !== undefined) ofVm(vm.metadata);
  });
  instances.onChange((before, after) => {
    const instance = after ?? before;
    if (instance !== undefined) ofVm(vmOf(instance));
    if (after === undefined || before?.status.phase !== after.status.phase) all();
  });
  hosts.onChange((before, after) => {
    if (wordOf(before) === wordOf(after)) return;
    const name = (after ?? before)?.metadata.name ?? '';
    for (const instance of instances.byIndex('byNode', name)) ofVm(vmOf(instance));
    all();
  });
  nodes.onChange(all);
  clusters.onChange(all);
}

function vmOf({ metadata, spec }: VirtualMachineInstance): ObjectRef {
  return { namespace: metadata.namespace ?? '', name: spec.virtualMachine };
}

/** What moves depend on: whether it answers, or is dead; and for those that wait, all that placement asks of it. */
export function wordOf(host: Host | undefined): string {
  if (host === undefined) return '';
  const { conditions, fence, inventory, switches } = host.status;
  const here = switches?.filter((one) => one.ready).map(({ name }) => name);
  return JSON.stringify([
    findCondition(conditions, ready)?.status,
    fence?.state,
    claimantOf(host),
    inventory?.capacity,
    inventory?.cpu,
    here,
  ]);
}
