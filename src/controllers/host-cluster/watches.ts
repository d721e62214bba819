import { ready } from '../../api/common.ts';
import type { HostCluster } from '../../api/host-cluster.ts';
import type { Host } from '../../api/host.ts';
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import { equal } from '../../base/equal.ts';
import type { Cache } from '../../kube/types.ts';
import { isTrue } from '../../meta/conditions.ts';
import type { Node } from '../../meta/core.ts';
import type { ObjectRef } from '../../meta/objects.ts';
import { isLeaving } from './guard.ts';
import type { UserSources } from './users.ts';

interface Sources extends UserSources {
  readonly clusters: Cache<HostCluster>;
  readonly hosts: Cache<Host>;
  readonly nodes: Cache<Node>;
}

/** @param dirty gets the names of the clusters whose VMs came or went; a cluster that is in it has been asked for already. */
export function watchSources(
  { clusters, hosts, nodes, vms, instances }: Sources,
  enqueue: (ref: ObjectRef) => void,
  dirty: Set<string>,
): void {
  const all = (): void => {
    for (const cluster of clusters.list()) enqueue(cluster.metadata);
  };
  const touched = (name: string): void => {
    const cluster = clusters.get({ name });
    if (dirty.has(name) && (cluster === undefined || !isLeaving(cluster))) return;
    dirty.add(name);
    enqueue({ name });
  };
  all();
  clusters.onChange(all);
  nodes.onChange((before, after) => {
    if (!equal(before?.metadata.labels, after?.metadata.labels) || before?.spec?.unschedulable !== after?.spec?.unschedulable) all();
  });
  hosts.onChange((before, after) => {
    if (!equal(standingOf(before), standingOf(after))) all();
  });
  instances.onChange((before, after) => {
    if ((before === undefined) !== (after === undefined)) touched((after ?? before)?.spec.hostCluster ?? '');
  });
  vms.onChange((before, after) => {
    // What it has to remove, and where.
    if (equal(disksOf(before), disksOf(after))) return;
    for (const name of new Set([before?.status.hostCluster, after?.status.hostCluster])) if (name !== undefined) touched(name);
  });
}

/** What decides whether VMs may be given to a host. */
function standingOf(host: Host | undefined): unknown {
  const { conditions, claim, fence, inventory } = host?.status ?? {};
  return [isTrue(conditions, ready), claim?.by, fence?.state, inventory?.capacity];
}

function disksOf(vm: VirtualMachine | undefined): unknown {
  return (vm?.status.disks ?? []).map(({ name, whenRemoved }) => [name, whenRemoved]);
}
