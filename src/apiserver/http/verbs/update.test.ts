import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configMap, configMapsPath, harness, widget, widgetDefinition, widgetsPath } from '../test-support.ts';

const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

describe('update', () => {
  test('replaces the object, and a version that is no longer the newest is a conflict', async () => {
    const server = await harness();
    const made = await server.post(configMapsPath, configMap('a', { k: '1' }));
    const next = await server.put(`${configMapsPath}/a`, { ...made, data: { k: '2' } });
    assert.deepEqual(next.data, { k: '2' });
    assert.ok(Number(next.metadata.resourceVersion) > Number(made.metadata.resourceVersion));
    const status = await server.no(409, 'PUT', `${configMapsPath}/a`, { body: { ...made, data: { k: '3' } } });
    assert.equal(
      status.message,
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    );
    assert.deepEqual([status.reason, status.details], ['Conflict', { name: 'a', kind: 'configmaps' }]);
  });

  test('of a custom resource and a Lease must name the version, of most built-in kinds need not', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    await server.post(widgetsPath, widget('a', { colour: 'red' }));
    const status = await server.no(422, 'PUT', `${widgetsPath}/a`, { body: widget('a', { colour: 'blue' }) });
    assert.equal(
      status.message,
      'widgets.example.com "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    );
    await server.post(configMapsPath, configMap('a'));
    assert.deepEqual((await server.put(`${configMapsPath}/a`, configMap('a', { k: '2' }))).data, { k: '2' });
  });

  test('that changes nothing writes nothing: no version, no event', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    const created = await server.post(widgetsPath, widget('a', { colour: 'red' }));
    // The first write after its making stores the status' default.
    const made = await server.put(`${widgetsPath}/a`, created);
    assert.deepEqual({ ...made, metadata: created.metadata }, created);
    const watch = await server.watch(widgetsPath, { query: `resourceVersion=${made.metadata.resourceVersion}` });
    assert.deepEqual(await server.put(`${widgetsPath}/a`, made), made);
    assert.deepEqual(await server.merge(`${widgetsPath}/a`, { spec: { colour: 'red' } }), made);
    assert.deepEqual(await watch.lines(), []);
    assert.equal(server.api.store.revision(), Number(made.metadata.resourceVersion));
  });

  test('counts generations for what is desired only', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    const made = await server.post(widgetsPath, widget('a', { colour: 'red' }));
    assert.equal(made.metadata.generation, 1);
    const labelled = await server.merge(`${widgetsPath}/a`, { metadata: { labels: { x: 'y' } } });
    assert.equal(labelled.metadata.generation, 1);
    const changed = await server.merge(`${widgetsPath}/a`, { spec: { colour: 'blue' } });
    assert.equal(changed.metadata.generation, 2);
    const status = await server.merge(`${widgetsPath}/a/status`, { status: { phase: 'Done' } });
    assert.equal(status.metadata.generation, 2);
    const claimed = await server.put(`${widgetsPath}/a`, { ...status, metadata: { ...status.metadata, generation: 7 } });
    assert.equal(claimed.metadata.generation, 2);
  });

  for (const [field, value] of [
    ['uid', 'other'],
    ['deletionTimestamp', '2020-01-01T00:00:00Z'],
  ] as const) {
    test(`can not change metadata.${field}`, async () => {
      const server = await harness();
      const made = await server.post(configMapsPath, configMap('a'));
      const body = { ...made, metadata: { ...made.metadata, [field]: value } };
      const status = await server.no(field === 'uid' ? 409 : 422, 'PUT', `${configMapsPath}/a`, { body });
      assert.match(
        status.message ?? '',
        field === 'uid' ? /Precondition failed: UID in precondition: other, UID in object meta: / : /field is immutable/,
      );
    });
  }

  test('takes what the server alone knows from what was there', async () => {
    const server = await harness();
    const made = await server.post(configMapsPath, configMap('a'));
    const next = await server.put(`${configMapsPath}/a`, configMap('a', { k: 'v' }));
    for (const field of ['uid', 'creationTimestamp', 'namespace'] as const) assert.equal(next.metadata[field], made.metadata[field]);
    const claimed = await server.put(`${configMapsPath}/a`, configMap('a', {}, { creationTimestamp: '2020-01-01T00:00:00Z' }));
    assert.equal(claimed.metadata.creationTimestamp, made.metadata.creationTimestamp);
  });

  test('must be of the object that the path names', async () => {
    const server = await harness();
    await server.post(configMapsPath, configMap('a'));
    const status = await server.no(400, 'PUT', `${configMapsPath}/a`, { body: configMap('b') });
    assert.equal(status.message, 'the name of the object (b) does not match the name on the URL (a)');
    await server.no(400, 'PUT', `${configMapsPath}/a`, { body: configMap('a', {}, { namespace: 'other' }) });
    await server.no(400, 'PUT', `${configMapsPath}/a`, { body: { kind: 'ConfigMap', apiVersion: 'v1' } });
  });

  test('of what is not there is 404, but for kinds that are made by it', async () => {
    const server = await harness();
    const status = await server.no(404, 'PUT', `${configMapsPath}/a`, { body: configMap('a') });
    assert.equal(status.message, 'configmaps "a" not found');
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' }, spec: { holderIdentity: 'me' } };
    const got = await server.send('PUT', `${leases}/l`, { body: lease });
    assert.equal(got.status, 201);
  });

  test('of what is gone does not make it anew for who meant the old one', async () => {
    const server = await harness();
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' }, spec: { holderIdentity: 'me' } };
    const made = await server.post(leases, lease);
    await server.delete(`${leases}/l`);
    await server.no(409, 'PUT', `${leases}/l`, { body: made });
    await server.no(409, 'PUT', `${leases}/l`, { body: { ...lease, metadata: { name: 'l', resourceVersion: '3' } } });
  });

  test('is held to the rules that compare with what was there', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    await server.post(widgetsPath, widget('a', { fixed: 'x' }));
    const status = await server.no(422, 'PATCH', `${widgetsPath}/a`, {
      body: { spec: { fixed: 'y' } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    assert.equal(status.message, 'Widget.example.com "a" is invalid: spec.fixed: Invalid value: "y": stays as it is');
  });

  test('with dryRun answers as if, and stores nothing', async () => {
    const server = await harness();
    const made = await server.post(configMapsPath, configMap('a', { k: '1' }));
    const as = await server.send('PUT', `${configMapsPath}/a?dryRun=All`, { body: configMap('a', { k: '2' }) });
    assert.deepEqual(as.json.data, { k: '2' });
    assert.deepEqual(await server.get(`${configMapsPath}/a`), made);
  });
});

describe('status as a subresource', () => {
  test('each door writes its own part', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    const made = await server.post(widgetsPath, widget('a', { colour: 'red' }));
    const main = await server.put(`${widgetsPath}/a`, { ...made, spec: { colour: 'blue' }, status: { phase: 'Faked' } });
    assert.deepEqual([main.spec.colour, main.status.phase], ['blue', 'New']);
    const status = await server.put(`${widgetsPath}/a/status`, {
      ...main,
      metadata: { ...main.metadata, labels: { x: 'y' } },
      spec: { colour: 'green' },
      status: { phase: 'Done' },
    });
    assert.deepEqual([status.spec.colour, status.status.phase, status.metadata.labels], ['blue', 'Done', undefined]);
    assert.equal(status.metadata.managedFields.at(-1)?.subresource, 'status');
    assert.deepEqual(await server.get(`${widgetsPath}/a/status`), status);
  });

  test('a kind without one keeps its status through the main door', async () => {
    const server = await harness({ crds: [widgetDefinition({}, { subresources: {} })] });
    const made = await server.post(widgetsPath, { ...widget('a', { colour: 'red' }), status: { phase: 'Mine' } });
    assert.equal(made.status.phase, 'Mine');
    assert.equal((await server.merge(`${widgetsPath}/a`, { status: { phase: 'Other' } })).metadata.generation, 2);
    await server.no(404, 'GET', `${widgetsPath}/a/status`);
  });
});
