import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { harness, pod, podsPath, widget, widgetDefinition, widgetsPath } from '../test-support.ts';
import type { Harness } from '../test-support.ts';
import type { Seen } from '../test-shapes.ts';

const merge = { 'content-type': 'application/merge-patch+json' };

describe('scale', () => {
  async function scaled(spec: object = { replicas: 3 }): Promise<Harness> {
    const server = await harness({ crds: [widgetDefinition()] });
    await server.post(widgetsPath, widget('a', spec));
    return server;
  }

  test('reads its numbers where the definition says', async () => {
    const server = await scaled();
    await server.merge(`${widgetsPath}/a/status`, { status: { replicas: 2, selector: 'app=web' } });
    const scale = await server.get(`${widgetsPath}/a/scale`);
    const { metadata } = await server.get(`${widgetsPath}/a`);
    assert.deepEqual(
      [scale.kind, scale.apiVersion, scale.spec, scale.status],
      ['Scale', 'autoscaling/v1', { replicas: 3 }, { replicas: 2, selector: 'app=web' }],
    );
    assert.deepEqual(
      [scale.metadata.name, scale.metadata.uid, scale.metadata.resourceVersion],
      ['a', metadata.uid, metadata.resourceVersion],
    );
  });

  test('changes one number, by PUT or by patch, as the subresource that it is', async () => {
    const server = await scaled();
    const scale = await server.get(`${widgetsPath}/a/scale`);
    assert.equal((await server.put(`${widgetsPath}/a/scale`, { ...scale, spec: { replicas: 5 } })).spec.replicas, 5);
    assert.equal((await server.merge(`${widgetsPath}/a/scale`, { spec: { replicas: 7 } })).spec.replicas, 7);
    const object = await server.get(`${widgetsPath}/a`);
    assert.deepEqual([object.spec.replicas, object.metadata.generation], [7, 3]);
    assert.ok(object.metadata.managedFields.some((entry) => entry.subresource === 'scale'));
    await server.no(409, 'PUT', `${widgetsPath}/a/scale`, { body: { ...scale, spec: { replicas: 9 } } });
  });

  test('takes no number below zero, and no other object', async () => {
    const server = await scaled();
    const status = await server.no(422, 'PATCH', `${widgetsPath}/a/scale`, { body: { spec: { replicas: -1 } }, headers: merge });
    assert.match(
      status.message ?? '',
      /^Widget\.example\.com "a" is invalid: \[.*, \.spec\.replicas: Invalid value: -1: should be a non-negative integer\]$/,
    );
    await server.no(422, 'PATCH', `${widgetsPath}/a/scale`, { body: { spec: { replicas: 'many' } }, headers: merge });
    await server.no(400, 'PUT', `${widgetsPath}/a/scale`, { body: widget('a') });
    await server.no(405, 'DELETE', `${widgetsPath}/a/scale`);
    await server.no(404, 'GET', `${widgetsPath}/none/scale`);
  });

  test('with dryRun changes nothing', async () => {
    const server = await scaled();
    await server.merge(`${widgetsPath}/a/scale?dryRun=All`, { spec: { replicas: 7 } });
    assert.equal((await server.get(`${widgetsPath}/a`)).spec.replicas, 3);
  });
});

describe('eviction', () => {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p', namespace: 'default' } };

  test('says on the Pod why it goes, and deletes it', async () => {
    const server = await harness();
    await server.post(podsPath, pod('p', { nodeName: 'n' }));
    const got = await server.send('POST', `${podsPath}/p/eviction`, { body: eviction });
    assert.deepEqual([got.status, got.json.status], [201, 'Success']);
    const { metadata, status } = await server.get(`${podsPath}/p`);
    assert.equal(metadata.deletionTimestamp, '2026-03-01T12:00:30Z');
    assert.deepEqual(status.conditions, [
      {
        lastProbeTime: null,
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'EvictionByEvictionAPI',
        message: 'Eviction API: evicting',
        lastTransitionTime: '2026-03-01T12:00:00Z',
      },
    ]);
  });

  test('takes options, with dryRun does nothing, and needs the Pod', async () => {
    const server = await harness();
    await server.post(podsPath, pod('p', { nodeName: 'n' }));
    await server.post(`${podsPath}/p/eviction`, { ...eviction, deleteOptions: { dryRun: ['All'] } });
    assert.equal((await server.get(`${podsPath}/p`)).status.conditions, undefined);
    await server.post(`${podsPath}/p/eviction`, { ...eviction, deleteOptions: { gracePeriodSeconds: 5 } });
    assert.equal((await server.get(`${podsPath}/p`)).metadata.deletionGracePeriodSeconds, 5);
    await server.no(404, 'POST', `${podsPath}/none/eviction`, { body: { ...eviction, metadata: { name: 'none' } } });
    await server.no(400, 'POST', `${podsPath}/p/eviction`, { body: { ...eviction, metadata: { name: 'other' } } });
    await server.no(405, 'GET', `${podsPath}/p/eviction`);
  });
});

describe('binding', () => {
  const to = (name: string): object => ({ apiVersion: 'v1', kind: 'Binding', target: { kind: 'Node', name } });

  test('gives the Pod its node, once', async () => {
    const server = await harness();
    await server.post(podsPath, pod('p'));
    await server.post(`${podsPath}/p/binding`, to('n1'));
    const { spec, status } = await server.get(`${podsPath}/p`);
    assert.deepEqual([spec.nodeName, status.conditions[0].type], ['n1', 'PodScheduled']);
    const again = await server.no(409, 'POST', `${podsPath}/p/binding`, { body: to('n2') });
    assert.equal(again.message, 'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n1"');
    await server.no(422, 'POST', `${podsPath}/p/binding`, { body: to('') });
  });

  test('of a Pod that is going is refused', async () => {
    const server = await harness();
    await server.post(podsPath, pod('p', {}, { finalizers: ['example.com/hold'] }));
    await server.delete(`${podsPath}/p`);
    await server.no(409, 'POST', `${podsPath}/p/binding`, { body: to('n1') });
  });
});

describe('resize', () => {
  test('changes the resources of containers, and nothing else', async () => {
    const server = await harness();
    await server.post(podsPath, pod('p', { containers: [{ name: 'main', image: 'app:1', resources: { requests: { cpu: '1' } } }] }));
    const strategic = { 'content-type': 'application/strategic-merge-patch+json' };
    const body = { spec: { hostNetwork: true, containers: [{ name: 'main', image: 'other', resources: { requests: { cpu: '2' } } }] } };
    const got = await server.send('PATCH', `${podsPath}/p/resize`, { body, headers: strategic });
    const [container] = got.json.spec.containers;
    assert.deepEqual([container.image, container.resources, got.json.spec.hostNetwork], ['app:1', { requests: { cpu: '2' } }, undefined]);
    const status = await server.no(422, 'PATCH', `${podsPath}/p`, {
      body: { spec: { containers: [{ name: 'main', resources: { requests: { cpu: '3' } } }] } },
      headers: strategic,
    });
    assert.match(status.message ?? '', /spec: Forbidden: pod updates may not change fields other than/);
  });
});

describe('resize is refused', () => {
  const resources = (requests: object): object => ({ containers: [{ name: 'main', image: 'app:1', resources: { requests } }] });
  const json = { 'content-type': 'application/json-patch+json' };
  const to = (requests: object) => ({
    body: [{ op: 'replace', path: '/spec/containers/0/resources/requests', value: requests }],
    headers: json,
  });

  test('where something would no longer be requested', async () => {
    const server = await harness();
    await server.post(podsPath, pod('p', resources({ cpu: '1', memory: '1Mi' })));
    const status = await server.no(422, 'PATCH', `${podsPath}/p/resize`, to({ memory: '1Mi' }));
    assert.match(status.message ?? '', /spec\.containers\[0\]\.resources\.requests: Forbidden: resource requests cannot be removed/);
  });

  test('while the kubelet does not say what a container runs with', async () => {
    const server = await harness();
    await server.post(podsPath, pod('p', resources({ cpu: '1' })));
    const running = { name: 'main', image: 'app:1', imageID: '', ready: true, restartCount: 0, state: { running: {} } };
    await server.merge(`${podsPath}/p/status`, { status: { containerStatuses: [running] } });
    const status = await server.no(422, 'PATCH', `${podsPath}/p/resize`, to({ cpu: '2' }));
    assert.match(status.message ?? '', /spec: Forbidden: Pod running on node without support for resize/);
    await server.merge(`${podsPath}/p/status`, { status: { containerStatuses: [{ ...running, resources: {} }] } });
    const got = await server.send('PATCH', `${podsPath}/p/resize`, to({ cpu: '2' }));
    assert.equal(got.status, 200);
  });
});

describe('a namespace', () => {
  const path = '/api/v1/namespaces/shop';

  async function shop(): Promise<{ server: Harness; made: Seen }> {
    const server = await harness();
    return { server, made: await server.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }) };
  }

  test('four of them are there from the start, three of them for ever', async () => {
    const server = await harness();
    const list = await server.get('/api/v1/namespaces');
    assert.deepEqual(
      list.items.map((item) => item.metadata.name),
      ['default', 'kube-node-lease', 'kube-public', 'kube-system'],
    );
    for (const name of ['default', 'kube-public', 'kube-system']) {
      const status = await server.no(403, 'DELETE', `/api/v1/namespaces/${name}`);
      assert.equal(status.message, `namespaces "${name}" is forbidden: this namespace may not be deleted`);
    }
    const restarted = await harness({ disk: (server.disk.crash('kept'), server.disk) });
    assert.deepEqual(await restarted.get('/api/v1/namespaces/default'), { ...list.items[0], apiVersion: 'v1', kind: 'Namespace' });
  });

  test('has its name as a label, a phase, and a finalizer in its spec', async () => {
    const { server, made } = await shop();
    assert.deepEqual(
      [made.metadata.labels, made.spec, made.status],
      [{ 'kubernetes.io/metadata.name': 'shop' }, { finalizers: ['kubernetes'] }, { phase: 'Active' }],
    );
    const bare = await server.put(path, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop' },
      spec: { finalizers: [] },
      status: { phase: 'Gone' },
    });
    assert.deepEqual([bare.metadata.labels, bare.spec, bare.status], [made.metadata.labels, made.spec, made.status]);
  });

  test('goes when its finalizer was taken away through finalize', async () => {
    const { server } = await shop();
    const going = await server.delete(path);
    assert.deepEqual([going.status.phase, going.spec.finalizers], ['Terminating', ['kubernetes']]);
    assert.equal(going.metadata.deletionGracePeriodSeconds, undefined);
    await server.get(path);
    await server.put(`${path}/finalize`, { ...going, spec: { finalizers: [] } });
    await server.no(404, 'GET', path);
  });

  test('does not go while it has another finalizer', async () => {
    const { server, made } = await shop();
    await server.put(path, { ...made, metadata: { ...made.metadata, finalizers: ['example.com/hold'] } });
    const going = await server.delete(path);
    await server.put(`${path}/finalize`, { ...going, spec: { finalizers: [] } });
    await server.get(path);
    await server.merge(path, { metadata: { finalizers: null } });
    await server.no(404, 'GET', path);
  });
});
