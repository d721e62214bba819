import type { Runtime } from '../base/runtime.ts';
import { caches } from '../kube/caches.ts';
import { runController } from '../kube/controller.ts';
import type { Metrics } from '../kube/types.ts';
import type { ControlPlane } from '../meta/control-plane.ts';
import { Lease, Node, Pod } from '../meta/core.ts';
import { runCollector } from './collector/collector.ts';
import { gcContext } from './context.ts';
import { LivingNamespace, ServiceAccount } from './namespaces/kinds.ts';
import { namespaceLifeCycle } from './namespaces/life-cycle.ts';
import { defaultServiceAccounts } from './namespaces/service-accounts.ts';
import { leaseNamespace, nodeLifeCycle } from './nodes/life-cycle.ts';
import { podCacheOptions, strandedPods } from './nodes/pods.ts';

/**
 * Does for a bare API server what kube-controller-manager does in a real cluster: collects what nobody owns, empties namespaces, gives them
 * their service account, marks silent nodes, and removes Pods of nodes that are gone. Settles after `runtime.stopping`.
 */
export async function runGc(controlPlane: ControlPlane, runtime: Runtime, options: { readonly metrics?: Metrics } = {}): Promise<void> {
  const context = gcContext(controlPlane, runtime, options.metrics);
  const known = caches(controlPlane, runtime, { userAgent: 'hypersphere-gc', ...options });
  const namespaces = known.cache(LivingNamespace);
  const nodes = known.cache(Node);
  const specs = [
    namespaceLifeCycle(context, namespaces),
    defaultServiceAccounts(context, namespaces, known.cache(ServiceAccount, { fieldSelector: 'metadata.name=default' })),
    nodeLifeCycle(context, nodes, known.cache(Lease, { namespace: leaseNamespace })),
    strandedPods(context, known.cache(Pod, podCacheOptions), nodes),
  ];
  await Promise.all([runCollector(context), ...specs.map((spec) => runController(spec, runtime, { caches: known, ...options }))]);
}
