/** Operator and simulated world on a cluster that a person already has: what the cluster brings itself (API server, collector) is left to it. */
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { systemNamespace } from '../../api/common.ts';
import { messageOf, UserError } from '../../base/errors.ts';
import type { Disk } from '../../base/disk.ts';
import { programVersion } from '../../base/version.ts';
import { runOperator } from '../../controllers/operator.ts';
import { client as clientOf } from '../../kube/client.ts';
import type { Client } from '../../kube/types.ts';
import { ConnectionLost } from '../../meta/control-plane.ts';
import { Namespace } from '../../meta/core.ts';
import { isApiError } from '../../meta/status.ts';
import { Observer } from '../../sim/observer.ts';
import { fileDisk } from '../../system/file-disk.ts';
import { pinoLog } from '../../system/log.ts';
import { systemRuntime } from '../../system/runtime.ts';
import { connectCluster } from '../cluster.ts';
import { ensureNamespace, installCrds, manifestsIn } from '../install.ts';
import { runWorld } from './fleet.ts';
import { setHosts } from './hosts.ts';
import { clusterGreeting } from './words.ts';

const root = join(import.meta.dirname, '../../..');

export interface OnClusterOptions {
  /** A kubeconfig. */
  readonly cluster: string;
  readonly dataDir: string;
  /** How many simulated hosts there are to be; absent: as the cluster's HostPools say. */
  readonly hosts: number | undefined;
  readonly stopping: AbortSignal;
}

/**
 * Installs the CRDs and the namespace of the operator's lease, and runs until `stopping`.
 * @throws {UserError} when the cluster cannot be reached, or does not let us.
 */
export async function onCluster({ cluster, dataDir, hosts, stopping }: OnClusterOptions): Promise<void> {
  const runtime = systemRuntime(`trial-${hostname()}`, stopping, pinoLog({ level: 'warn' }));
  const transport = await connectCluster({ file: cluster });
  const { controlPlane } = transport;
  let world: Disk | undefined;
  try {
    const client = clientOf(controlPlane, runtime, { userAgent: `hypersphere-trial/${programVersion}`, fieldManager: 'hypersphere-trial' });
    const uid = await inWords(cluster, async () => {
      await installCrds(client, runtime.clock, await manifestsIn(join(root, 'crds')), stopping);
      await ensureNamespace(client, systemNamespace);
      if (hosts !== undefined) await setHosts(client, hosts);
      return clusterUid(client);
    });
    // Another cluster has other hosts: their world is another one.
    world = fileDisk(join(resolve(dataDir), 'clusters', uid));
    await world.lock();
    // Others may run an operator there too: who leads must be told apart.
    const identity = `trial-${hostname()}-${String(process.pid)}`;
    const site = new Observer({ clock: runtime.clock });
    const operator = runOperator({ controlPlane, runtime, identity, version: programVersion, site });
    process.stdout.write(clusterGreeting({ kubeconfig: resolve(cluster), project: root }));
    await Promise.all([operator.done, runWorld({ controlPlane, runtime, world, onWorld: (made) => site.connect(made) })]);
  } finally {
    await transport.close();
    await world?.unlock();
  }
}

/** What tells a cluster from all others: nobody can delete this namespace. */
async function clusterUid(client: Client): Promise<string> {
  const namespace = await client.get(Namespace, { name: 'default' });
  if (namespace === undefined) throw new UserError('it has no namespace "default": is it a Kubernetes cluster?');
  return namespace.metadata.uid;
}

async function inWords<T>(cluster: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConnectionLost) throw new UserError(`the cluster of ${cluster} cannot be reached: ${messageOf(error)}`);
    if (isApiError(error, 'Unauthorized')) throw new UserError(`the cluster of ${cluster} does not know who asks: ${messageOf(error)}`);
    if (isApiError(error, 'Forbidden')) throw new UserError(`the cluster of ${cluster} does not allow it: ${messageOf(error)}`);
    throw error;
  }
}
