import type { ControllerSpec, Result } from '../../kube/types.ts';
import { unlessGone } from '../../kube/unless-gone.ts';
import { Pod } from '../../meta/core.ts';
import { apiVersionOf } from '../../meta/resource.ts';
import { kubeletManager, type KubeletContext } from './context.ts';
import { endsIn, runningStatus } from './pod.ts';

export const podsByNode = 'node';

/** The index that the cache of Pods needs. */
export const podIndexes = {
  [podsByNode]: ({ spec }: Pod): readonly string[] => (spec?.nodeName === undefined || spec.nodeName === '' ? [] : [spec.nodeName]),
};

/** Acts for every Pod on a simulated host: it runs, and ends when it is deleted. */
export function podController(context: KubeletContext): ControllerSpec {
  const { pods, served, client, runtime } = context;
  return {
    name: 'simulated-pod',
    concurrency: 8,
    watch: (enqueue) => {
      context.onChange((host) => {
        for (const pod of pods.byIndex(podsByNode, host)) enqueue(pod.metadata);
      });
      pods.onChange((_, after) => {
        if (after?.spec?.nodeName !== undefined && served.has(after.spec.nodeName)) enqueue(after.metadata);
      });
    },
    reconcile: async (ref): Promise<Result> => {
      const pod = pods.get(ref);
      const host = pod?.spec?.nodeName;
      if (pod === undefined || host === undefined || !context.works(host)) return undefined;
      const now = runtime.clock.now();
      if (pod.metadata.deletionTimestamp === undefined) {
        const status = runningStatus(pod, now);
        if (status !== undefined) await post(context, pod, status);
        return undefined;
      }
      const left = endsIn(pod, now);
      if (left === undefined) return undefined;
      if (left > 0) return { requeueAfter: left };
      await unlessGone(client.delete(Pod, ref, { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } }));
      return undefined;
    },
  };
}

async function post({ client }: KubeletContext, { metadata }: Pod, status: object): Promise<void> {
  const { name, uid, namespace = '' } = metadata;
  const object = { apiVersion: apiVersionOf(Pod), kind: Pod.kind, metadata: { name, namespace, uid }, status };
  await unlessGone(client.apply(Pod, { name, namespace }, object, { fieldManager: kubeletManager, subresource: 'status' }));
}
