import { ConnectionLost } from '../../meta/control-plane.ts';
import { Lease, Node } from '../../meta/core.ts';
import { follow } from '../../kube/cache.ts';
import type { Cache, ControllerSpec, Result } from '../../kube/types.ts';
import type { GcContext } from '../context.ts';
import { heartbeats, type Heartbeats } from './heartbeats.ts';
import { silentConditions, taintsFor } from './verdict.ts';

/** Where kubelets keep their leases. */
export const leaseNamespace = 'kube-node-lease';
/** Milliseconds without a renewal after which a node counts as lost. */
const grace = 40_000;
/** Milliseconds between two tries to reach the server. */
const probe = 5_000;

interface Watching {
  readonly context: GcContext;
  readonly nodes: Cache<Node>;
  readonly beats: Heartbeats;
}

/** Says of nodes that fell silent that nobody knows how they are. Nodes that never had a lease are none of its business. */
export function nodeLifeCycle(context: GcContext, nodes: Cache<Node>, leases: Cache<Lease>): ControllerSpec {
  const beats = heartbeats(context.runtime.clock);
  const watching: Watching = { context, nodes, beats };
  return {
    name: 'node-life-cycle',
    concurrency: 4,
    watch(enqueue) {
      follow(leases, (before, after) => {
        const name = (after ?? before)?.metadata.name ?? '';
        if (after === undefined) beats.forget(name);
        else beats.heard(name, after.spec?.renewTime ?? '');
        // The renewals of a node that is well are many, and change nothing.
        if (before === undefined || after === undefined || isLost(nodes.get({ name }))) enqueue({ name });
      });
      follow(nodes, (_before, after) => {
        if (after !== undefined) enqueue({ name: after.metadata.name });
      });
    },
    reconcile: ({ name }) => look(watching, name),
  };
}

async function look(watching: Watching, name: string): Promise<Result> {
  const { beats } = watching;
  const node = watching.nodes.get({ name });
  const silence = beats.silence(name);
  if (node === undefined || silence === undefined) return undefined;
  if ((silence >= grace || beats.isDeaf()) && !(await listen(watching, name))) return { requeueAfter: probe };
  if ((beats.silence(name) ?? 0) >= grace) {
    await markSilent(watching, node);
    await taint(watching, node, true);
    return undefined;
  }
  // As long as its kubelet has not said that it is well, the node stays tainted.
  if (!isLost(node)) await taint(watching, node, false);
  return { requeueAfter: grace - (beats.silence(name) ?? 0) };
}

/**
 * Asks the server for the lease, which may have been renewed without our cache having heard of it. False when the server could not be
 * asked: who cannot reach it cannot blame a node for not having been there.
 */
async function listen({ context, beats }: Watching, name: string): Promise<boolean> {
  try {
    const lease = await context.client.get(Lease, { namespace: leaseNamespace, name });
    beats.hearing();
    beats.heard(name, lease?.spec?.renewTime ?? '');
    return true;
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
    beats.deaf();
    return false;
  }
}

function isLost(node: Node | undefined): boolean {
  return node?.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'Unknown';
}

async function markSilent({ context }: Watching, node: Node): Promise<void> {
  const conditions = silentConditions(node.status?.conditions ?? [], context.runtime.clock.now());
  if (conditions === undefined) return;
  const { name, resourceVersion } = node.metadata;
  await context.client.patch(Node, { name }, { metadata: { resourceVersion }, status: { conditions } }, { subresource: 'status' });
  context.runtime.log.info('node fell silent', { node: name });
}

async function taint({ context }: Watching, node: Node, lost: boolean): Promise<void> {
  const taints = taintsFor(node.spec?.taints ?? [], lost, context.runtime.clock.now());
  if (taints === undefined) return;
  // Its status may have been written just now: only the taints must be as they were.
  const live = await context.client.get(Node, { name: node.metadata.name });
  if (live?.metadata.uid !== node.metadata.uid) return;
  const wanted = taintsFor(live.spec?.taints ?? [], lost, context.runtime.clock.now());
  if (wanted === undefined) return;
  const { name, resourceVersion } = live.metadata;
  await context.client.patch(Node, { name }, { metadata: { resourceVersion }, spec: { taints: wanted.length === 0 ? null : wanted } });
}
