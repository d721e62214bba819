import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import type { ObjectRef } from '../../meta/objects.ts';
import { ready } from '../../api/common.ts';
import type { Host } from '../../api/host.ts';
import { claimantOf } from '../../domain/maintenance.ts';
import { equal } from '../../base/equal.ts';
import { findCondition } from '../../meta/conditions.ts';
import { concerns, type Scope } from './scope.ts';

type Enqueue = (ref: ObjectRef) => void;

/** What makes a pair worth another look: itself, its VM, that one's instances and moves, their hosts; and for those that wait, what may make room. */
export function watchSources(scope: Scope, enqueue: Enqueue, all: () => void): void {
  const { pairs, vms, instances, migrations, hosts, nodes, clusters } = scope.sources;
  const ofVm = ({ namespace, name }: ObjectRef): void => {
    const ref = { namespace: namespace ?? '', name };
    const vm = vms.get(ref);
    if (pairs.get(ref) !== undefined || (vm !== undefined && concerns(scope, vm))) enqueue(ref);
  };
  for (const pair of pairs.list()) enqueue(pair.metadata);
  for (const instance of instances.list()) if (instance.spec.shadow !== undefined) enqueue(vmOf(instance));
  pairs.onChange((before, after) => {
    const pair = after ?? before;
    if (pair !== undefined) enqueue(pair.metadata);
  });
  vms.onChange((before, after) => {
    const vm = after ?? before;
    if (vm !== undefined) ofVm(vm.metadata);
    if (before !== undefined && neighbourhoodOf(before) !== neighbourhoodOf(after)) all();
  });
  instances.onChange((before, after) => {
    const instance = after ?? before;
    if (instance !== undefined) ofVm(vmOf(instance));
    if (before !== undefined && roomOf(before) !== roomOf(after)) all();
  });
  migrations.onChange((before, after) => {
    const move = after ?? before;
    if (move !== undefined) ofVm({ namespace: move.metadata.namespace ?? '', name: move.spec.virtualMachine });
  });
  hosts.onChange((before, after) => {
    if (wordOf(before) === wordOf(after)) return;
    const name = (after ?? before)?.metadata.name ?? '';
    for (const instance of instances.byIndex('byNode', name)) ofVm(vmOf(instance));
    all();
  });
  nodes.onChange((before, after) => {
    all();
    if (!equal(before?.metadata.labels, after?.metadata.labels)) for (const pair of pairs.list()) enqueue(pair.metadata);
  });
  clusters.onChange(all);
}

function vmOf({ metadata, spec }: VirtualMachineInstance): ObjectRef & { readonly namespace: string } {
  return { namespace: metadata.namespace ?? '', name: spec.virtualMachine };
}

/** What an instance takes of its host. */
function roomOf(instance: VirtualMachineInstance | undefined): string {
  if (instance === undefined) return '';
  const { cpu, memory, powerState, shadow } = instance.spec;
  return JSON.stringify([cpu, memory, powerState, shadow !== undefined, instance.status.phase === 'Suspended']);
}

/** What others' affinity sees of a VM. */
function neighbourhoodOf(vm: VirtualMachine | undefined): string {
  return JSON.stringify([vm?.metadata.labels, vm?.spec.placement?.antiAffinity]);
}

/** What pairs ask of a host. */
function wordOf(host: Host | undefined): string {
  if (host === undefined) return '';
  const { conditions, fence, inventory } = host.status;
  return JSON.stringify([findCondition(conditions, ready)?.status, fence?.state, claimantOf(host), inventory?.capacity]);
}
