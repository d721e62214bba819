import { parseTime } from '../../base/time.ts';
import type { Cache, ControllerSpec, Result } from '../../kube/types.ts';
import { follow } from '../../kube/cache.ts';
import { objectPath } from '../../meta/resource.ts';
import { isApiError } from '../../meta/status.ts';
import type { GcContext } from '../context.ts';
import { discover } from '../discovery.ts';
import { saysTheSame, terminatingConditions } from './conditions.ts';
import { emptyNamespace, type Remainder } from './content.ts';
import { LivingNamespace } from './kinds.ts';

/** The finalizer of a namespace's spec that stands for its content. */
const contentFinalizer = 'kubernetes';

/** Empties namespaces that are going, then lets them go. */
export function namespaceLifeCycle(context: GcContext, namespaces: Cache<LivingNamespace>): ControllerSpec {
  return {
    name: 'namespace-life-cycle',
    concurrency: 4,
    watch(enqueue) {
      follow(namespaces, (_before, after) => {
        if (after !== undefined && isGoing(after)) enqueue({ name: after.metadata.name });
      });
    },
    async reconcile({ name }): Promise<Result> {
      const cached = namespaces.get({ name });
      if (cached === undefined || !isGoing(cached)) return undefined;
      // What follows cannot be taken back: it goes by the server's word, not the cache's.
      const namespace = await context.client.get(LivingNamespace, { name });
      if (namespace === undefined || !isGoing(namespace)) return undefined;
      const { resources } = await discover(context.bare.requester, context.runtime.stopping);
      const left = await emptyNamespace(context, name, resources);
      if (left.resources.size > 0 || left.failures.size > 0) {
        await say(context, namespace, left);
        return { requeueAfter: nextLook(context, namespace) };
      }
      await finalize(context, namespace);
      return undefined;
    },
  };
}

function isGoing({ metadata, spec }: LivingNamespace): boolean {
  return metadata.deletionTimestamp !== undefined && (spec?.finalizers ?? []).includes(contentFinalizer);
}

/** Often at first, seldom when something has been in the way for long. */
function nextLook({ runtime }: GcContext, { metadata }: LivingNamespace): number {
  const age = runtime.clock.now() - (parseTime(metadata.deletionTimestamp) ?? 0);
  return Math.min(Math.max(age / 4, 500), 15_000);
}

/** Writes the conditions, unless they say so already. */
async function say({ client, runtime }: GcContext, namespace: LivingNamespace, left: Remainder): Promise<void> {
  const before = namespace.status?.conditions ?? [];
  const conditions = terminatingConditions(before, left, runtime.clock.now());
  if (namespace.status?.phase === 'Terminating' && saysTheSame(before, conditions)) return;
  const { name, resourceVersion } = namespace.metadata;
  await client.patch(
    LivingNamespace,
    { name },
    { metadata: { resourceVersion }, status: { phase: 'Terminating', conditions } },
    { subresource: 'status' },
  );
}

async function finalize({ requester, client, runtime }: GcContext, { metadata: { name } }: LivingNamespace): Promise<void> {
  // Its status may have been written since it was read.
  const namespace = await client.get(LivingNamespace, { name });
  if (namespace === undefined || !isGoing(namespace)) return;
  const finalizers = (namespace.spec?.finalizers ?? []).filter((finalizer) => finalizer !== contentFinalizer);
  const content = { ...namespace, spec: { ...namespace.spec, finalizers } };
  const path = objectPath(LivingNamespace, { name }, 'finalize');
  try {
    await requester.json({ verb: 'update', method: 'PUT', path, body: { type: 'application/json', content } }, runtime.stopping);
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
  }
}
