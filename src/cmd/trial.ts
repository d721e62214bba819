/** `npm start`: a fleet to try, in one process: API server, operator, and simulated hosts with their agents. */
import { join } from 'node:path';
import { systemNamespace } from '../api/common.ts';
import { HostPool } from '../api/host-pool.ts';
import { VirtualMachine } from '../api/virtual-machine.ts';
import type { Runtime } from '../base/runtime.ts';
import { programVersion } from '../base/version.ts';
import { caches } from '../kube/caches.ts';
import { client as clientOf } from '../kube/client.ts';
import type { Client } from '../kube/types.ts';
import { pinoLog } from '../system/log.ts';
import { systemRuntime } from '../system/runtime.ts';
import { createAsKubectl, ensureNamespace, manifestsIn } from './install.ts';
import { interruptible, main } from './main.ts';
import { startApi, type Api } from './trial/api.ts';
import { openDataDirectory, type DataDirectory } from './trial/data-directory.ts';
import { readTrialFlags, trialHelp, type TrialFlags } from './trial/flags.ts';
import { runFleet } from './trial/fleet.ts';
import { poolName, setHosts } from './trial/hosts.ts';
import { kindOf } from './trial/kind-of.ts';
import { onCluster } from './trial/on-cluster.ts';
import { showUntilReady } from './trial/table.ts';
import { clusterFarewell, farewell, greeting } from './trial/words.ts';

const root = join(import.meta.dirname, '../..');
const defaultHosts = 8;

await main(async (stopping) => {
  const flags = readTrialFlags(process.argv.slice(2));
  if (flags.help) return void process.stdout.write(`${trialHelp}\n`);
  if (flags.cluster !== undefined) {
    await onCluster({ ...flags, cluster: flags.cluster, stopping });
    return void process.stdout.write(`${clusterFarewell}\n`);
  }
  // The server outlives what runs over it, so that their last words arrive.
  const serverEnd = new AbortController();
  const runtime = systemRuntime('trial', stopping, pinoLog({ level: 'warn' }));
  const { data, api } = await interruptible(stopping, start(flags, { ...runtime, stopping: serverEnd.signal }));
  try {
    await run({ flags, api, runtime, data });
  } finally {
    serverEnd.abort();
    await api.close();
    await data.unlock();
  }
  process.stdout.write(`${farewell(data.path)}\n`);
});

async function start(flags: TrialFlags, runtime: Runtime): Promise<{ data: DataDirectory; api: Api }> {
  const data = await openDataDirectory(flags.dataDir);
  try {
    const shop = data.installation.sample === 'Pending' ? !flags.empty : data.installation.sample === 'Shop';
    return { data, api: await startApi({ ...flags, data, runtime, namespace: shop ? 'shop' : 'default' }) };
  } catch (error) {
    await data.abandon();
    throw error;
  }
}

interface Trial {
  readonly flags: TrialFlags;
  readonly api: Api;
  readonly runtime: Runtime;
  readonly data: Pick<DataDirectory, 'installation' | 'world'>;
}

async function run({ flags, api, runtime, data }: Trial): Promise<void> {
  const { controlPlane } = api;
  const options = { userAgent: `hypersphere-trial/${programVersion}`, fieldManager: 'hypersphere-trial' };
  const client = clientOf(controlPlane, runtime, options);
  await ensureNamespace(client, systemNamespace);
  const fleet = runFleet({ controlPlane, runtime, world: data.world });
  const shown = show({ flags, api, runtime, data }, client);
  // Whichever fails first is what the person must hear.
  await Promise.all([fleet, shown]);
}

async function show({ flags, api, runtime, data }: Trial, client: Client): Promise<void> {
  const { stopping, clock } = runtime;
  const furnishing = data.installation.sample === 'Pending';
  try {
    await furnish({ flags, api, runtime, data }, client);
    const vms = caches(api.controlPlane, runtime, { userAgent: `hypersphere-trial/${programVersion}` });
    const cache = vms.cache(VirtualMachine);
    await vms.synced(stopping);
    const screen = { write: (text: string) => process.stdout.write(text), terminal: process.stdout.isTTY, height: process.stdout.rows };
    process.stdout.write(`Hypersphere ${programVersion}: API server at ${api.url}\n`);
    const any = cache.list().length > 0 || (furnishing && !flags.empty);
    const missing = any ? await showUntilReady(cache, clock, screen, stopping) : [];
    vms.stop();
    process.stdout.write(greeting({ kubeconfig: api.kubeconfig, project: root, empty: cache.list().length === 0, missing }));
  } catch (error) {
    if (!stopping.aborted) throw error;
  }
}

/** Hosts and the shop, at the first start or where it was broken off; later only the number of hosts, when a person says so. */
async function furnish({ flags, runtime, data }: Trial, client: Client): Promise<void> {
  const first = data.installation.sample === 'Pending';
  if (first || flags.hosts !== undefined) await setHosts(client, flags.hosts ?? defaultHosts);
  if (!first) return;
  if (!flags.empty) {
    await hostsReady(client, runtime);
    await createAsKubectl(client, await manifestsIn(join(root, 'manifests/samples')), kindOf);
  }
  await data.installation.record(flags.empty ? 'None' : 'Shop');
}

/** Hosts first, machines then: else the first that happens to be there gets them all. A pool that takes long is waited for in vain. */
async function hostsReady(client: Client, { clock, stopping }: Runtime): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const pool = await client.get(HostPool, { name: poolName });
    if (pool === undefined || pool.status.readyReplicas === pool.spec.replicas) return;
    await clock.sleep(100, stopping);
  }
}
