import { simulationManager } from '../../../../api/common.ts';
import { Host } from '../../../../api/host.ts';
import { apiVersionOf } from '../../../../meta/resource.ts';
import { bmcOf } from '../../../world/bmc.ts';
import type { HostPoolDependencies, PoolHost } from '../scope.ts';

/** Says where the BMC of each host is, as who sets up a rack does: what a person has written there stays. */
export async function nameBmcs(dependencies: HostPoolDependencies, hosts: readonly PoolHost[]): Promise<void> {
  const { named } = dependencies.memory;
  const fresh = hosts.filter(({ name, surplus, nameTaken }) => !surplus && !nameTaken && !named.has(name));
  await Promise.all(fresh.map(({ name }) => nameBmc(dependencies, name)));
}

async function nameBmc({ client, memory }: HostPoolDependencies, name: string): Promise<void> {
  const there = await client.get(Host, { name });
  if (there?.spec.bmc === undefined) {
    const object = { apiVersion: apiVersionOf(Host), kind: Host.kind, metadata: { name }, spec: { bmc: bmcOf(name) } };
    await client.apply(Host, { name }, object, { fieldManager: simulationManager });
  }
  memory.named.add(name);
}
