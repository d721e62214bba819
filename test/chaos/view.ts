/** What the API holds at one moment, as the judge of the simulation looks at it. */
import { Host } from '../../src/api/host.ts';
import { VirtualMachineInstance } from '../../src/api/virtual-machine-instance.ts';
import { VirtualMachine } from '../../src/api/virtual-machine.ts';
import type { Client } from '../../src/kube/types.ts';
import { Lease, Node } from '../../src/meta/core.ts';
import type { KubeObject } from '../../src/meta/objects.ts';
import type { Seen } from '../simulation/mirror.ts';

export type View = Seen;

export async function viewOf(client: Client, namespace: string): Promise<View> {
  const vms = (await client.list(VirtualMachine, { namespace })).items;
  const instances = (await client.list(VirtualMachineInstance, { namespace })).items;
  const leases = byName((await client.list(Lease, { namespace })).items);
  const hosts = (await client.list(Host)).items;
  const nodes = byName((await client.list(Node)).items);
  const [vm, host] = [byName(vms), byName(hosts)];
  return {
    vm: (name) => vm.get(name),
    vms: () => vms,
    instances: () => instances,
    host: (name) => host.get(name),
    hosts: () => hosts,
    // Nobody makes one there.
    pair: () => undefined,
    profile: () => undefined,
    node: (name) => nodes.get(name),
    lease: (name) => leases.get(name),
  };
}

function byName<T extends KubeObject>(objects: readonly T[]): Map<string, T> {
  return new Map(objects.map((object) => [object.metadata.name, object]));
}
