import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { Stopped } from '../base/errors.ts';
import { caches } from './caches.ts';
import { testRuntime, Thing, thingServer } from './test-support.ts';

const byColor = (thing: Thing): string[] => [thing.spec.color];

test('one cache for each kind and selection, with the indexes of all who asked', async () => {
  const runtime = testRuntime();
  const server = thingServer();
  server.put('a');
  const all = caches(server.controlPlane, runtime, { userAgent: 'test' });
  const first = all.cache(Thing);
  await runtime.clock.settle();
  const second = all.cache(Thing, { indexes: { color: byColor } });
  assert.equal(first, second);
  assert.deepEqual(first.byIndex('color', 'red'), first.list());
  assert.notEqual(all.cache(Thing, { namespace: 'shop' }), first);
  assert.notEqual(all.cache(Thing, { labelSelector: 'a=b' }), first);
  assert.notEqual(all.cache(Thing, { keepManagedFields: true }), first);
  assert.equal(all.all().length, 4);
  await runtime.clock.settle();
  assert.equal(server.watches.length, 4);
  all.cache(Thing, { indexes: { color: byColor } });
  assert.throws(() => all.cache(Thing, { indexes: { color: () => [] } }), /two meanings/);
});

test('synced settles when all are, and gives up with its signal or when the caches stop', async () => {
  const runtime = testRuntime();
  const server = thingServer();
  server.next(() => 'never');
  const all = caches(server.controlPlane, runtime, { userAgent: 'test' });
  all.cache(Thing);
  let synced = false;
  void all.synced(runtime.stopping).then(() => (synced = true));
  const mine = new AbortController();
  const given = assert.rejects(all.synced(mine.signal), Stopped);
  mine.abort();
  await given;
  await runtime.clock.advance(29_000);
  assert.equal(synced, false);
  await runtime.clock.advance(2_000);
  assert.equal(synced, true);
  const asker = new AbortController();
  await all.synced(asker.signal);
  assert.equal(getEventListeners(asker.signal, 'abort').length, 0);
  all.cache(Thing, { namespace: 'other' });
  const cut = assert.rejects(all.synced(new AbortController().signal), Stopped);
  all.stop();
  await cut;
  await runtime.clock.settle();
  assert.equal(runtime.clock.sleepers(), 0);
});

test('indexes follow what changes, comes and goes', async () => {
  const runtime = testRuntime();
  const server = thingServer();
  server.put('a', 'red');
  server.put('b', 'red');
  const all = caches(server.controlPlane, runtime, { userAgent: 'test' });
  const things = all.cache(Thing, { indexes: { color: byColor, letters: (thing) => [...new Set(thing.spec.color)] } });
  await runtime.clock.settle();
  const names = (index: string, key: string): string[] => things.byIndex(index, key).map((thing) => thing.metadata.name);
  assert.deepEqual(names('color', 'red'), ['a', 'b']);
  server.put('a', 'green');
  server.remove('b');
  server.put('c', 'blue');
  await runtime.clock.settle();
  assert.deepEqual(names('color', 'red'), []);
  assert.deepEqual(names('color', 'green'), ['a']);
  assert.deepEqual(names('letters', 'e'), ['a', 'c']);
  assert.deepEqual(names('letters', 'd'), []);
  assert.deepEqual(names('nothing', 'x'), []);
});
