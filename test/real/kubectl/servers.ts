/** The two control planes that a kubectl is driven against, as a kubeconfig each. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiServer } from '../../../src/apiserver/server.ts';
import { silentLog } from '../../../src/base/log.ts';
import { runGc } from '../../../src/gc/run-gc.ts';
import type { ControlPlane } from '../../../src/meta/control-plane.ts';
import { certificates } from '../../../src/net/certificates.ts';
import { kubeconfigFor } from '../../../src/net/kubeconfig.ts';
import { serveControlPlane } from '../../../src/net/serve-control-plane.ts';
import { fileDisk } from '../../../src/system/file-disk.ts';
import { systemRuntime } from '../../../src/system/runtime.ts';
import { realControlPlane } from '../control-plane.ts';

export interface DrivenServer {
  readonly kubeconfig: string;
  /** What stands in its output for the same thing on both: its address. */
  readonly url: string;
  stop(): Promise<void>;
}

const token = 'driven';
const user = { username: 'admin', uid: 'admin', groups: ['system:masters'] };

/** Our server and our gc, on a port and a disk of this machine. */
export async function embeddedServer(): Promise<DrivenServer> {
  const folder = await mkdtemp(join(tmpdir(), 'hypersphere-driven-'));
  const stop = new AbortController();
  const runtime = systemRuntime('driven', stop.signal, silentLog);
  const disk = fileDisk(join(folder, 'api'));
  const server = await apiServer({ disk, runtime, tokens: new Map([[token, user]]) });
  const keys = fileDisk(join(folder, 'certificates'));
  await keys.lock();
  const tls = await certificates({ disk: keys, names: ['127.0.0.1'], now: Date.now() });
  const serving = await serveControlPlane(server.handler, { host: '127.0.0.1', port: 0, tls, log: silentLog });
  const collecting = runGc(withToken(server.handler), runtime);
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigFor({ server: serving.url, ca: tls.ca, token, user: 'admin', cluster: 'real' }), { mode: 0o600 });
  const end = async (): Promise<void> => {
    stop.abort();
    await collecting;
    await serving.close();
    await server.close();
    await keys.unlock();
    await rm(folder, { recursive: true, force: true });
  };
  return { kubeconfig, url: serving.url, stop: end };
}

function withToken(handler: ControlPlane): ControlPlane {
  return (request, signal) => handler({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } }, signal);
}

export async function realServer(): Promise<DrivenServer> {
  const { kubeconfig, url, stop } = await realControlPlane({ audit: false });
  return { kubeconfig, url, stop };
}
