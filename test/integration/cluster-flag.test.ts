import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { apiServer } from '../../src/apiserver/server.ts';
import { seededRandom } from '../../src/base/random.ts';
import { silentLog } from '../../src/base/log.ts';
import { serveControlPlane } from '../../src/net/serve-control-plane.ts';
import { kubeconfigFor } from '../../src/net/kubeconfig.ts';
import { testCertificates } from '../../src/net/test-support.ts';
import { memoryDisk } from '../../src/sim/disk.ts';
import { systemRuntime } from '../../src/system/runtime.ts';
import { playClusterFlag, start } from './cluster-flag.ts';

describe('npm start -- --cluster FILE', () => {
  let folder: string;
  let kubeconfig: string;
  const stop = new AbortController();
  let close: () => Promise<void>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hypersphere-on-cluster-'));
    kubeconfig = join(folder, 'kubeconfig');
    const server = await apiServer({
      runtime: systemRuntime('api', stop.signal, silentLog),
      tokens: new Map([['secret', { username: 'admin', groups: ['system:masters'] }]]),
      disk: memoryDisk({ random: seededRandom(1) }).mount(),
    });
    const tls = await testCertificates();
    const serving = await serveControlPlane(server.handler, { host: '127.0.0.1', port: 0, tls, log: silentLog });
    await writeFile(kubeconfig, kubeconfigFor({ server: serving.url, ca: tls.ca, token: 'secret', user: 'admin', cluster: 'given' }));
    close = async () => {
      await serving.close();
      stop.abort();
      await server.close();
    };
  });
  after(async () => {
    await close();
    await rm(folder, { recursive: true, force: true });
  });

  /** What it says when it ends by itself. */
  const refused = async (...flags: string[]): Promise<string> => {
    const program = start(...flags, '--data-dir', join(folder, 'none'));
    await assert.rejects(program.printed('Ctrl-C stops both'), /ended with 1/);
    return program.output();
  };

  it('installs CRDs and the namespace of the lease, nothing else; makes hosts when told to; leaves what is there at Ctrl-C', async () => {
    await playClusterFlag(kubeconfig, join(folder, 'data'));
  });

  it('mistakes are told in words', async () => {
    assert.match(await refused('--cluster', kubeconfig, '--port', '1'), /^--port has no meaning with --cluster/);
    assert.match(await refused('--cluster', join(folder, 'nowhere')), /^the kubeconfig .*nowhere cannot be read: ENOENT/);
    const lost = join(folder, 'lost');
    const ca = (await testCertificates()).ca;
    await writeFile(lost, kubeconfigFor({ server: 'https://127.0.0.1:1', ca, token: 't', user: 'u', cluster: 'c' }));
    assert.match(await refused('--cluster', lost), /^the cluster of .*lost cannot be reached: .*ECONNREFUSED/);
  });
});
