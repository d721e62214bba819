/** The control planes that a bench can put a fleet on. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../src/base/log.ts';
import { root } from '../../scripts/tool.ts';
import { connectCluster } from '../../src/cmd/cluster.ts';
import { installCrds, manifestsIn } from '../../src/cmd/install.ts';
import { client as clientOf } from '../../src/kube/client.ts';
import { systemRuntime } from '../../src/system/runtime.ts';
import { realControlPlane, type RealControlPlane, type RealControlPlaneOptions } from '../real/control-plane.ts';
import { peak, processes, processWith } from './processes.ts';

export interface BenchServer {
  /** Of somebody with every right. */
  readonly kubeconfig: string;
  /** The most memory that it has had, MiB. */
  peak(): Promise<number>;
  stop(): Promise<void>;
}

/** The embedded API server as a process. */
export async function embeddedServer(): Promise<BenchServer> {
  const directory = await mkdtemp(join(tmpdir(), 'hypersphere-bench-'));
  const kubeconfig = join(directory, 'kubeconfig');
  const { start, end } = processes();
  const server = start('api-server.ts', '--data-dir', join(directory, 'data'), '--port', '0', '--kubeconfig', kubeconfig);
  if (server.stdout !== null) await once(server.stdout, 'data');
  return {
    kubeconfig,
    peak: () => peak(server.pid),
    stop: async () => {
      await end();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** kube-apiserver and etcd, with our CRDs. No controller of Kubernetes is there: nobody writes but the fleet. */
export async function realServer(options: RealControlPlaneOptions = {}): Promise<BenchServer & RealControlPlane> {
  const real = await realControlPlane({ audit: false, controllers: false, ...options });
  try {
    await installOurs(real.kubeconfig);
  } catch (error) {
    await real.stop();
    throw error;
  }
  const port = new URL(real.url).port;
  return { ...real, peak: async () => peak(await processWith('kube-apiserver', `--secure-port=${port}`)) };
}

async function installOurs(kubeconfig: string): Promise<void> {
  const stop = new AbortController();
  const transport = await connectCluster({ file: kubeconfig });
  const runtime = systemRuntime('bench', stop.signal, silentLog);
  try {
    const client = clientOf(transport.controlPlane, runtime, { userAgent: 'hypersphere-bench', fieldManager: 'hypersphere-bench' });
    await installCrds(client, runtime.clock, await manifestsIn(join(root, 'crds')), stop.signal);
  } finally {
    stop.abort();
    await transport.close();
  }
}
