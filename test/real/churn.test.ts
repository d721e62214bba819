// As test/churn/churn.test.ts, on kube-apiserver: it is killed and started again, and etcd's history compacted.
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Plane } from '../churn/plane.ts';
import { churnSeconds, playChurn } from '../churn/play.ts';
import { realControlPlane } from './control-plane.ts';
import { missing } from './tools.ts';

/** A control plane of its own, since others would not like its restarts. */
async function realPlane(): Promise<Plane> {
  const real = await realControlPlane({ audit: false, controllers: false });
  return {
    url: real.url,
    ca: await readFile(real.caFile, 'utf8'),
    token: real.adminToken,
    compact: () => compact(real.etcdUrl),
    restart: () => real.restartApiserver(),
    stop: () => real.stop(),
  };
}

async function compact(etcd: string): Promise<void> {
  const { header } = (await post(`${etcd}/v3/maintenance/status`, {})) as { header: { revision: string } };
  await post(`${etcd}/v3/kv/compaction`, { revision: header.revision });
}

async function post(url: string, body: object): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${String(response.status)} ${text}`);
  return JSON.parse(text);
}

test(
  `caches and listeners end up with what kube-apiserver lists, after ${String(churnSeconds)} s of churn`,
  { skip: missing() },
  async (t) => {
    await playChurn(t, await realPlane());
  },
);
