import type { Clock } from '../../base/clock.ts';
import { Stopped } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { runController } from '../../kube/controller.ts';
import type { ControllerSpec, Result } from '../../kube/types.ts';
import type { ResourceType } from '../../meta/resource.ts';
import type { GcContext } from '../context.ts';
import type { ServedResource } from '../discovery.ts';
import { collect, type Collecting } from './collect.ts';
import { graph, hasAllOwners, nodeOf, type Graph, type GraphNode } from './graph.ts';
import { kinds } from './kinds.ts';
import { monitors, type Monitors, type Observer } from './monitors.ts';
import { owners } from './owners.ts';

/** How long an owner that was never seen may still be on its way, and a dependent of one that is being deleted: each kind is watched by itself. */
const patience = 1_000;

interface Memory {
  readonly graph: Graph;
  /** Since when (monotonic) an object has been in question by what itself says. */
  readonly since: Map<string, number>;
  /** Objects with an owner of a kind that is not served. */
  readonly strangers: Set<string>;
  look(uid: string): void;
}

/** Deletes what nobody owns any more, until the process stops. */
export async function runCollector(context: GcContext): Promise<void> {
  const { runtime, bare } = context;
  const metrics = context.metrics === undefined ? {} : { metrics: context.metrics };
  const memory: Memory = { graph: graph(), since: new Map(), strangers: new Set(), look: () => undefined };
  const hint = (): void => {
    known.hint();
  };
  const watching = monitors({ requester: bare.requester, runtime, ...metrics }, observer(memory, runtime.clock, hint));
  const known = kinds(context, ({ resources }) => {
    watching.follow(resources.filter(isCollectable));
    for (const uid of memory.strangers) memory.look(uid);
    memory.strangers.clear();
  });
  const collecting: Collecting = {
    graph: memory.graph,
    owners: owners(bare.client, known.served),
    client: bare.client,
    look: (uid) => {
      memory.look(uid);
    },
    lookWhenKindsChange: (uid) => memory.strangers.add(uid),
  };
  const whenSynced = async (signal: AbortSignal): Promise<void> => {
    while (known.served().resources.length === 0 || !watching.synced()) await runtime.clock.sleep(100, signal);
  };
  await Promise.all([
    known.run().catch(ignoreStop),
    runController(specOf(memory, watching, collecting, runtime.clock), runtime, { caches: { synced: whenSynced }, ...metrics }),
  ]);
}

/** Keeps the graph, and says where to look. */
function observer(memory: Memory, clock: Clock, hint: () => void): Observer {
  const { since } = memory;
  return {
    seen(type, object) {
      if (isDefinition(type)) hint();
      const node = nodeOf(type, object);
      const uids = memory.graph.put(node);
      if (!uids.includes(node.uid)) since.delete(node.uid);
      else if (!since.has(node.uid)) since.set(node.uid, clock.monotonic());
      for (const uid of uids) memory.look(uid);
    },
    gone(type, uid) {
      if (isDefinition(type)) hint();
      since.delete(uid);
      memory.strangers.delete(uid);
      for (const other of memory.graph.remove(uid)) memory.look(other);
    },
  };
}

function specOf(memory: Memory, watching: Monitors, collecting: Collecting, clock: Clock): ControllerSpec {
  return {
    name: 'garbage-collector',
    concurrency: 20,
    watch(enqueue) {
      memory.look = (uid) => {
        enqueue({ name: uid });
      };
    },
    async reconcile({ name: uid }, log: Log): Promise<Result> {
      const node = memory.graph.get(uid);
      if (node === undefined || isAtRest(node, memory.graph)) return undefined;
      const wait = patience - (clock.monotonic() - (memory.since.get(uid) ?? -patience));
      if (wait > 0) return { requeueAfter: wait };
      if (isPartOfDeletion(node) && !watching.synced()) return { requeueAfter: patience };
      return collect(collecting, uid, log);
    },
  };
}

function isPartOfDeletion(node: GraphNode): boolean {
  return node.foreground || node.orphaning;
}

function isAtRest(node: GraphNode, among: Graph): boolean {
  return !isPartOfDeletion(node) && hasAllOwners(node, among);
}

/** Events come and go by themselves, in numbers, and own nothing. */
function isCollectable({ verbs, plural, group }: ServedResource): boolean {
  if (plural === 'events' && (group === '' || group === 'events.k8s.io')) return false;
  return verbs.has('list') && verbs.has('watch') && verbs.has('delete');
}

function isDefinition({ group, plural }: ResourceType): boolean {
  return group === 'apiextensions.k8s.io' && plural === 'customresourcedefinitions';
}

function ignoreStop(error: unknown): void {
  if (!(error instanceof Stopped)) throw error;
}
