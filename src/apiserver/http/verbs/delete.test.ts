import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configMap, configMapsPath, harness, pod, podsPath, widget, widgetDefinition, widgetsPath } from '../test-support.ts';
import type { Harness } from '../test-support.ts';

const hold = { finalizers: ['example.com/hold'] };

describe('delete', () => {
  test('of what nothing keeps removes it, and says whose end that was', async () => {
    const server = await harness();
    const made = await server.post(configMapsPath, configMap('a'));
    const got = await server.send('DELETE', `${configMapsPath}/a`);
    assert.equal(got.status, 200);
    const details = { name: 'a', kind: 'configmaps', uid: made.metadata.uid };
    assert.deepEqual(got.json, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
    await server.no(404, 'GET', `${configMapsPath}/a`);
    await server.no(404, 'DELETE', `${configMapsPath}/a`);
  });

  test('waits for finalizers, and counts a generation', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    await server.post(widgetsPath, widget('a', {}, hold));
    const marked = await server.delete(`${widgetsPath}/a`);
    assert.equal(marked.metadata.deletionTimestamp, '2026-03-01T12:00:00Z');
    assert.deepEqual([marked.metadata.deletionGracePeriodSeconds, marked.metadata.generation], [0, 2]);
    const again = await server.delete(`${widgetsPath}/a`);
    assert.deepEqual(again, marked);
    const status = await server.no(422, 'PATCH', `${widgetsPath}/a`, {
      body: { metadata: { finalizers: [...hold.finalizers, 'example.com/more'] } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    assert.match(
      status.message ?? '',
      /no new finalizers can be added if the object is being deleted, found new finalizers \[\]string\{"example\.com\/more"\}/,
    );
    const watch = await server.watch(widgetsPath, { query: `resourceVersion=${marked.metadata.resourceVersion}` });
    const last = await server.merge(`${widgetsPath}/a`, { metadata: { finalizers: null } });
    const [event] = await watch.events();
    // Who ends it gets what would have been written; watchers are told how it stood, and of which version its end is.
    const { resourceVersion } = event.object.metadata;
    assert.deepEqual([event.type, event.object], ['DELETED', { ...marked, metadata: { ...marked.metadata, resourceVersion } }]);
    assert.deepEqual([last.metadata.resourceVersion, last.metadata.finalizers], [marked.metadata.resourceVersion, undefined]);
    await server.no(404, 'GET', `${widgetsPath}/a`);
  });

  for (const [policy, finalizers] of [
    ['Foreground', ['foregroundDeletion']],
    ['Orphan', ['orphan']],
  ] as const) {
    test(`with propagationPolicy ${policy} leaves the object to the garbage collector`, async () => {
      const server = await harness();
      await server.post(configMapsPath, configMap('a'));
      const got = await server.send('DELETE', `${configMapsPath}/a`, {
        body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: policy },
      });
      assert.equal(got.status, 200);
      assert.deepEqual(got.json.metadata.finalizers, finalizers);
      await server.delete(`${configMapsPath}/a?propagationPolicy=Background`);
      await server.no(404, 'GET', `${configMapsPath}/a`);
    });
  }

  test('orphanDependents, as it was called before, still works, but not both', async () => {
    const server = await harness();
    await server.post(configMapsPath, configMap('a'));
    await server.no(422, 'DELETE', `${configMapsPath}/a`, { body: { orphanDependents: true, propagationPolicy: 'Orphan' } });
    await server.no(422, 'DELETE', `${configMapsPath}/a?propagationPolicy=Sideways`);
    await server.no(400, 'DELETE', `${configMapsPath}/a`, { body: { kind: 'Pod' } });
    await server.no(400, 'DELETE', `${configMapsPath}/a`, { body: '[]' });
    assert.deepEqual((await server.delete(`${configMapsPath}/a?orphanDependents=true`)).metadata.finalizers, ['orphan']);
  });

  test('with a precondition that does not hold is a conflict', async () => {
    const server = await harness();
    const made = await server.post(configMapsPath, configMap('a'));
    const uid = await server.no(409, 'DELETE', `${configMapsPath}/a`, { body: { preconditions: { uid: 'other' } } });
    assert.match(
      uid.message ?? '',
      /the UID in the precondition \(other\) does not match the UID in record \(.+\)\. The object might have been deleted and then recreated$/,
    );
    const version = await server.no(409, 'DELETE', `${configMapsPath}/a`, { body: { preconditions: { resourceVersion: '1' } } });
    assert.match(version.message ?? '', /the ResourceVersion in the precondition \(1\) does not match/);
    await server.delete(`${configMapsPath}/a`, {
      preconditions: { uid: made.metadata.uid, resourceVersion: made.metadata.resourceVersion },
    });
  });

  test('with dryRun removes nothing', async () => {
    const server = await harness();
    await server.post(configMapsPath, configMap('a'));
    await server.delete(`${configMapsPath}/a`, { dryRun: ['All'] });
    await server.delete(`${configMapsPath}/a?dryRun=All`);
    await server.get(`${configMapsPath}/a`);
  });

  test('of a collection takes what is selected, and answers with it', async () => {
    const server = await harness();
    for (const name of ['a', 'b', 'c']) await server.post(configMapsPath, configMap(name, {}, { labels: { keep: String(name === 'b') } }));
    await server.post('/api/v1/namespaces/kube-system/configmaps', configMap('a', {}, { labels: { keep: 'false' } }));
    const gone = await server.delete(`${configMapsPath}?labelSelector=keep%3Dfalse`);
    assert.deepEqual(
      gone.items.map((item) => item.metadata.name),
      ['a', 'c'],
    );
    await server.no(409, 'DELETE', configMapsPath, { body: { preconditions: { uid: 'other' } } });
    const left = await server.get('/api/v1/configmaps');
    assert.deepEqual(
      left.items.map((item) => `${item.metadata.namespace}/${item.metadata.name}`),
      ['default/b', 'kube-system/a'],
    );
  });
});

describe('the end of a Pod', () => {
  async function bound(server: Harness, metadata: object = {}): Promise<void> {
    await server.post(podsPath, pod('p', { nodeName: 'n' }, metadata));
  }

  test('that no node has comes at once, and is told with the Pod', async () => {
    const server = await harness();
    await server.post(podsPath, pod('p'));
    assert.equal((await server.delete(`${podsPath}/p`)).kind, 'Pod');
    await server.no(404, 'GET', `${podsPath}/p`);
  });

  test('that a node has is for the agent of the node to carry out', async () => {
    const server = await harness();
    await bound(server);
    const marked = await server.delete(`${podsPath}/p`);
    assert.deepEqual([marked.metadata.deletionTimestamp, marked.metadata.deletionGracePeriodSeconds], ['2026-03-01T12:00:30Z', 30]);
    const longer = await server.delete(`${podsPath}/p`, { gracePeriodSeconds: 60 });
    assert.deepEqual(longer, marked);
    const shorter = await server.delete(`${podsPath}/p`, { gracePeriodSeconds: 5 });
    assert.deepEqual([shorter.metadata.deletionTimestamp, shorter.metadata.deletionGracePeriodSeconds], ['2026-03-01T12:00:05Z', 5]);
    await server.delete(`${podsPath}/p?gracePeriodSeconds=0`);
    await server.no(404, 'GET', `${podsPath}/p`);
  });

  test('takes the period that it asks for, and finalizers hold it beyond that', async () => {
    const server = await harness();
    await server.post(podsPath, pod('p', { nodeName: 'n', terminationGracePeriodSeconds: 3600 }, hold));
    assert.equal((await server.delete(`${podsPath}/p`)).metadata.deletionTimestamp, '2026-03-01T13:00:00Z');
    const now = await server.delete(`${podsPath}/p`, { gracePeriodSeconds: 0 });
    assert.deepEqual(now.metadata.finalizers, hold.finalizers);
    await server.merge(`${podsPath}/p`, { metadata: { finalizers: null } });
    await server.no(404, 'GET', `${podsPath}/p`);
  });

  test('does not come by the loss of a finalizer while its grace period lasts', async () => {
    const server = await harness();
    await bound(server, hold);
    await server.delete(`${podsPath}/p`);
    await server.merge(`${podsPath}/p`, { metadata: { finalizers: null } });
    await server.get(`${podsPath}/p`);
  });

  test('that has ended by itself comes at once', async () => {
    const server = await harness();
    await bound(server);
    await server.merge(`${podsPath}/p/status`, { status: { phase: 'Succeeded' } });
    await server.delete(`${podsPath}/p`);
    await server.no(404, 'GET', `${podsPath}/p`);
  });
});
