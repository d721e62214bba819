/** Keeps a HostCluster while VMs use it. */
import { operatorManager } from '../../api/common.ts';
import { HostCluster, hostClusterFinalizer } from '../../api/host-cluster.ts';
import { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import type { Client } from '../../kube/types.ts';
import { unlessGone } from '../../kube/unless-gone.ts';

export function isGuarded({ metadata }: HostCluster): boolean {
  return (metadata.finalizers ?? []).includes(hostClusterFinalizer);
}

export function isLeaving({ metadata }: HostCluster): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** By server-side apply, beside the finalizers of others. The uid keeps it from making anew what was just deleted. */
export async function guard(client: Client, { metadata: { name, uid } }: HostCluster): Promise<void> {
  const object = { metadata: { uid, finalizers: [hostClusterFinalizer] } };
  await unlessGone(client.apply(HostCluster, { name }, object, { fieldManager: operatorManager }));
}

/**
 * Lets it go, unless the server knows of an instance that the cache does not show. Not by apply: a person who applied what `kubectl get` showed
 * owns the finalizer too, and it would stay for ever.
 */
export async function release(client: Client, { metadata }: HostCluster): Promise<void> {
  const { name, uid, resourceVersion } = metadata;
  const { items } = await client.list(VirtualMachineInstance);
  if (items.some(({ spec }) => spec.hostCluster === name)) return;
  const finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== hostClusterFinalizer);
  await unlessGone(client.patch(HostCluster, { name }, { metadata: { uid, resourceVersion, finalizers } }));
}
