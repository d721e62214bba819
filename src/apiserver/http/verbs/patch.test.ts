import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configMap, configMapsPath, harness, widget, widgetDefinition, widgetsPath } from '../test-support.ts';
import type { Harness } from '../test-support.ts';
import type { Seen } from '../test-shapes.ts';

const types = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

const as = (type: keyof typeof types, body: unknown): { body: unknown; headers: Record<string, string> } => ({
  body,
  headers: { 'content-type': types[type] },
});

async function withWidget(spec: object = { colour: 'red' }): Promise<{ server: Harness; made: Seen }> {
  const server = await harness({ crds: [widgetDefinition()] });
  return { server, made: await server.post(widgetsPath, widget('a', spec)) };
}

describe('merge patch', () => {
  test('sets, and takes away what is null', async () => {
    const server = await harness();
    await server.post(configMapsPath, configMap('a', { keep: '1', drop: '2' }));
    assert.deepEqual((await server.merge(`${configMapsPath}/a`, { data: { drop: null, add: '3' } })).data, { keep: '1', add: '3' });
  });

  test('is conditional when it names a version, and otherwise never conflicts', async () => {
    const { server, made } = await withWidget();
    await server.merge(`${widgetsPath}/a`, { spec: { colour: 'blue' } });
    const { resourceVersion, uid } = made.metadata;
    await server.no(409, 'PATCH', `${widgetsPath}/a`, as('merge', { metadata: { resourceVersion }, spec: { colour: 'green' } }));
    await server.no(422, 'PATCH', `${widgetsPath}/a`, as('merge', { metadata: { uid: 'other' }, spec: { colour: 'green' } }));
    assert.equal((await server.merge(`${widgetsPath}/a`, { metadata: { uid }, spec: { colour: 'green' } })).spec.colour, 'green');
  });

  test('patches of one object at the same time all happen', async () => {
    const server = await harness();
    await server.post(configMapsPath, configMap('a'));
    await Promise.all(Array.from({ length: 20 }, (_, i) => server.merge(`${configMapsPath}/a`, { data: { [`k${String(i)}`]: 'v' } })));
    assert.equal(Object.keys((await server.get(`${configMapsPath}/a`)).data).length, 20);
  });

  test('of what is not there is 404; of a list 400', async () => {
    const { server } = await withWidget();
    await server.no(404, 'PATCH', `${widgetsPath}/none`, as('merge', {}));
    await server.no(400, 'PATCH', `${widgetsPath}/a`, as('merge', []));
  });
});

describe('JSON patch', () => {
  test('carries its operations out, one after another', async () => {
    const { server } = await withWidget({ colour: 'red', parts: [{ name: 'x' }] });
    const body = [
      { op: 'test', path: '/spec/colour', value: 'red' },
      { op: 'add', path: '/spec/parts/-', value: { name: 'y' } },
      { op: 'remove', path: '/spec/parts/0' },
      { op: 'replace', path: '/spec/colour', value: 'blue' },
    ];
    const got = await server.send('PATCH', `${widgetsPath}/a`, as('json', body));
    assert.deepEqual(got.json.spec, { colour: 'blue', replicas: 1, parts: [{ name: 'y' }] });
  });

  test('a test that fails, or a path that is not there, is 422 and changes nothing', async () => {
    const { server, made } = await withWidget();
    for (const operation of [
      { op: 'test', path: '/spec/colour', value: 'blue' },
      { op: 'remove', path: '/spec/nope' },
    ]) {
      const status = await server.no(
        422,
        'PATCH',
        `${widgetsPath}/a`,
        as('json', [{ op: 'replace', path: '/spec/colour', value: 'green' }, operation]),
      );
      assert.equal(status.message, 'the server rejected our request due to an error in our request');
    }
    assert.deepEqual(await server.get(`${widgetsPath}/a`), made);
  });

  test('what is no list is 400, what is no operation 422, too many are 413', async () => {
    const { server } = await withWidget();
    for (const body of [{}, [1], 'x']) await server.no(400, 'PATCH', `${widgetsPath}/a`, as('json', body));
    for (const body of [
      [{ op: 'paint', path: '/a' }],
      [{ op: 'add', path: 'a', value: 1 }],
      [{ op: 'add', path: '/__proto__/x', value: 1 }],
      [{ op: 'copy', path: '/a' }],
    ]) {
      await server.no(422, 'PATCH', `${widgetsPath}/a`, as('json', body));
    }
    await server.no(
      413,
      'PATCH',
      `${widgetsPath}/a`,
      as(
        'json',
        Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/kind', value: 'Widget' })),
      ),
    );
  });
});

describe('what patches may do', () => {
  test('custom resources take no strategic patch', async () => {
    const { server } = await withWidget();
    const status = await server.no(415, 'PATCH', `${widgetsPath}/a`, as('strategic', {}));
    assert.match(
      status.message ?? '',
      /^the body of the request was in an unknown format - accepted media types include: application\/json-patch\+json, application\/merge-patch\+json/,
    );
  });

  test('built-in kinds merge lists by their keys', async () => {
    const server = await harness();
    await server.post('/api/v1/nodes', {
      kind: 'Node',
      apiVersion: 'v1',
      metadata: { name: 'n' },
      status: {
        conditions: [
          { type: 'Ready', status: 'True' },
          { type: 'Cold', status: 'True' },
        ],
      },
    });
    const got = await server.send(
      'PATCH',
      '/api/v1/nodes/n/status',
      as('strategic', { status: { conditions: [{ type: 'Ready', status: 'False' }] } }),
    );
    const never = { lastHeartbeatTime: null, lastTransitionTime: null };
    assert.deepEqual(got.json.status.conditions, [
      { ...never, type: 'Ready', status: 'False' },
      { ...never, type: 'Cold', status: 'True' },
    ]);
  });

  test('can not make another kind or another object of it, or no object at all', async () => {
    const { server } = await withWidget();
    await server.no(400, 'PATCH', `${widgetsPath}/a`, as('json', [{ op: 'replace', path: '', value: 1 }]));
    await server.no(422, 'PATCH', `${widgetsPath}/a`, as('merge', { kind: 'Gadget' }));
    const status = await server.no(400, 'PATCH', `${widgetsPath}/a`, as('merge', { metadata: { name: 'b' } }));
    assert.equal(status.message, 'the name of the object (b) does not match the name on the URL (a)');
  });

  test('are checked strictly when asked', async () => {
    const { server } = await withWidget();
    const status = await server.no(422, 'PATCH', `${widgetsPath}/a?fieldValidation=Strict`, as('merge', { spec: { nope: 1 } }));
    assert.equal(status.details?.causes?.[0]?.field, 'patch');
    assert.match(status.message ?? '', /strict decoding error: unknown field "spec\.nope"$/);
    const ignored = await server.send('PATCH', `${widgetsPath}/a?fieldValidation=Ignore`, as('merge', { spec: { nope: 1 } }));
    assert.deepEqual([ignored.status, ignored.headers['warning']], [200, undefined]);
    const warned = await server.send('PATCH', `${widgetsPath}/a`, as('merge', { spec: { nope: 1 } }));
    assert.equal(warned.headers['warning'], '299 - "unknown field \\"spec.nope\\""');
  });

  test('force is for applies only, which must say who applies', async () => {
    const { server } = await withWidget();
    const force = await server.no(422, 'PATCH', `${widgetsPath}/a?force=true`, as('merge', {}));
    assert.match(force.message ?? '', /force: Forbidden: may not be specified for non-apply patch/);
    const manager = await server.no(422, 'PATCH', `${widgetsPath}/a`, as('apply', widget('a')));
    assert.match(manager.message ?? '', /fieldManager: Required value: is required for apply patch/);
  });
});

describe('server-side apply', () => {
  test('makes what is not there, in JSON or YAML, and the same again writes nothing', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    const yaml = 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\nspec:\n  colour: red\n';
    const got = await server.send('PATCH', `${widgetsPath}/a?fieldManager=me`, as('apply', yaml));
    assert.equal(got.status, 201);
    assert.deepEqual(
      got.json.metadata.managedFields.map((entry) => [entry.manager, entry.operation]),
      [['me', 'Apply']],
    );
    // The first write after its making stores the status' default.
    const again = await server.apply(`${widgetsPath}/a`, widget('a', { colour: 'red' }), 'me');
    assert.deepEqual(await server.apply(`${widgetsPath}/a`, widget('a', { colour: 'red' }), 'me'), again);
    assert.equal(server.api.store.revision(), Number(again.metadata.resourceVersion));
  });

  test('what another owns is a conflict, unless forced', async () => {
    const { server } = await withWidget();
    const status = await server.no(409, 'PATCH', `${widgetsPath}/a?fieldManager=me`, as('apply', widget('a', { colour: 'blue' })));
    assert.equal(status.message, 'Apply failed with 1 conflict: conflict with "tester" using example.com/v1: .spec.colour');
    const forced = await server.send('PATCH', `${widgetsPath}/a?fieldManager=me&force=true`, as('apply', widget('a', { colour: 'blue' })));
    assert.equal(forced.json.spec.colour, 'blue');
  });

  test('what an applier no longer says goes, and defaults come back', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    await server.apply(`${widgetsPath}/a`, widget('a', { colour: 'red', replicas: 3 }));
    assert.deepEqual((await server.apply(`${widgetsPath}/a`, widget('a', {}))).spec, { replicas: 1 });
  });

  test('of the status goes through its door, and needs the object', async () => {
    const { server } = await withWidget();
    const body = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'a' },
      spec: { colour: 'green' },
      status: { phase: 'Done' },
    };
    const got = await server.apply(`${widgetsPath}/a/status`, body, 'agent');
    assert.deepEqual([got.spec.colour, got.status.phase], ['red', 'Done']);
    const entry = got.metadata.managedFields.find((one) => one.manager === 'agent');
    assert.deepEqual([entry?.subresource, entry?.fieldsV1], ['status', { 'f:status': { 'f:phase': {} } }]);
    const main = await server.apply(`${widgetsPath}/a`, { ...body, spec: {}, status: { phase: 'Faked' } }, 'other');
    assert.equal(main.status.phase, 'Done');
    await server.no(404, 'PATCH', `${widgetsPath}/none/status?fieldManager=me`, as('apply', { ...body, metadata: { name: 'none' } }));
  });

  test('checks the version, the uid and the place that it names', async () => {
    const { server, made } = await withWidget();
    const path = `${widgetsPath}/a?fieldManager=me`;
    await server.merge(`${widgetsPath}/a`, { spec: { replicas: 2 } });
    await server.no(409, 'PATCH', path, as('apply', widget('a', {}, { resourceVersion: made.metadata.resourceVersion })));
    await server.no(422, 'PATCH', path, as('apply', widget('a', {}, { uid: 'other' })));
    await server.no(400, 'PATCH', path, as('apply', widget('b')));
    await server.no(400, 'PATCH', path, as('apply', '[]'));
    await server.no(400, 'PATCH', path, as('apply', 'text'));
    const unborn = await server.no(409, 'PATCH', `${widgetsPath}/none?fieldManager=me`, as('apply', widget('none', {}, { uid: 'x' })));
    assert.match(unborn.message ?? '', /uid mismatch: the provided object specified uid x, and no existing object was found/);
  });

  test('a repeated field is refused by name when asked, and else warned of', async () => {
    const { server } = await withWidget();
    const twice = '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"replicas":1,"replicas":2}}';
    const status = await server.no(400, 'PATCH', `${widgetsPath}/a?fieldManager=me&fieldValidation=Strict`, as('apply', twice));
    assert.match(status.message ?? '', /^error strict decoding patch: .*\n {2}line 1: key "replicas" already set in map$/s);
    const warned = await server.send('PATCH', `${widgetsPath}/a?fieldManager=me&force=true`, as('apply', twice));
    assert.equal(warned.headers['warning'], '299 - "line 1: key \\"replicas\\" already set in map"');
  });

  test('an unknown field is refused by name', async () => {
    const { server } = await withWidget();
    const status = await server.no(500, 'PATCH', `${widgetsPath}/a?fieldManager=me`, as('apply', widget('a', { nope: 1 })));
    assert.match(status.message ?? '', /\.spec\.nope: field not declared in schema/);
  });

  test('in a namespace that is not there is 404', async () => {
    const { server } = await withWidget();
    await server.no(404, 'PATCH', '/apis/example.com/v1/namespaces/nope/widgets/a?fieldManager=me', as('apply', widget('a')));
  });
});
