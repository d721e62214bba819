import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configMap, configMapsPath, harness, pod, podsPath } from '../test-support.ts';
import type { Harness } from '../test-support.ts';

const secretsPath = '/api/v1/namespaces/default/secrets';
const coreEvents = '/api/v1/namespaces/default/events';
const groupEvents = '/apis/events.k8s.io/v1/namespaces/default/events';
const merge = { 'content-type': 'application/merge-patch+json' };
const hour = 3_600_000;

const secret = (more: object): object => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, ...more });

async function causeOf(server: Harness, path: string, body: object): Promise<string> {
  const status = await server.no(422, 'POST', path, { body });
  return (status.details?.causes ?? []).map((cause) => `${cause.field ?? ''}: ${cause.message ?? ''}`).join('; ');
}

describe('Secret', () => {
  test('takes text over into data, and gives it a type', async () => {
    const server = await harness();
    const made = await server.post(secretsPath, secret({ data: { a: 'YQ==' }, stringData: { b: 'bé' } }));
    assert.deepEqual([made.data, made.stringData, made.type], [{ a: 'YQ==', b: 'YsOp' }, undefined, 'Opaque']);
    assert.deepEqual((await server.merge(`${secretsPath}/s`, { stringData: { a: 'x' } })).data, { a: 'eA==', b: 'YsOp' });
  });

  test('is held to base64, to the keys of its type, and keeps its type', async () => {
    const server = await harness();
    const base64 = await server.no(400, 'POST', secretsPath, { body: secret({ data: { a: '!' } }) });
    assert.match(base64.message ?? '', /data\.a in body must be of type byte/);
    assert.match(
      await causeOf(server, secretsPath, secret({ data: { 'a b': 'YQ==' } })),
      /data\[a b\]: Invalid value: "a b": a valid config key/,
    );
    assert.equal(
      await causeOf(server, secretsPath, secret({ type: 'kubernetes.io/tls', data: { 'tls.crt': '' } })),
      'data[tls.key]: Required value',
    );
    await server.post(secretsPath, secret({}));
    const status = await server.no(422, 'PATCH', `${secretsPath}/s`, { body: { type: 'other' }, headers: merge });
    assert.match(status.message ?? '', /type: Invalid value: "other": field is immutable/);
    assert.deepEqual((await server.get(`${secretsPath}?fieldSelector=type%3DOpaque`)).items.length, 1);
  });
});

describe('ConfigMap', () => {
  test('is held to keys, to a size, and not to change once it is immutable', async () => {
    const server = await harness();
    assert.match(await causeOf(server, configMapsPath, configMap('a', { '../x': '1' })), /data\[\.\.\/x\]/);
    assert.match(
      await causeOf(server, configMapsPath, configMap('a', { large: 'x'.repeat(1_048_577) })),
      /Too long: may not be more than 1048576 bytes/,
    );
    assert.match(
      await causeOf(server, configMapsPath, { ...configMap('a', { k: '1' }), binaryData: { k: 'YQ==' } }),
      /duplicate of key present in binaryData/,
    );
    await server.post(configMapsPath, { ...configMap('a', { k: '1' }), immutable: true });
    for (const body of [{ data: { k: '2' } }, { immutable: false }]) {
      const status = await server.no(422, 'PATCH', `${configMapsPath}/a`, { body, headers: merge });
      assert.match(status.message ?? '', /Forbidden: field is immutable when `immutable` is set/);
    }
    await server.merge(`${configMapsPath}/a`, { metadata: { labels: { x: 'y' } } });
  });
});

describe('Node', () => {
  const node = (more: object = {}): object => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, ...more });

  test('comes with its status, which afterwards has a door of its own', async () => {
    const server = await harness();
    const made = await server.post('/api/v1/nodes', node({ status: { capacity: { cpu: '4' } } }));
    assert.deepEqual(made.status.capacity, { cpu: '4' });
    assert.deepEqual((await server.merge('/api/v1/nodes/n', { status: { capacity: { cpu: '8' } } })).status.capacity, { cpu: '4' });
    const changed = await server.merge('/api/v1/nodes/n/status', { spec: { unschedulable: true }, status: { capacity: { cpu: '8' } } });
    assert.deepEqual([changed.status.capacity, changed.spec], [{ cpu: '8' }, {}]);
  });

  test('is held to taints that there are, and keeps its provider', async () => {
    const server = await harness();
    assert.match(
      await causeOf(server, '/api/v1/nodes', node({ spec: { taints: [{ key: 'a b', effect: 'Never' }] } })),
      /taints\[0\]\.key: .*taints\[0\]\.effect: Unsupported value: "Never"/s,
    );
    await server.post('/api/v1/nodes', node({ spec: { providerID: 'x' } }));
    await server.no(422, 'PATCH', '/api/v1/nodes/n', { body: { spec: { providerID: 'y' } }, headers: merge });
  });

  test('says in its table whether it is ready, cordoned, and for what', async () => {
    const server = await harness();
    const accept = { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } };
    await server.post('/api/v1/nodes', {
      ...node({
        spec: { unschedulable: true },
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          nodeInfo: { kubeletVersion: 'v1' },
          addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
        },
      }),
      metadata: { name: 'n', labels: { 'node-role.kubernetes.io/worker': '' } },
    });
    const { json } = await server.send('GET', '/api/v1/nodes', accept);
    assert.deepEqual(json.rows[0].cells, [
      'n',
      'Ready,SchedulingDisabled',
      'worker',
      '0s',
      'v1',
      '10.0.0.1',
      '<none>',
      '<unknown>',
      '<unknown>',
      '<unknown>',
    ]);
  });
});

describe('Lease', () => {
  test('is held to spans that there are', async () => {
    const server = await harness();
    const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
    const words = await causeOf(server, path, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l' },
      spec: { leaseDurationSeconds: 0, leaseTransitions: -1 },
    });
    assert.match(words, /leaseDurationSeconds: .*must be greater than 0.*leaseTransitions: .*must be greater than or equal to 0/);
  });
});

describe('Pod', () => {
  test('gets what a real server would fill in', async () => {
    const server = await harness();
    const made = await server.post(
      podsPath,
      pod('p', { containers: [{ name: 'main', image: 'app:1', resources: { limits: { cpu: '1', memory: '1Gi' } } }] }),
    );
    const { spec, status } = made;
    assert.deepEqual(
      [spec.restartPolicy, spec.dnsPolicy, spec.schedulerName, spec.terminationGracePeriodSeconds, spec.serviceAccountName],
      ['Always', 'ClusterFirst', 'default-scheduler', 30, 'default'],
    );
    assert.deepEqual(spec.containers[0].resources.requests, { cpu: '1', memory: '1Gi' });
    assert.deepEqual([spec.containers[0].imagePullPolicy, spec.tolerations.length, made.metadata.generation], ['IfNotPresent', 2, 1]);
    assert.deepEqual(status, { phase: 'Pending', qosClass: 'Guaranteed' });
  });

  for (const [what, spec, field] of [
    ['no containers', { containers: [] }, /^spec\.containers: Required value/],
    [
      'two containers of one name',
      {
        containers: [
          { name: 'a', image: 'i' },
          { name: 'a', image: 'i' },
        ],
      },
      /spec\.containers\[1\](\.name)?: Duplicate value/,
    ],
    ['a container without an image', { containers: [{ name: 'a' }] }, /spec\.containers\[0\]\.image: Required value/],
    ['a policy that there is not', { restartPolicy: 'Sometimes' }, /spec\.restartPolicy: Unsupported value: "Sometimes"/],
    [
      'a quantity that is none',
      { containers: [{ name: 'a', image: 'i', resources: { requests: { cpu: 'many' } } }] },
      /spec\.containers\[0\]\.resources\.requests\[cpu\]: Invalid value: "many"/,
    ],
  ] as const) {
    test(`with ${what} is 422`, async () => {
      const server = await harness();
      assert.match(await causeOf(server, podsPath, pod('p', spec)), field);
    });
  }

  test('is what it was made as, but for its images and further tolerations', async () => {
    const server = await harness();
    await server.post(podsPath, pod('p'));
    const strategic = { 'content-type': 'application/strategic-merge-patch+json' };
    const renamed = await server.send('PATCH', `${podsPath}/p`, {
      body: { spec: { containers: [{ name: 'main', image: 'app:2' }] } },
      headers: strategic,
    });
    assert.equal(renamed.json.spec.containers[0].image, 'app:2');
    const tolerations = [...renamed.json.spec.tolerations, { key: 'more', operator: 'Exists' }];
    assert.equal((await server.merge(`${podsPath}/p`, { spec: { tolerations } })).spec.tolerations.length, 3);
    await server.no(422, 'PATCH', `${podsPath}/p`, { body: { spec: { tolerations: tolerations.slice(0, 1) } }, headers: merge });
    await server.no(422, 'PATCH', `${podsPath}/p`, { body: { spec: { nodeName: 'n' } }, headers: merge });
  });

  test('says in its table what is of it', async () => {
    const server = await harness();
    await server.post(podsPath, pod('p', { nodeName: 'n' }, { finalizers: ['example.com/hold'] }));
    const cells = async (): Promise<unknown[]> =>
      (
        await server.send('GET', podsPath, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })
      ).json.rows[0].cells.slice(0, 5);
    assert.deepEqual(await cells(), ['p', '0/1', 'Pending', '0', '0s']);
    await server.merge(`${podsPath}/p/status`, {
      status: { phase: 'Running', containerStatuses: [{ name: 'main', ready: true, restartCount: 2, state: { running: {} } }] },
    });
    assert.deepEqual(await cells(), ['p', '1/1', 'Running', '2', '0s']);
    await server.merge(`${podsPath}/p/status`, {
      status: { containerStatuses: [{ name: 'main', ready: false, restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } } }] },
    });
    assert.deepEqual(await cells(), ['p', '0/1', 'CrashLoopBackOff', '3', '0s']);
    await server.delete(`${podsPath}/p`);
    assert.equal((await cells())[2], 'Terminating');
  });
});

describe('Event', () => {
  const told = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'e' },
    eventTime: '2026-03-01T11:59:00.000000Z',
    reportingController: 'example.com/op',
    reportingInstance: 'op-0',
    action: 'Place',
    reason: 'NoHostFits',
    regarding: { kind: 'Widget', name: 'w', namespace: 'default', uid: 'u' },
    note: '0/8 hosts',
    type: 'Warning',
  };

  test('is one object with two faces', async () => {
    const server = await harness();
    const watch = await server.watch(coreEvents);
    const made = await server.post(groupEvents, told);
    assert.deepEqual([made.apiVersion, made.note, made.regarding], ['events.k8s.io/v1', told.note, told.regarding]);
    const core = await server.get(`${coreEvents}/e`);
    assert.deepEqual(
      [core.apiVersion, core.message, core.involvedObject, core.reportingComponent, core.note],
      ['v1', told.note, told.regarding, told.reportingController, undefined],
    );
    assert.deepEqual((await watch.events())[0].object, core);
    await server.merge(`${coreEvents}/e`, { message: '0/9 hosts' });
    const { json } = await server.send('GET', groupEvents);
    assert.deepEqual([json.apiVersion, json.items[0].note, json.items[0].apiVersion], ['events.k8s.io/v1', '0/9 hosts', undefined]);
  });

  test('is found by what it is about, in the words of either face', async () => {
    const server = await harness();
    await server.post(groupEvents, told);
    for (const selector of [
      'involvedObject.name=w,involvedObject.kind=Widget,involvedObject.uid=u,involvedObject.namespace=default',
      'reason=NoHostFits,type=Warning',
      'source=example.com/op',
      'reportingComponent=example.com/op',
    ]) {
      assert.equal((await server.get(`${coreEvents}?fieldSelector=${encodeURIComponent(selector)}`)).items.length, 1, selector);
    }
    assert.equal((await server.get(`${groupEvents}?fieldSelector=regarding.name%3Dw`)).items.length, 1);
    assert.equal((await server.get(`${coreEvents}?fieldSelector=involvedObject.name%3Dother`)).items.length, 0);
  });

  test('is held to its rules', async () => {
    const server = await harness();
    for (const [change, field] of [
      [{ eventTime: undefined }, /eventTime: Required value/],
      [{ reason: 'r'.repeat(129) }, /reason: Too long: may not be more than 128 bytes/],
      [{ note: 'n'.repeat(1025) }, /note: Too long: may not be more than 1024 bytes/],
      [{ type: 'Loud' }, /type: Unsupported value: "Loud"/],
      [{ action: '' }, /action: Required value/],
      [
        { regarding: { ...told.regarding, namespace: 'other' } },
        /regarding\.namespace: Invalid value: "other": does not match event\.namespace/,
      ],
    ] as const) {
      assert.match(await causeOf(server, groupEvents, { ...told, ...change }), field);
    }
    const core = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' }, involvedObject: { namespace: 'other' } };
    assert.match(
      await causeOf(server, coreEvents, core),
      /involvedObject\.namespace: Invalid value: "other": does not match event\.namespace/,
    );
  });

  test('is kept for an hour after it was last told', async () => {
    const server = await harness();
    await server.post(groupEvents, told);
    await server.post(groupEvents, { ...told, metadata: { name: 'again' } });
    await server.clock.advance(hour / 2);
    await server.merge(`${groupEvents}/again`, { series: { count: 2, lastObservedTime: '2026-03-01T12:30:00.000000Z' } });
    await server.clock.advance(hour / 2 + 120_000);
    assert.deepEqual(
      (await server.get(coreEvents)).items.map((item) => item.metadata.name),
      ['again'],
    );
    await server.clock.advance(hour / 2);
    assert.deepEqual((await server.get(coreEvents)).items, []);
  });
});
