import { HostCluster, type Datastore } from '../api/host-cluster.ts';
import type { Client } from '../kube/types.ts';
import type { Datastores } from '../ports/datastores.ts';
import { PortError } from '../ports/errors.ts';

/** The datastores of the HostClusters that instances name: read when needed, since they hardly ever change. */
export interface Catalogue {
  /** Makes sure that the host knows the datastores of `cluster`, and that `wanted` are among them. @returns the default one's name. @throws {PortError} NotFound. */
  attach(cluster: string, wanted: readonly string[]): Promise<string | undefined>;
}

export function catalogue(client: Client, datastores: Datastores): Catalogue {
  const known = new Map<string, readonly Datastore[]>();
  const read = async (cluster: string): Promise<readonly Datastore[]> => {
    const found = await client.get(HostCluster, { name: cluster });
    if (found === undefined) throw new PortError('NotFound', `there is no HostCluster ${cluster}, which says where its datastores are`);
    const specs = found.spec.datastores ?? [];
    await datastores.attach(specs);
    known.set(cluster, specs);
    return specs;
  };
  return {
    async attach(cluster, wanted) {
      const has = (specs: readonly Datastore[], name: string): boolean => specs.some((spec) => spec.name === name);
      let specs = known.get(cluster) ?? (await read(cluster));
      if (!wanted.every((name) => has(specs, name))) specs = await read(cluster);
      const missing = wanted.find((name) => !has(specs, name));
      if (missing !== undefined) throw new PortError('NotFound', `HostCluster ${cluster} has no datastore ${missing}`);
      return specs[0]?.name;
    },
  };
}
