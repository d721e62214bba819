import { isRecord } from '../../kube/answers.ts';
import { ConnectionLost } from '../../meta/control-plane.ts';
import type { KubeObject } from '../../meta/objects.ts';
import { collectionPath } from '../../meta/resource.ts';
import { messageOf, Stopped } from '../../base/errors.ts';
import type { GcContext } from '../context.ts';
import type { ServedResource } from '../discovery.ts';

/** What is left in a namespace after everything in it was told to go. */
export interface Remainder {
  /** Objects left, by `plural.group`. */
  readonly resources: ReadonlyMap<string, number>;
  /** Objects left that have this finalizer, by finalizer. */
  readonly finalizers: ReadonlyMap<string, number>;
  /** What went wrong on the way, by `plural.group`. */
  readonly failures: ReadonlyMap<string, string>;
}

/** Tells everything in `namespace` to go, kind by kind. One kind's failure holds up no other. @throws {Stopped} */
export async function emptyNamespace(context: GcContext, namespace: string, resources: readonly ServedResource[]): Promise<Remainder> {
  const counts = new Map<string, number>();
  const finalizers = new Map<string, number>();
  const failures = new Map<string, string>();
  for (const resource of resources.filter(isContent)) {
    const name = resource.group === '' ? `${resource.plural}.` : `${resource.plural}.${resource.group}`;
    try {
      const left = await emptyCollection(context, namespace, resource);
      if (left.length > 0) counts.set(name, left.length);
      for (const finalizer of left.flatMap((object) => object.metadata.finalizers ?? [])) {
        finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
      }
    } catch (error) {
      if (error instanceof Stopped || error instanceof ConnectionLost) throw error;
      failures.set(name, messageOf(error));
    }
  }
  return { resources: counts, finalizers, failures };
}

function isContent({ namespaced, verbs }: ServedResource): boolean {
  return namespaced && verbs.has('list') && (verbs.has('delete') || verbs.has('deletecollection'));
}

async function emptyCollection(context: GcContext, namespace: string, resource: ServedResource): Promise<KubeObject[]> {
  const { client } = context.bare;
  const before: KubeObject[] = (await client.list(resource, { namespace })).items;
  const going = before.filter((object) => object.metadata.deletionTimestamp === undefined);
  if (going.length === 0) return before;
  if (resource.verbs.has('deletecollection')) await deleteCollection(context, namespace, resource);
  else await inTurn(going, 10, ({ metadata }) => client.delete(resource, metadata, { propagationPolicy: 'Background' }));
  return (await client.list(resource, { namespace })).items;
}

async function deleteCollection({ requester, runtime }: GcContext, namespace: string, resource: ServedResource): Promise<void> {
  const content = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' };
  const path = collectionPath(resource, namespace);
  const answer = await requester.json(
    { verb: 'deletecollection', method: 'DELETE', path, body: { type: 'application/json', content } },
    runtime.stopping,
  );
  if (!isRecord(answer)) throw new ConnectionLost('no answer to a deletion');
}

/** Runs `work` over `items`, `width` at a time. */
async function inTurn<T>(items: readonly T[], width: number, work: (item: T) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
}
