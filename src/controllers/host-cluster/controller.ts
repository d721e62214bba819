/** Says of each HostCluster what it has. */
import { ready } from '../../api/common.ts';
import { HostCluster } from '../../api/host-cluster.ts';
import type { Host } from '../../api/host.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import type { Clock } from '../../base/clock.ts';
import { equal } from '../../base/equal.ts';
import { membershipOf } from '../../domain/membership.ts';
import type { Cache, Client, ControllerSpec, Result } from '../../kube/types.ts';
import { isTrue } from '../../meta/conditions.ts';
import type { Node } from '../../meta/core.ts';
import type { ObjectRef } from '../../meta/objects.ts';
import { isApiError } from '../../meta/status.ts';
import { statusOf } from './status.ts';

export interface HostClusterDependencies {
  readonly client: Client;
  readonly clock: Clock;
  readonly clusters: Cache<HostCluster>;
  readonly hosts: Cache<Host>;
  readonly nodes: Cache<Node>;
  readonly instances: Cache<VirtualMachineInstance>;
}

/** VMs come and go by the thousand: their number is written at most this often. */
const countEveryMs = 30_000;

export function hostClusterController({ client, clock, clusters, hosts, nodes, instances }: HostClusterDependencies): ControllerSpec {
  const counts = new Map<string, { readonly at: number; readonly count: number }>();

  const count = (name: string): { readonly at: number; readonly count: number } => {
    const known = counts.get(name);
    if (known !== undefined && clock.monotonic() - known.at < countEveryMs) return known;
    const mine = instances.list().filter((instance) => instance.spec.hostCluster === name && instance.spec.powerState !== 'Released');
    const counted = { at: clock.monotonic(), count: new Set(mine.map((instance) => instance.spec.virtualMachineUID)).size };
    counts.set(name, counted);
    return counted;
  };

  const reconcile = async (ref: ObjectRef): Promise<Result> => {
    const cluster = clusters.get(ref);
    if (cluster === undefined) return undefined;
    const counted = count(ref.name);
    const readyHosts = new Set(
      hosts
        .list()
        .filter((host) => isTrue(host.status.conditions, ready))
        .map((host) => host.metadata.name),
    );
    const membership = membershipOf(clusters.list(), nodes.list());
    const status = statusOf({ cluster, membership, readyHosts, virtualMachines: counted.count, now: clock.now() });
    if (!equal(cluster.status, status)) await say(client, cluster, status);
    return dirty.delete(ref.name) ? { requeueAfter: Math.max(1, counted.at + countEveryMs - clock.monotonic()) } : undefined;
  };

  const dirty = new Set<string>();

  return {
    name: 'host-cluster',
    concurrency: 1,
    reconcile,
    watch: (enqueue) => {
      const all = (): void => {
        for (const cluster of clusters.list()) enqueue(cluster.metadata);
      };
      all();
      clusters.onChange(all);
      nodes.onChange((before, after) => {
        if (!equal(before?.metadata.labels, after?.metadata.labels)) all();
      });
      hosts.onChange((before, after) => {
        if (isTrue(before?.status.conditions, ready) !== isTrue(after?.status.conditions, ready)) all();
      });
      instances.onChange((before, after) => {
        const name = (after ?? before)?.spec.hostCluster ?? '';
        if ((before === undefined) === (after === undefined) || dirty.has(name)) return;
        dirty.add(name);
        enqueue({ name });
      });
    },
  };
}

async function say(client: Client, cluster: HostCluster, status: HostCluster['status']): Promise<void> {
  const { name, resourceVersion } = cluster.metadata;
  try {
    await client.patch(HostCluster, { name }, { metadata: { resourceVersion }, status }, { subresource: 'status' });
  } catch (error) {
    // Read too early: the cache will bring what is newer.
    if (!isApiError(error, 'NotFound', 'Conflict')) throw error;
  }
}
