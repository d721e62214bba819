import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, type Random } from '../../../src/base/random.ts';
import { caches } from '../../../src/kube/caches.ts';
import { cachesHealth } from '../../../src/kube/health.ts';
import { testRuntime, type TestRuntime } from '../../../src/kube/test-support.ts';
import type { Cache, CacheOptions, Client } from '../../../src/kube/types.ts';
import type { ControlPlane } from '../../../src/meta/control-plane.ts';
import { keyOf } from '../../../src/meta/objects.ts';
import { full } from '../../tools/full.ts';
import { authorization, ConfigMap, embedded } from './embedded.ts';
import { faultyControlPlane } from './faulty-control-plane.ts';

const indexes = { color: (map: ConfigMap): string[] => [map.data?.color ?? ''] };

/** Holds what every handler may rely on: what it is told follows on what it was told before, and revisions only grow. */
function heed(cache: Cache<ConfigMap>): Map<string, ConfigMap> {
  const seen = new Map<string, ConfigMap>();
  cache.onChange((before, after) => {
    const key = keyOf((after ?? before ?? assert.fail('a change of nothing')).metadata);
    assert.equal(before, seen.get(key), `${key} was not what it is said to have been`);
    if (after === undefined) seen.delete(key);
    else seen.set(key, after);
    if (before !== undefined && after !== undefined)
      assert.ok(Number(after.metadata.resourceVersion) > Number(before.metadata.resourceVersion));
  });
  return seen;
}

async function write(direct: Client, random: Random): Promise<void> {
  const ref = { namespace: random.integer(2) === 0 ? 'default' : 'kube-system', name: `m${String(random.integer(40))}` };
  const color = ['red', 'green', 'blue'][random.integer(3)] ?? '';
  const there = await direct.get(ConfigMap, ref);
  if (there === undefined) {
    await direct.create(ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...ref, labels: { color } }, data: { color } });
  } else if (random.integer(3) === 0) await direct.delete(ConfigMap, ref);
  else await direct.patch(ConfigMap, ref, { metadata: { labels: { color } }, data: { color, size: String(random.integer(1000)) } });
}

async function equalsList(cache: Cache<ConfigMap>, direct: Client, options: CacheOptions<ConfigMap>): Promise<void> {
  const versions = (objects: ConfigMap[]): string[] =>
    objects.map(({ metadata }) => `${keyOf(metadata)}@${metadata.resourceVersion}`).sort();
  const { items } = await direct.list(ConfigMap, options);
  assert.deepEqual(versions(cache.list()), versions(items));
  for (const color of ['red', 'green', 'blue']) {
    assert.deepEqual(versions(cache.byIndex('color', color)), versions(items.filter((map) => map.data?.color === color)));
  }
}

async function churn(seed: number): Promise<Map<string, number>> {
  const random = seededRandom(seed);
  const runtime = testRuntime();
  const { server, direct } = await embedded(runtime);
  const { controlPlane, faults } = faultyControlPlane(server.handler, runtime.clock, random);
  const all = caches(controlPlane, runtime, { userAgent: 'cache', headers: authorization });
  const selections: CacheOptions<ConfigMap>[] = [
    {},
    { namespace: 'default' },
    { labelSelector: 'color=red' },
    { fieldSelector: 'metadata.name=m1' },
  ];
  const watched = selections.map((selection) => ({ selection, cache: all.cache(ConfigMap, { ...selection, indexes }) }));
  const told = watched.map(({ cache }) => heed(cache));
  for (let step = 0; step < 400; step++) {
    for (let i = random.integer(4); i >= 0; i--) await settled(runtime, write(direct, random));
    if (random.integer(50) === 0) await settled(runtime, server.store.compact(server.store.revision()));
    await runtime.clock.advance(random.integer(20) === 0 ? 60_000 : random.integer(3_000));
  }
  faults.on = false;
  await runtime.clock.advance(300_000);
  for (const { cache, selection } of watched) await equalsList(cache, direct, selection);
  watched.forEach(({ cache }, index) => assert.deepEqual([...(told[index]?.values() ?? [])].sort(byName), cache.list().sort(byName)));
  assert.deepEqual(cachesHealth(all.all()), { ok: true, problems: [] });
  assert.deepEqual(
    runtime.lines.filter((line) => line.level === 'error'),
    [],
  );
  runtime.stop();
  await server.close();
  return faults.counts;
}

function byName(a: ConfigMap, b: ConfigMap): number {
  return keyOf(a.metadata) < keyOf(b.metadata) ? -1 : 1;
}

/** What `work` gives, while the clock goes on for as long as it needs. */
async function settled<T>(runtime: TestRuntime, work: Promise<T>): Promise<T> {
  let done = false;
  const note = (): void => {
    done = true;
  };
  work.then(note, note);
  await runtime.clock.until(() => done, 60_000);
  return work;
}

test('caches equal lists in the end, whatever the network and the server do in between', async () => {
  const counts = new Map<string, number>();
  for (let seed = 1; seed <= (full ? 40 : 2); seed++)
    for (const [what, count] of await churn(seed)) counts.set(what, (counts.get(what) ?? 0) + count);
  // Each kind of accident has happened.
  assert.equal(counts.size, 13);
  for (const [what, count] of counts) assert.ok(count >= 2, `${what}: ${String(count)}`);
});

test('thousands of objects are listed page by page, and followed', async () => {
  const runtime = testRuntime();
  const { server, direct } = await embedded(runtime);
  const pages: string[] = [];
  const counting: ControlPlane = (request, signal) => {
    if (request.method === 'GET') pages.push(request.query.map(([name]) => name).join());
    return server.handler(request, signal);
  };
  for (let i = 0; i < 1100; i++) {
    await direct.create(ConfigMap, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'default', name: `m${String(i)}` },
      data: {},
    });
  }
  const all = caches(counting, runtime, { userAgent: 'cache', headers: authorization });
  const maps = all.cache(ConfigMap, { namespace: 'default' });
  await all.synced(runtime.stopping);
  assert.equal(maps.list().length, 1100);
  assert.deepEqual(pages.slice(0, 3), ['limit', 'limit,continue', 'limit,continue']);
  await direct.delete(ConfigMap, { namespace: 'default', name: 'm7' });
  await runtime.clock.settle();
  assert.equal(maps.list().length, 1099);
  runtime.stop();
  await server.close();
});
