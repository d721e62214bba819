/** Says of each HostCluster what it has, and keeps it while VMs use it. */
import { ready } from '../../api/common.ts';
import { HostCluster } from '../../api/host-cluster.ts';
import type { Host } from '../../api/host.ts';
import type { Clock } from '../../base/clock.ts';
import { equal } from '../../base/equal.ts';
import { membershipOf } from '../../domain/membership.ts';
import type { Resources } from '../../domain/resources.ts';
import { Insistence } from '../../kube/insistence.ts';
import type { Cache, Client, ControllerSpec, EventRecorder, Result } from '../../kube/types.ts';
import { unlessGone } from '../../kube/unless-gone.ts';
import { findCondition, isTrue } from '../../meta/conditions.ts';
import type { Node } from '../../meta/core.ts';
import type { ObjectRef } from '../../meta/objects.ts';
import { guard, isGuarded, isLeaving, release } from './guard.ts';
import { statusOf } from './status.ts';
import { demandsIn, survivedBy } from './survives.ts';
import { usersOf, type UserSources } from './users.ts';
import { watchSources } from './watches.ts';

export interface HostClusterDependencies extends UserSources {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly clusters: Cache<HostCluster>;
  readonly hosts: Cache<Host>;
  readonly nodes: Cache<Node>;
}

/** VMs come and go by the thousand: their number is written at most this often, and while a deletion waits for them more often, milliseconds. */
const countEveryMs = 30_000;
const countLeavingEveryMs = 5_000;

interface Count {
  readonly at: number;
  /** Whether it was being deleted already. */
  readonly leaving: boolean;
  readonly virtualMachines: number;
  readonly demands: readonly Resources[];
  readonly users: readonly string[];
}

export function hostClusterController(dependencies: HostClusterDependencies): ControllerSpec {
  const { client, clock, events, clusters, hosts, nodes } = dependencies;
  const counts = new Map<string, Count>();
  /** Whose VMs have come or gone since they were counted: kept until they are counted anew. */
  const dirty = new Set<string>();
  const insistence = new Insistence(clock);

  const count = (cluster: HostCluster): Count => {
    const { name } = cluster.metadata;
    const known = counts.get(name);
    if (known !== undefined && isFresh(cluster, known)) return known;
    dirty.delete(name);
    const demands = demandsIn(name, dependencies.instances);
    const counted = {
      at: clock.monotonic(),
      leaving: isLeaving(cluster),
      virtualMachines: demands.length,
      demands,
      users: usersOf(cluster, dependencies),
    };
    counts.set(name, counted);
    return counted;
  };

  const isFresh = (cluster: HostCluster, known: Count): boolean => {
    // The first to use it, and the last to leave it while it goes: for these nobody waits.
    const first = known.users.length === 0 && !isGuarded(cluster) && dirty.has(cluster.metadata.name);
    if (first || known.leaving !== isLeaving(cluster) || (known.leaving && usersOf(cluster, dependencies).length === 0)) return false;
    return clock.monotonic() - known.at < (known.leaving ? countLeavingEveryMs : countEveryMs);
  };

  const reconcile = async (ref: ObjectRef): Promise<Result> => {
    const cluster = clusters.get(ref);
    if (cluster === undefined) {
      counts.delete(ref.name);
      insistence.forget(ref.name);
      return undefined;
    }
    const counted = count(cluster);
    const membership = membershipOf(clusters.list(), nodes.list());
    const readyHosts = new Set(hosts.list().flatMap((host) => (isTrue(host.status.conditions, ready) ? [host.metadata.name] : [])));
    const { virtualMachines, users } = counted;
    const toleratedFailures = survivedBy(membership.members.get(ref.name) ?? [], counted.demands, dependencies);
    const status = statusOf({ cluster, membership, readyHosts, virtualMachines, toleratedFailures, users, now: clock.now() });
    const waitMs = equal(cluster.status, status) ? 0 : insistence.waitMs(ref.name, status);
    if (waitMs === 0) {
      if (!equal(cluster.status, status)) {
        await say(client, cluster, status);
        insistence.said(ref.name, status);
      }
      announce(events, cluster, status);
    }
    await keepOrLetGo(client, cluster, users);
    const every = isLeaving(cluster) ? countLeavingEveryMs : countEveryMs;
    const countMs = dirty.has(ref.name) || isLeaving(cluster) ? Math.max(1, counted.at + every - clock.monotonic()) : Infinity;
    const again = Math.min(countMs, waitMs > 0 ? waitMs : Infinity);
    return again === Infinity ? undefined : { requeueAfter: again };
  };

  return { name: 'host-cluster', concurrency: 1, reconcile, watch: (enqueue) => watchSources(dependencies, enqueue, dirty) };
}

async function keepOrLetGo(client: Client, cluster: HostCluster, users: readonly string[]): Promise<void> {
  if (users.length > 0 && !isGuarded(cluster) && !isLeaving(cluster)) await guard(client, cluster);
  if (users.length === 0 && isGuarded(cluster)) await release(client, cluster);
}

async function say(client: Client, cluster: HostCluster, status: HostCluster['status']): Promise<void> {
  const { name, resourceVersion } = cluster.metadata;
  // Read too early: the cache will bring what is newer.
  await unlessGone(client.patch(HostCluster, { name }, { metadata: { resourceVersion }, status }, { subresource: 'status' }));
}

/** Only what keeps a person waiting: the rest stands in the conditions. */
function announce(events: EventRecorder, cluster: HostCluster, status: HostCluster['status']): void {
  const before = findCondition(cluster.status.conditions, ready);
  const after = findCondition(status.conditions, ready);
  if (after?.reason === 'InUse' && before?.reason !== 'InUse') events.event(cluster, 'Warning', after.reason, after.message);
}
