import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/tool.ts';
import { start } from '../../test/launcher/processes.ts';
import { silentLog } from '../base/log.ts';
import { answer } from '../kube/test-support.ts';
import { kubeconfigFor } from '../net/kubeconfig.ts';
import { serveControlPlane } from '../net/serve-control-plane.ts';
import { serveText } from '../net/serve-text.ts';
import { testCertificates } from '../net/test-support.ts';

test('an operator whose port is in use ends before it asks for the lead, which a replica would have to wait for', async (t) => {
  const asked: string[] = [];
  const tls = await testCertificates();
  const here = { host: '127.0.0.1', port: 0, log: silentLog };
  const cluster = await serveControlPlane(
    ({ method, path }) => {
      asked.push(`${method} ${path}`);
      return Promise.resolve(answer(404, '404 page not found\n'));
    },
    { ...here, tls },
  );
  t.after(cluster.close);
  const other = await serveText({}, here);
  t.after(other.close);
  const folder = await mkdtemp(join(tmpdir(), 'hypersphere-operator-'));
  t.after(() => rm(folder, { recursive: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigFor({ server: cluster.url, ca: tls.ca, token: 't', user: 'u', cluster: 'c' }));
  const listen = `127.0.0.1:${String(other.address.port)}`;
  const operator = start(process.execPath, ['src/cmd/operator.ts', '--kubeconfig', kubeconfig, '--listen', listen], { cwd: root });
  assert.equal(await operator.ended, 1);
  assert.match(operator.said(), /port \d+ on 127\.0\.0\.1 is in use by another process/);
  assert.deepEqual(asked, []);
});
