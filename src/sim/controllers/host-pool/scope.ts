import type { HostPool } from '../../../api/host-pool.ts';
import type { VirtualMachineInstance } from '../../../api/virtual-machine-instance.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Cache, Client } from '../../../kube/types.ts';
import type { Node } from '../../../meta/core.ts';
import { keyOf } from '../../../meta/objects.ts';
import type { Kubelet } from '../../kubelet/kubelet.ts';
import { isOwn } from '../../kubelet/node.ts';
import type { SimulatedWorld } from '../../world/world.ts';
import { hostName, ordinalOf } from '../../host-names.ts';

export interface HostPoolDependencies {
  readonly client: Client;
  readonly clock: Clock;
  readonly world: SimulatedWorld;
  readonly kubelet: Pick<Kubelet, 'serve' | 'retire'>;
  readonly pools: Cache<HostPool>;
  readonly nodes: Cache<Node>;
  /** With the index `instancesByHost`. */
  readonly instances: Cache<VirtualMachineInstance>;
  readonly memory: HostPoolMemory;
}

/** What the controller remembers between two looks. */
export interface HostPoolMemory {
  /** When this process saw that a surplus host was cordoned, monotonic milliseconds. */
  readonly cordonedAt: Map<string, number>;
  /** The uids of Nodes that it deleted and that the cache may show still: they are no hosts. */
  readonly deletedNodes: Set<string>;
  /** Hosts of which it is said where their BMC is. */
  readonly named: Set<string>;
}

export const instancesByHost = 'host';

/** The index that the cache of instances needs. */
export const instanceIndexes = { [instancesByHost]: ({ spec }: VirtualMachineInstance): readonly string[] => [spec.nodeName] };

/** All that a reconcile looks at, read once. */
export interface HostPoolScope {
  readonly pool: HostPool;
  /** How many hosts there should be: none once the pool is deleted. */
  readonly desired: number;
  /** Every host that should be there or is, by ordinal. */
  readonly hosts: readonly PoolHost[];
}

export interface PoolHost {
  readonly name: string;
  readonly pool: string;
  readonly ordinal: number;
  /** It should not be there any more. */
  readonly surplus: boolean;
  readonly node: Node | undefined;
  /** The VMs that have an instance on it, `namespace/name`. */
  readonly virtualMachines: readonly string[];
  /** Its Node's name is taken by a Node that is none of the pool's. */
  readonly nameTaken: boolean;
}

export function scopeOf(dependencies: HostPoolDependencies, pool: HostPool): HostPoolScope {
  const { nodes, instances } = dependencies;
  const { name } = pool.metadata;
  const desired = pool.metadata.deletionTimestamp === undefined ? pool.spec.replicas : 0;
  const ordinals = new Set(existing(dependencies, name));
  for (let ordinal = 1; ordinal <= desired; ordinal++) ordinals.add(ordinal);
  const hosts = [...ordinals]
    .sort((a, b) => a - b)
    .map((ordinal): PoolHost => {
      const host = hostName(name, ordinal);
      const node = nodes.get({ name: host });
      const foreign = node !== undefined && !isOwn(node, { pool: name, name: host });
      return {
        name: host,
        pool: name,
        ordinal,
        surplus: ordinal > desired,
        node: foreign ? undefined : node,
        virtualMachines: virtualMachinesOn(instances.byIndex(instancesByHost, host)),
        nameTaken: foreign,
      };
    });
  return { pool, desired, hosts };
}

/** The ordinals of hosts that a process before this one made and did not take away, or whose Node is left. */
function existing({ world, nodes, memory }: HostPoolDependencies, pool: string): number[] {
  const left = nodes.list().filter((node) => {
    const { deletionTimestamp, name, uid } = node.metadata;
    return deletionTimestamp === undefined && !memory.deletedNodes.has(uid) && isOwn(node, { pool, name });
  });
  return [...world.remembered().keys(), ...left.map((node) => node.metadata.name)].flatMap((host) => {
    const parts = ordinalOf(host);
    return parts?.pool === pool ? [parts.ordinal] : [];
  });
}

export function virtualMachinesOn(instances: readonly VirtualMachineInstance[]): string[] {
  const names = instances.map(({ metadata, spec }) => keyOf({ namespace: metadata.namespace ?? '', name: spec.virtualMachine }));
  return [...new Set(names)].sort();
}
