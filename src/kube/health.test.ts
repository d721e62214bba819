import assert from 'node:assert/strict';
import { test } from 'node:test';
import { caches } from './caches.ts';
import { cachesHealth } from './health.ts';
import { testRuntime, Thing, thingServer } from './test-support.ts';

test('ready when synced and in touch; a server out of reach shows within two minutes, and its return too', async () => {
  const runtime = testRuntime();
  const server = thingServer();
  const all = caches(server.controlPlane, runtime, { userAgent: 'test' });
  all.cache(Thing);
  assert.deepEqual(cachesHealth(all.all()), { ok: false, problems: ['things: not synced yet'] });
  await runtime.clock.settle();
  assert.deepEqual(cachesHealth(all.all()), { ok: true, problems: [] });
  server.next(...Array.from({ length: 3 }, () => () => 'never' as const));
  await runtime.clock.advance(119_000);
  assert.equal(cachesHealth(all.all()).ok, true);
  await runtime.clock.advance(2_000);
  assert.deepEqual(cachesHealth(all.all()), { ok: false, problems: ['things: nothing heard from the server for 121 s'] });
  await runtime.clock.until(() => cachesHealth(all.all()).ok, 120_000);
});

test('a quiet server is in touch: a watch that is given up for its silence and opened anew has been heard', async () => {
  const runtime = testRuntime();
  const server = thingServer();
  const all = caches(server.controlPlane, runtime, { userAgent: 'test' });
  all.cache(Thing);
  for (let minute = 0; minute < 30; minute++) {
    await runtime.clock.advance(60_000);
    assert.equal(cachesHealth(all.all()).ok, true);
  }
});
