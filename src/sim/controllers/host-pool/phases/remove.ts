import { systemNamespace } from '../../../../api/common.ts';
import { agentLeaseName, Host } from '../../../../api/host.ts';
import { HostUsage } from '../../../../api/host-usage.ts';
import { VirtualMachineInstance } from '../../../../api/virtual-machine-instance.ts';
import { Lease, Node } from '../../../../meta/core.ts';
import { isPortError } from '../../../../ports/errors.ts';
import { nodeLeaseNamespace } from '../../../kubelet/leases.ts';
import { isOwn } from '../../../kubelet/node.ts';
import { someAtOnce } from './at-once.ts';
import { virtualMachinesOn, type HostPoolDependencies, type PoolHost } from '../scope.ts';

/** What keeps a surplus host where it is. */
export type Obstacle =
  | { readonly host: string; readonly by: 'VirtualMachines'; readonly virtualMachines: readonly string[] }
  /** It was cordoned a moment ago: a placement that did not know may be under way. */
  | { readonly host: string; readonly by: 'Cordon'; readonly waitMs: number }
  /** Guests run on it that no instance knows of. */
  | { readonly host: string; readonly by: 'Guests' };

/** How long a cordon is left to be seen by everybody, before an empty host is believed to stay empty. */
const cordonMs = 2000;

/** Takes surplus hosts away, the highest ordinals first, as far as nothing is on them. @returns what keeps the others. */
export async function removeHosts(dependencies: HostPoolDependencies, hosts: readonly PoolHost[]): Promise<Obstacle[]> {
  const { cordonedAt } = dependencies.memory;
  const surplus = hosts.filter((host) => host.surplus).sort((a, b) => b.ordinal - a.ordinal);
  const obstacles = await someAtOnce(surplus, async (host) => {
    const obstacle = await removeHost(dependencies, host);
    if (obstacle === undefined) cordonedAt.delete(host.name);
    return obstacle ?? [];
  });
  for (const host of hosts) if (!host.surplus) cordonedAt.delete(host.name);
  return obstacles.flat();
}

async function removeHost(dependencies: HostPoolDependencies, host: PoolHost): Promise<Obstacle | undefined> {
  const { client, kubelet, world } = dependencies;
  const { name, virtualMachines } = host;
  if (virtualMachines.length > 0) return { host: name, by: 'VirtualMachines', virtualMachines };
  const waitMs = stillCordoning(dependencies, host);
  if (waitMs > 0) return { host: name, by: 'Cordon', waitMs };
  // The cache may be behind; a host that is gone cannot give a VM back.
  const { items } = await client.list(VirtualMachineInstance, { fieldSelector: `spec.nodeName=${name}` });
  if (items.length > 0) return { host: name, by: 'VirtualMachines', virtualMachines: virtualMachinesOn(items) };
  try {
    await world.remove(name);
  } catch (error) {
    if (isPortError(error, 'WrongState')) return { host: name, by: 'Guests' };
    throw error;
  }
  kubelet.retire(name);
  await removeObjects(dependencies, host);
  return undefined;
}

function stillCordoning({ clock, memory }: HostPoolDependencies, { name, node }: PoolHost): number {
  if (node === undefined) return 0;
  const since = memory.cordonedAt.get(name) ?? clock.monotonic();
  memory.cordonedAt.set(name, since);
  return since + cordonMs - clock.monotonic();
}

/** The Node goes last: as long as it is there, a process that comes after this one finds what is left to do. */
async function removeObjects(dependencies: HostPoolDependencies, { name, pool }: PoolHost): Promise<void> {
  const { client } = dependencies;
  const node = await client.get(Node, { name });
  // What is there under a stranger's Node may be the stranger's.
  if (node !== undefined && !isOwn(node, { pool, name })) return;
  await client.delete(Lease, { namespace: nodeLeaseNamespace, name });
  await client.delete(Lease, { namespace: systemNamespace, name: agentLeaseName(name) });
  await client.delete(HostUsage, { name });
  await client.delete(Host, { name });
  dependencies.memory.named.delete(name);
  if (node !== undefined) await removeNode(dependencies, node);
}

async function removeNode({ client, memory }: HostPoolDependencies, { metadata: { name, uid } }: Node): Promise<void> {
  memory.deletedNodes.add(uid);
  try {
    await client.delete(Node, { name }, { preconditions: { uid } });
  } catch (error) {
    memory.deletedNodes.delete(uid);
    throw error;
  }
}
