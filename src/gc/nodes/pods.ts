import { Node, type Pod } from '../../meta/core.ts';
import { Pod as PodKind } from '../../meta/core.ts';
import { keyOf } from '../../meta/objects.ts';
import { isApiError } from '../../meta/status.ts';
import { follow } from '../../kube/cache.ts';
import type { Cache, CacheOptions, ControllerSpec, Result } from '../../kube/types.ts';
import type { GcContext } from '../context.ts';

/** Milliseconds that a node may be away, for it may be made anew. */
const quarantine = 40_000;

export const podCacheOptions: CacheOptions<Pod> = { indexes: { node: podNodes } };

function podNodes({ spec }: Pod): readonly string[] {
  return spec?.nodeName === undefined ? [] : [spec.nodeName];
}

/** Deletes Pods whose Node is gone: no kubelet will ever end them. */
export function strandedPods(context: GcContext, pods: Cache<Pod>, nodes: Cache<Node>): ControllerSpec {
  const missingSince = new Map<string, number>();
  return {
    name: 'stranded-pods',
    concurrency: 4,
    watch(enqueue) {
      follow(pods, (before, after) => {
        const pod = after ?? before;
        if (pod === undefined) return;
        if (after === undefined) missingSince.delete(keyOf(pod.metadata));
        else if (isStranded(after, nodes)) enqueue(after.metadata);
      });
      nodes.onChange((before, after) => {
        if (after === undefined && before !== undefined)
          for (const pod of pods.byIndex('node', before.metadata.name)) enqueue(pod.metadata);
      });
    },
    async reconcile(ref): Promise<Result> {
      const key = keyOf(ref);
      const pod = pods.get(ref);
      if (pod === undefined || !isStranded(pod, nodes)) {
        missingSince.delete(key);
        return undefined;
      }
      const now = context.runtime.clock.monotonic();
      const since = missingSince.get(key) ?? now;
      missingSince.set(key, since);
      if (now - since < quarantine) return { requeueAfter: quarantine - (now - since) };
      await removeForGood(context, pod);
      return undefined;
    },
  };
}

/** On a node that is not there, and not told yet that nobody waits for it. */
function isStranded(pod: Pod, nodes: Cache<Node>): boolean {
  const node = pod.spec?.nodeName;
  if (node === undefined || node === '' || nodes.get({ name: node }) !== undefined) return false;
  return pod.metadata.deletionTimestamp === undefined || pod.metadata.deletionGracePeriodSeconds !== 0;
}

async function removeForGood({ client, runtime }: GcContext, pod: Pod): Promise<void> {
  const node = await client.get(Node, { name: pod.spec?.nodeName ?? '' });
  if (node !== undefined) return;
  try {
    await client.delete(PodKind, pod.metadata, { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } });
    runtime.log.info('deleted a pod whose node is gone', { pod: keyOf(pod.metadata), node: pod.spec?.nodeName });
  } catch (error) {
    if (!isApiError(error, 'Conflict')) throw error;
  }
}
