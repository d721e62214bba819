/** Operator and simulated world as the processes that a cluster runs, over a control plane that is there already. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemNamespace } from '../../src/api/common.ts';
import { HostPool } from '../../src/api/host-pool.ts';
import { silentLog } from '../../src/base/log.ts';
import { connectCluster } from '../../src/cmd/cluster.ts';
import { ensureNamespace, installCrds, manifestsIn } from '../../src/cmd/install.ts';
import { client as clientOf } from '../../src/kube/client.ts';
import { systemRuntime } from '../../src/system/runtime.ts';
import { root } from '../../scripts/tool.ts';
import { leashed } from './leash.ts';

export interface FleetOptions {
  /** With every right: installs. */
  readonly admin: string;
  /** As whom each of them goes to the API server; default `admin`. */
  readonly operator?: string;
  readonly world?: string;
  /** Simulated hosts, in a HostPool named `host`. */
  readonly hosts: number;
}

export interface RunningFleet {
  /** The end of what each logged, for a person who asks why. */
  lastWords(): Promise<string>;
  /** Kills both. */
  stop(): Promise<void>;
}

/** Installs the CRDs, makes the pool and starts both. Its hosts come up in their own time. */
export async function startFleet({ admin, operator = admin, world = admin, hosts }: FleetOptions): Promise<RunningFleet> {
  await install(admin, hosts);
  const folder = await mkdtemp(join(tmpdir(), 'hypersphere-fleet-'));
  const program = (name: string, ...flags: string[]): ReturnType<typeof leashed> =>
    leashed(process.execPath, [...process.execArgv, join(root, 'src/cmd', `${name}.ts`), ...flags], join(folder, `${name}.log`));
  const running = await Promise.all([
    program('operator', '--kubeconfig', operator, '--listen', '127.0.0.1:0'),
    program('world', '--kubeconfig', world, '--data-dir', join(folder, 'world')),
  ]);
  return {
    lastWords: async () => (await Promise.all(running.map((process) => process.lastWords()))).join('\n'),
    stop: async () => {
      await Promise.all(running.map((process) => process.kill()));
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function install(kubeconfig: string, hosts: number): Promise<void> {
  const stop = new AbortController();
  const runtime = systemRuntime('test', stop.signal, silentLog);
  const transport = await connectCluster({ file: kubeconfig });
  try {
    const client = clientOf(transport.controlPlane, runtime, { userAgent: 'hypersphere-test', fieldManager: 'hypersphere-test' });
    await installCrds(client, runtime.clock, await manifestsIn(join(root, 'crds')), stop.signal);
    await ensureNamespace(client, systemNamespace);
    await client.apply(HostPool, { name: 'host' }, { spec: { replicas: hosts } }, { fieldManager: 'hypersphere-test' });
  } finally {
    stop.abort();
    await transport.close();
  }
}
