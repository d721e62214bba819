import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configMap, configMapsPath, harness, pod, podsPath, settled, widget, widgetDefinition, widgetsPath } from '../test-support.ts';
import type { Sent } from '../test-support.ts';

const minute = 60_000;

describe('watch', () => {
  test('without a version begins with what there is, then tells every change, once and in order', async () => {
    const server = await harness();
    await server.post(configMapsPath, configMap('a'));
    const watch = await server.watch(configMapsPath);
    assert.deepEqual(await watch.lines(), ['ADDED a']);
    await server.post(configMapsPath, configMap('b'));
    const changed = await server.merge(`${configMapsPath}/a`, { data: { k: 'v' } });
    await server.delete(`${configMapsPath}/b`);
    const events = await watch.events();
    assert.deepEqual(
      events.map((event) => `${event.type} ${event.object.metadata.name}`),
      ['ADDED b', 'MODIFIED a', 'DELETED b'],
    );
    assert.deepEqual(events[1].object, changed);
    assert.equal(events[2].object.metadata.resourceVersion, String(server.api.store.revision()));
  });

  test('from a version tells what came after it, whether it is past or still to come', async () => {
    const server = await harness();
    const a = await server.post(configMapsPath, configMap('a'));
    await server.post(configMapsPath, configMap('b'));
    await server.delete(`${configMapsPath}/a`);
    const watch = await server.watch(configMapsPath, { query: `resourceVersion=${a.metadata.resourceVersion}` });
    const own = server.post(configMapsPath, configMap('c'));
    await own;
    assert.deepEqual(await watch.lines(), ['ADDED b', 'DELETED a', 'ADDED c']);
  });

  test('a list and a watch from its version together miss nothing and repeat nothing, under load', async () => {
    const server = await harness();
    const seen = new Map<string, number>();
    const watches: { lines(): Promise<string[]> }[] = [];
    const writes: Promise<unknown>[] = [];
    for (let i = 0; i < 40; i++) {
      writes.push(server.post(configMapsPath, configMap(`m${String(i)}`)));
      if (i % 4 === 0) await Promise.resolve();
      if (i === 17) {
        const list = await server.get(configMapsPath);
        for (const item of list.items) seen.set(item.metadata.name, 1);
        watches.push(await server.watch(configMapsPath, { query: `resourceVersion=${list.metadata.resourceVersion}` }));
      }
    }
    await Promise.all(writes);
    for (const watch of watches) for (const line of await watch.lines()) seen.set(line.slice(6), (seen.get(line.slice(6)) ?? 0) + 1);
    assert.equal(seen.size, 40);
    assert.deepEqual(new Set(seen.values()), new Set([1]));
  });

  test('tells only of its namespace', async () => {
    const server = await harness();
    const [one, all] = [await server.watch(configMapsPath), await server.watch('/api/v1/configmaps')];
    await server.post('/api/v1/namespaces/kube-system/configmaps', configMap('s'));
    await server.post(configMapsPath, configMap('d'));
    assert.deepEqual([await one.lines(), await all.lines()], [['ADDED d'], ['ADDED s', 'ADDED d']]);
  });

  test('what comes to match is added, what no longer does is deleted, as it was but for its version', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    await server.post(widgetsPath, widget('a', { colour: 'red' }));
    for (const query of ['fieldSelector=spec.colour%3Dblue', 'labelSelector=blue%3Dyes']) {
      const watch = await server.watch(widgetsPath, { query });
      const blue = await server.merge(`${widgetsPath}/a`, { metadata: { labels: { blue: 'yes' } }, spec: { colour: 'blue' } });
      await server.merge(`${widgetsPath}/a`, { spec: { replicas: 5 } });
      const red = await server.merge(`${widgetsPath}/a`, { metadata: { labels: { blue: null } }, spec: { colour: 'red', replicas: 1 } });
      const events = await watch.events();
      assert.deepEqual(
        events.map((event) => event.type),
        ['ADDED', 'MODIFIED', 'DELETED'],
      );
      assert.deepEqual(events[0].object, blue);
      assert.deepEqual(
        [events[2].object.spec, events[2].object.metadata.resourceVersion],
        [{ colour: 'blue', replicas: 5 }, red.metadata.resourceVersion],
      );
      await server.merge(`${widgetsPath}/a`, { spec: { replicas: 2 } });
      assert.deepEqual(await watch.lines(), []);
    }
  });

  test('by one name, and by the node, tells of no others', async () => {
    const server = await harness();
    const one = await server.watch(podsPath, { query: 'fieldSelector=metadata.name%3Dp1' });
    const node = await server.watch('/api/v1/pods', { query: 'fieldSelector=spec.nodeName%3Dn2' });
    await server.post(podsPath, pod('p1', { nodeName: 'n1' }));
    await server.post(podsPath, pod('p2', { nodeName: 'n2' }));
    await server.post(podsPath, pod('p3'));
    await server.post(`${podsPath}/p3/binding`, { kind: 'Binding', apiVersion: 'v1', target: { kind: 'Node', name: 'n2' } });
    assert.deepEqual(await one.lines(), ['ADDED p1']);
    assert.deepEqual(await node.lines(), ['ADDED p2', 'ADDED p3']);
  });

  test('a history that is gone, or not yet there, is said in the stream: 410', async () => {
    const server = await harness();
    const made = await server.post(configMapsPath, configMap('a'));
    await server.post(configMapsPath, configMap('b'));
    await server.api.store.compact(server.api.store.revision());
    for (const version of [made.metadata.resourceVersion, '99999']) {
      const watch = await server.watch(configMapsPath, { query: `resourceVersion=${version}` });
      const [event] = await watch.events();
      assert.deepEqual([event.type, event.object.kind, event.object.code, event.object.reason], ['ERROR', 'Status', 410, 'Expired']);
      assert.ok(watch.ended());
    }
  });
});

test('an event is encoded once for all who watch in the same form', async () => {
  const server = await harness();
  const paths = [configMapsPath, '/api/v1/configmaps', `${configMapsPath}?fieldSelector=metadata.name%3Da`];
  const chunks = [];
  for (const path of paths) {
    const { body } = await server.raw('GET', path, { query: 'watch=true' });
    chunks.push(body[Symbol.asyncIterator]().next());
  }
  await server.post(configMapsPath, configMap('a'));
  const [first, ...others] = (await Promise.all(chunks)).map((result) => result.value as Uint8Array | undefined);
  assert.ok(first !== undefined && others.length === 2 && others.every((other) => other === first));
});

describe('bookmarks', () => {
  test('come each minute to who asked for them, and say how far the watch is, other kinds included', async () => {
    const server = await harness();
    const [asked, not] = [await server.watch(configMapsPath, { query: 'allowWatchBookmarks=true' }), await server.watch(configMapsPath)];
    const [beginning] = await asked.events();
    assert.equal(beginning.object.metadata.annotations['k8s.io/initial-events-end'], 'true');
    await server.post(podsPath, pod('elsewhere'));
    await server.clock.advance(minute);
    const [bookmark, ...none] = await asked.events();
    assert.deepEqual(
      [bookmark.type, bookmark.object.kind, bookmark.object.metadata.resourceVersion, none],
      ['BOOKMARK', 'ConfigMap', String(server.api.store.revision()), []],
    );
    assert.deepEqual(await not.lines(), []);
    await server.post(podsPath, pod('again'));
    await server.api.store.compact(server.api.store.revision());
    await server.clock.advance(minute);
    assert.equal((await asked.events())[0].object.metadata.resourceVersion, String(server.api.store.revision()));
  });

  test('sendInitialEvents begins with what there is, and marks where that ends', async () => {
    const server = await harness();
    await server.post(configMapsPath, configMap('a'));
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=';
    const watch = await server.watch(configMapsPath, { query });
    const events = await watch.events();
    assert.deepEqual(
      events.map((event) => event.type),
      ['ADDED', 'BOOKMARK'],
    );
    assert.deepEqual(events[1].object.metadata.annotations, { 'k8s.io/initial-events-end': 'true' });
    assert.equal(events[1].object.metadata.resourceVersion, String(server.api.store.revision()));
    const without = await server.watch(configMapsPath, { query: 'sendInitialEvents=false&resourceVersionMatch=NotOlderThan' });
    assert.deepEqual(await without.lines(), []);
  });

  for (const query of [
    'sendInitialEvents=true',
    'resourceVersionMatch=NotOlderThan',
    'sendInitialEvents=true&resourceVersionMatch=Exact',
  ]) {
    test(`?watch=true&${query} is 422`, async () => {
      const server = await harness();
      await server.no(422, 'GET', `${configMapsPath}?watch=true&${query}`);
    });
  }
});

describe('the end of a watch', () => {
  test('comes after timeoutSeconds, and by itself after half an hour to an hour', async () => {
    const server = await harness();
    const [short, usual] = [await server.watch(configMapsPath, { query: 'timeoutSeconds=5' }), await server.watch(configMapsPath)];
    await server.clock.advance(4_999);
    assert.ok(!short.ended());
    await server.clock.advance(1);
    await settled();
    assert.ok(short.ended());
    await server.clock.advance(29 * minute);
    assert.ok(!usual.ended());
    await server.clock.advance(31 * minute);
    await settled();
    assert.ok(usual.ended());
  });

  test('comes when the client goes, and leaves nothing behind', async () => {
    const server = await harness();
    const before = server.clock.sleepers();
    const leaving = new AbortController();
    const [aborted, returned] = [await server.watch(configMapsPath, { signal: leaving.signal }), await server.watch(configMapsPath)];
    leaving.abort();
    await returned.stop();
    await settled();
    assert.ok(aborted.ended());
    // One more than before: who sends bookmarks.
    assert.equal(server.clock.sleepers(), before + 1);
  });

  test('comes when the server closes', async () => {
    const server = await harness();
    const watch = await server.watch(configMapsPath);
    await server.api.close();
    await settled();
    assert.ok(watch.ended());
    // Nobody sends bookmarks or removes old Events any more.
    assert.equal(server.clock.sleepers(), 0);
  });

  test('comes to who reads too slowly; what it began with does not count', async () => {
    const server = await harness();
    const large = 'x'.repeat(900_000);
    for (let i = 0; i < 10; i++) await server.post(configMapsPath, configMap(`m${String(i)}`, { large }));
    const iterator = (await server.raw('GET', `${configMapsPath}?watch=true`)).body[Symbol.asyncIterator]();
    const first = await iterator.next();
    assert.ok(first.done !== true && first.value.byteLength > 9_000_000);
    for (let i = 0; i < 9; i++) {
      await server.merge(`${configMapsPath}/m${String(i)}`, { data: { i: String(i) } });
      await settled();
    }
    assert.equal((await iterator.next()).done, true);
  });
});

describe('other forms of a watch', () => {
  test('tables of one row, and metadata alone', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    const form = (as: string): Sent => ({ headers: { accept: `application/json;as=${as};v=v1;g=meta.k8s.io` } });
    const [table, partial] = [
      await server.watch(widgetsPath, form('Table')),
      await server.watch(widgetsPath, form('PartialObjectMetadata')),
    ];
    await server.post(widgetsPath, widget('a', { colour: 'red' }));
    const [row] = await table.events();
    assert.deepEqual(
      [row.type, row.object.kind, row.object.rows.length, row.object.rows[0].cells.slice(0, 2)],
      ['ADDED', 'Table', 1, ['a', 'red']],
    );
    const [meta] = await partial.events();
    assert.deepEqual([meta.object.kind, meta.object.metadata.name, meta.object.spec], ['PartialObjectMetadata', 'a', undefined]);
  });
});
