import { follow } from '../../kube/cache.ts';
import type { Cache, ControllerSpec, Result } from '../../kube/types.ts';
import type { KubeObject } from '../../meta/objects.ts';
import { isApiError } from '../../meta/status.ts';
import type { GcContext } from '../context.ts';
import { ServiceAccount, type LivingNamespace } from './kinds.ts';

const name = 'default';

/** Gives each namespace its `default` ServiceAccount, and again when it is deleted. */
export function defaultServiceAccounts(
  context: GcContext,
  namespaces: Cache<LivingNamespace>,
  accounts: Cache<KubeObject>,
): ControllerSpec {
  return {
    name: 'default-service-account',
    concurrency: 4,
    watch(enqueue) {
      follow(namespaces, (before, after) => {
        if (before === undefined && after !== undefined) enqueue({ name: after.metadata.name });
      });
      accounts.onChange((before, after) => {
        const namespace = before?.metadata.namespace;
        if (after === undefined && namespace !== undefined) enqueue({ name: namespace });
      });
    },
    async reconcile({ name: namespace }): Promise<Result> {
      const there = namespaces.get({ name: namespace });
      if (there === undefined || there.metadata.deletionTimestamp !== undefined) return undefined;
      if (accounts.get({ namespace, name }) !== undefined) return undefined;
      try {
        await context.client.create(ServiceAccount, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } });
      } catch (error) {
        // Somebody was faster, or the namespace is going.
        if (!isApiError(error, 'AlreadyExists', 'NotFound', 'Forbidden')) throw error;
      }
      return undefined;
    },
  };
}
