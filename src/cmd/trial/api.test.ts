import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { silentLog } from '../../base/log.ts';
import { seededRandom } from '../../base/random.ts';
import { memoryDisk } from '../../sim/disk.ts';
import { testClock } from '../../sim/test-support.ts';
import { startApi, type Api } from './api.ts';

const day = 86_400_000;

/** What the server shows to whoever connects now. */
async function shown(url: string): Promise<X509Certificate> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerX509Certificate() ?? assert.fail('no certificate');
  } finally {
    socket.destroy();
  }
}

async function settled<T>(clock: ReturnType<typeof testClock>, work: Promise<T>): Promise<T> {
  const state = { over: false };
  const end = (): void => {
    state.over = true;
  };
  work.then(end, end);
  while (!state.over) await clock.advance(10);
  return work;
}

test('a server that runs for ten years is believed all the time, without a restart', async () => {
  const clock = testClock();
  const random = seededRandom(1);
  const path = await mkdtemp(join(tmpdir(), 'api-'));
  const stopping = new AbortController();
  const disk = (): ReturnType<ReturnType<typeof memoryDisk>['mount']> => memoryDisk({ random }).mount();
  let api: Api | undefined;
  try {
    api = await settled(
      clock,
      startApi({
        data: { path, token: 't'.repeat(64), api: disk(), certificates: disk() },
        runtime: { id: 'api', clock, random, log: silentLog, stopping: stopping.signal },
        bind: '127.0.0.1',
        port: 0,
        kubeconfig: undefined,
        namespace: 'default',
      }),
    );
    const first = await shown(api.url);
    let [now, authority] = [first, await authorityIn(api.kubeconfig)];
    for (let days = 0; days < 3_660; days += 366 / 2) {
      clock.jump(183 * day);
      const due = Date.parse(now.validTo) - 30 * day <= clock.now();
      await clock.advance(6 * 3_600_000);
      for (const end = Date.now() + 30_000; due && (await shown(api.url)).fingerprint === now.fingerprint && Date.now() < end;)
        await clock.settle();
      now = await shown(api.url);
      assert.ok(Date.parse(now.validTo) > clock.now(), 'expired');
      authority = await authorityIn(api.kubeconfig);
      assert.ok(now.verify(authority.publicKey), 'the kubeconfig does not vouch for it');
      assert.ok(Date.parse(authority.validTo) > clock.now(), 'its authority expired');
    }
    assert.notEqual(now.fingerprint, first.fingerprint);
  } finally {
    stopping.abort();
    if (api !== undefined) await settled(clock, api.close());
    await rm(path, { recursive: true });
  }
});

async function authorityIn(kubeconfig: string): Promise<X509Certificate> {
  const [, data = ''] = /certificate-authority-data: ['"]([^'"]+)/.exec(await readFile(kubeconfig, 'utf8')) ?? [];
  return new X509Certificate(Buffer.from(data, 'base64'));
}
