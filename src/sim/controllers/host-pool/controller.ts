import { simulationManager } from '../../../api/common.ts';
import { HostPool, hostPoolFinalizer } from '../../../api/host-pool.ts';
import { equal } from '../../../base/equal.ts';
import { follow } from '../../../kube/cache.ts';
import { laterQueue } from '../../../kube/later.ts';
import type { ControllerSpec, Result } from '../../../kube/types.ts';
import { unlessGone } from '../../../kube/unless-gone.ts';
import type { ObjectRef } from '../../../meta/objects.ts';
import { ordinalOf } from '../../host-names.ts';
import { nameBmcs } from './phases/bmc.ts';
import { cordonHosts } from './phases/cordon.ts';
import { makeHosts } from './phases/make.ts';
import { removeHosts, type Obstacle } from './phases/remove.ts';
import { scopeOf, type HostPoolDependencies, type HostPoolMemory, type HostPoolScope } from './scope.ts';
import { statusOf } from './status.ts';

/** Hosts come up by the hundred: their pool counts them at most this often. */
const countEveryMs = 500;

/** Makes the hosts of each pool, and takes away what is too many once it is empty. @param stopping ends its timers. */
export function hostPoolController(given: Omit<HostPoolDependencies, 'memory'>, stopping: AbortSignal): ControllerSpec {
  const { clock, pools, nodes, instances, world } = given;
  const memory: HostPoolMemory = { cordonedAt: new Map(), deletedNodes: new Set(), named: new Set() };
  const dependencies: HostPoolDependencies = { ...given, memory };

  const reconcile = async (ref: ObjectRef): Promise<Result> => {
    const pool = pools.get(ref);
    if (pool === undefined) return undefined;
    const deleting = pool.metadata.deletionTimestamp !== undefined;
    if (deleting && !hasFinalizer(pool)) return undefined;
    // Before the first host is made: a pool that vanished would leave its hosts behind.
    if (!hasFinalizer(pool)) await setFinalizer(dependencies, pool, true);
    const scope = scopeOf(dependencies, pool);
    await makeHosts(dependencies, scope);
    await nameBmcs(dependencies, scope.hosts);
    await cordonHosts(dependencies, scope.hosts);
    const obstacles = await removeHosts(dependencies, scope.hosts);
    if (deleting && obstacles.length === 0) await setFinalizer(dependencies, pool, false);
    else await writeStatus(dependencies, scope, obstacles);
    return again(obstacles);
  };

  return {
    name: 'host-pool',
    concurrency: 4,
    reconcile,
    watch: (enqueue) => {
      const soon = laterQueue(clock, stopping, (name) => {
        enqueue({ name });
      });
      const aboutHost = (host: string): void => {
        const pool = ordinalOf(host)?.pool;
        if (pool !== undefined && pools.get({ name: pool }) !== undefined) soon.add(pool, countEveryMs);
      };
      follow(pools, (before, after) => {
        if (after !== undefined && !onlyStatusChanged(before, after)) enqueue({ name: after.metadata.name });
      });
      nodes.onChange((before, after) => {
        if (after === undefined && before !== undefined) memory.deletedNodes.delete(before.metadata.uid);
        const same = before?.metadata.uid === after?.metadata.uid && before?.spec?.unschedulable === after?.spec?.unschedulable;
        if (!same) aboutHost((after ?? before)?.metadata.name ?? '');
      });
      instances.onChange((before, after) => {
        if (before !== undefined && after === undefined) aboutHost(before.spec.nodeName);
      });
      world.onChange(whenAnswering(dependencies, aboutHost));
    },
  };
}

/** Calls `tell` when a host begins or ceases to answer: what its guests do is nothing to its pool. */
function whenAnswering(dependencies: HostPoolDependencies, tell: (host: string) => void): (host: string) => void {
  const last = new Map<string, boolean>();
  return (host) => {
    const answers = answersNow(dependencies, host);
    if (last.get(host) === answers) return;
    last.set(host, answers);
    tell(host);
  };
}

function answersNow({ world }: HostPoolDependencies, host: string): boolean {
  const state = world.hostState(host);
  return state?.running === true && state.connected && state.agentRunning;
}

function onlyStatusChanged(before: HostPool | undefined, after: HostPool): boolean {
  return before?.metadata.uid === after.metadata.uid && equal(identity(before), identity(after));
}

function identity({ metadata }: HostPool): unknown {
  return [metadata.generation, metadata.deletionTimestamp, metadata.finalizers];
}

function hasFinalizer({ metadata }: HostPool): boolean {
  return metadata.finalizers?.includes(hostPoolFinalizer) ?? false;
}

async function setFinalizer({ client }: HostPoolDependencies, { metadata }: HostPool, wanted: boolean): Promise<void> {
  const { name, uid, resourceVersion } = metadata;
  const others = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== hostPoolFinalizer);
  const finalizers = wanted ? [...others, hostPoolFinalizer] : others;
  await client.patch(HostPool, { name }, { metadata: { uid, resourceVersion, finalizers } }, { fieldManager: simulationManager });
}

async function writeStatus(dependencies: HostPoolDependencies, { pool }: HostPoolScope, obstacles: readonly Obstacle[]): Promise<void> {
  const { client, clock, nodes, world } = dependencies;
  const status = statusOf({
    scope: scopeOf(dependencies, pool),
    exists: (host) => world.hostState(host) !== undefined,
    answers: (host) => answersNow(dependencies, host) && nodes.get({ name: host }) !== undefined,
    obstacles,
    now: clock.now(),
  });
  if (equal(pool.status, status)) return;
  const { name, uid } = pool.metadata;
  // Deleted, or made anew, since it was read.
  await unlessGone(
    client.patch(HostPool, { name }, { metadata: { uid }, status }, { subresource: 'status', fieldManager: simulationManager }),
  );
}

function again(obstacles: readonly Obstacle[]): Result {
  const waits = obstacles.flatMap((obstacle) => (obstacle.by === 'Cordon' ? [obstacle.waitMs] : obstacle.by === 'Guests' ? [1000] : []));
  return waits.length === 0 ? undefined : { requeueAfter: Math.min(...waits) };
}
