import type { Log } from '../../base/log.ts';
import type { Client, DeleteOptions, Result } from '../../kube/types.ts';
import type { KubeObject, ObjectRef, OwnerReference } from '../../meta/objects.ts';
import type { ResourceType } from '../../meta/resource.ts';
import { isApiError } from '../../meta/status.ts';
import { foregroundFinalizer, hasAllOwners, orphanFinalizer, type Graph, type GraphNode } from './graph.ts';
import type { Owners, OwnerState } from './owners.ts';

export interface Collecting {
  readonly graph: Graph;
  readonly owners: Owners;
  /** Asks for metadata only. */
  readonly client: Client;
  readonly look: (uid: string) => void;
  /** The owner's kind is not served: look again when kinds have changed. */
  readonly lookWhenKindsChange: (uid: string) => void;
}

/** Does what is to be done about one object now. The graph only says where to look: every write follows from what the server says at this moment. */
export async function collect(context: Collecting, uid: string, log: Log): Promise<Result> {
  const node = context.graph.get(uid);
  if (node === undefined) return undefined;
  if (node.orphaning) await orphanDependents(context, node);
  if (node.foreground) await finishForeground(context, node);
  else if (!node.deleting && !hasAllOwners(node, context.graph)) await judge(context, node, log);
  return undefined;
}

/** Lets the dependents go, then their owner. */
async function orphanDependents(context: Collecting, node: GraphNode): Promise<void> {
  for (const dependent of context.graph.dependentsOf(node.uid)) {
    const live = await liveOf(context, dependent);
    if (live !== undefined) await dropOwners(context, dependent, live, new Set([node.uid]));
  }
  await dropFinalizer(context, node, orphanFinalizer);
}

async function finishForeground(context: Collecting, node: GraphNode): Promise<void> {
  const blocking = context.graph.dependentsOf(node.uid).filter((dependent) => blocks(dependent, node));
  if (blocking.length === 0) {
    await dropFinalizer(context, node, foregroundFinalizer);
    return;
  }
  for (const dependent of blocking) if (!dependent.deleting) context.look(dependent.uid);
}

function blocks(dependent: GraphNode, owner: GraphNode): boolean {
  return dependent.owners.some((reference) => reference.uid === owner.uid && reference.blockOwnerDeletion === true);
}

async function judge(context: Collecting, node: GraphNode, log: Log): Promise<void> {
  const live = await liveOf(context, node);
  const references = live?.metadata.ownerReferences ?? [];
  if (live === undefined || live.metadata.deletionTimestamp !== undefined || references.length === 0) return;
  const by = await statesOf(context, references, node);
  if (by.unknown.length > 0) {
    for (const { apiVersion, kind, name } of by.unknown)
      log.info('left alone: its owner cannot be looked up', { owner: { apiVersion, kind, name } });
    context.lookWhenKindsChange(node.uid);
    return;
  }
  const leaving = new Set([...by.absent, ...by.waiting].map((reference) => reference.uid));
  if (by.there.length > 0) await dropOwners(context, node, live, leaving);
  else await remove(context, node, live, by.waiting.length > 0, log);
}

async function statesOf(
  context: Collecting,
  references: readonly OwnerReference[],
  node: GraphNode,
): Promise<Record<OwnerState, OwnerReference[]>> {
  const by: Record<OwnerState, OwnerReference[]> = { there: [], absent: [], waiting: [], unknown: [] };
  for (const reference of references) by[await context.owners.stateOf(reference, refOf(node))].push(reference);
  return by;
}

/** Deletes an object that nobody owns any more. */
async function remove(context: Collecting, node: GraphNode, live: KubeObject, awaited: boolean, log: Log): Promise<void> {
  const dependents = context.graph.dependentsOf(node.uid);
  const inTurn = awaited && dependents.length > 0;
  if (inTurn && dependents.some((dependent) => dependent.foreground)) {
    // A ring of owners that all wait for each other: this one lets its owners go first.
    await unblockOwners(context, node, live);
    return;
  }
  const finalizers = live.metadata.finalizers ?? [];
  const kept = finalizers.includes(orphanFinalizer) ? 'Orphan' : finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background';
  const propagationPolicy: DeleteOptions['propagationPolicy'] = inTurn ? 'Foreground' : kept;
  const { uid, resourceVersion } = live.metadata;
  await context.client.delete(node.type, refOf(node), { propagationPolicy, preconditions: { uid, resourceVersion } });
  log.info('deleted: its owners are gone', { kind: node.type.kind, propagationPolicy });
}

async function unblockOwners(context: Collecting, node: GraphNode, live: KubeObject): Promise<void> {
  const references = live.metadata.ownerReferences ?? [];
  if (!references.some((reference) => reference.blockOwnerDeletion === true)) return;
  const ownerReferences = references.map((reference) => ({ ...reference, blockOwnerDeletion: false }));
  await write(context, node.type, live, { ownerReferences });
}

async function dropOwners(context: Collecting, node: GraphNode, live: KubeObject, leaving: ReadonlySet<string>): Promise<void> {
  const before = live.metadata.ownerReferences ?? [];
  const ownerReferences = before.filter((reference) => !leaving.has(reference.uid));
  if (ownerReferences.length < before.length) await write(context, node.type, live, { ownerReferences: orNull(ownerReferences) });
}

async function dropFinalizer(context: Collecting, node: GraphNode, finalizer: string): Promise<void> {
  const live = await liveOf(context, node);
  const before = live?.metadata.finalizers ?? [];
  if (live === undefined || !before.includes(finalizer)) return;
  await write(context, node.type, live, { finalizers: orNull(before.filter((name) => name !== finalizer)) });
}

/** In a merge patch null takes the field away: no object is left with an empty list. */
function orNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}

/** Conditional on the version that was read: whoever changed it meanwhile is looked at again. */
async function write(context: Collecting, type: ResourceType, live: KubeObject, change: object): Promise<void> {
  const { name, namespace, resourceVersion } = live.metadata;
  const ref = namespace === undefined ? { name } : { name, namespace };
  try {
    await context.client.patch<KubeObject>(type, ref, { metadata: { resourceVersion, ...change } });
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
  }
}

async function liveOf({ client }: Collecting, node: GraphNode): Promise<KubeObject | undefined> {
  const live: KubeObject | undefined = await client.get(node.type, refOf(node));
  return live?.metadata.uid === node.uid ? live : undefined;
}

function refOf({ name, namespace }: GraphNode): ObjectRef {
  return namespace === undefined ? { name } : { name, namespace };
}
