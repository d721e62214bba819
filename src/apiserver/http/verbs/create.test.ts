import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configMap, configMapsPath, harness, settled, widget, widgetDefinition, widgetsPath } from '../test-support.ts';

describe('create', () => {
  test('fills in what only the server knows, from its Runtime, and ignores what a creator says of it', async () => {
    const server = await harness();
    const claimed = {
      uid: 'mine',
      creationTimestamp: '1999-01-01T00:00:00Z',
      generation: 9,
      deletionTimestamp: '1999-01-01T00:00:00Z',
      selfLink: '/x',
    };
    const made = await server.post(configMapsPath, configMap('a', { k: 'v' }, claimed));
    assert.match(made.metadata.uid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(made.metadata.creationTimestamp, '2026-03-01T12:00:00Z');
    assert.equal(made.metadata.namespace, 'default');
    assert.equal(made.metadata.resourceVersion, String(server.api.store.revision()));
    for (const field of ['deletionTimestamp', 'selfLink'] as const) assert.equal(made.metadata[field], undefined);
    assert.deepEqual(await server.get(`${configMapsPath}/a`), made);
  });

  test('answers 201, and 409 when the name is taken', async () => {
    const server = await harness();
    assert.equal((await server.send('POST', configMapsPath, { body: configMap('a') })).status, 201);
    const status = await server.no(409, 'POST', configMapsPath, { body: configMap('a') });
    assert.deepEqual(
      [status.reason, status.message, status.details],
      ['AlreadyExists', 'configmaps "a" already exists', { name: 'a', kind: 'configmaps' }],
    );
  });

  test('of two that make the same name at once, one is told that it exists', async () => {
    const server = await harness();
    const both = await Promise.all([1, 2].map(() => server.send('POST', configMapsPath, { body: configMap('a') })));
    assert.deepEqual(both.map((got) => got.status).sort(), [201, 409]);
  });

  test('makes a name from generateName, cut so that it fits', async () => {
    const server = await harness();
    const made = await server.post(configMapsPath, { kind: 'ConfigMap', apiVersion: 'v1', metadata: { generateName: 'a-' } });
    assert.match(made.metadata.name, /^a-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    assert.equal(made.metadata.generateName, 'a-');
    const long = await server.post(configMapsPath, { kind: 'ConfigMap', apiVersion: 'v1', metadata: { generateName: 'b'.repeat(80) } });
    assert.equal(long.metadata.name.length, 63);
  });

  test('an object with a generated name is held to the rules like any other', async () => {
    const server = await harness();
    const metadata = { generateName: 'a-', labels: { 'a b': 'c' } };
    await server.no(422, 'POST', configMapsPath, { body: { kind: 'ConfigMap', apiVersion: 'v1', metadata } });
  });

  test('keeps to the place that the path says', async () => {
    const server = await harness();
    const status = await server.no(400, 'POST', configMapsPath, { body: configMap('a', {}, { namespace: 'other' }) });
    assert.equal(status.message, 'the namespace of the provided object does not match the namespace sent on the request');
    await server.no(404, 'POST', '/api/v1/namespaces/default/namespaces', {
      body: { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'x' } },
    });
  });

  test('needs a namespace that is there, and not going', async () => {
    const server = await harness();
    const missing = await server.no(404, 'POST', '/api/v1/namespaces/nope/configmaps', { body: configMap('a') });
    assert.equal(missing.message, 'namespaces "nope" not found');
    await server.post('/api/v1/namespaces', { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'going' } });
    await server.delete('/api/v1/namespaces/going');
    const status = await server.no(403, 'POST', '/api/v1/namespaces/going/configmaps', { body: configMap('a') });
    assert.equal(
      status.message,
      'configmaps "a" is forbidden: unable to create new content in namespace going because it is being terminated',
    );
    assert.equal(status.details?.causes?.[0]?.reason, 'NamespaceTerminating');
  });

  test('with dryRun answers as if, and stores nothing', async () => {
    const server = await harness();
    const before = server.api.store.revision();
    const got = await server.send('POST', `${configMapsPath}?dryRun=All`, { body: configMap('a') });
    assert.deepEqual([got.status, got.json.metadata.name, got.json.metadata.resourceVersion], [201, 'a', undefined]);
    assert.equal(server.api.store.revision(), before);
    await server.no(409, 'POST', '/api/v1/namespaces?dryRun=All', {
      body: { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'default' } },
    });
    await server.no(404, 'GET', `${configMapsPath}/a`);
    const status = await server.no(422, 'POST', `${configMapsPath}?dryRun=Some`, { body: configMap('a') });
    assert.match(status.message ?? '', /dryRun: Unsupported value: \["Some"\]: supported values: "All"/);
  });

  test('does not take a resourceVersion', async () => {
    const server = await harness();
    const status = await server.no(500, 'POST', configMapsPath, { body: configMap('a', {}, { resourceVersion: '7' }) });
    assert.equal(status.message, 'resourceVersion should not be set on objects to be created');
  });
});

describe('what a new object says of itself', () => {
  test('what is no object is refused', async () => {
    const server = await harness();
    for (const body of ['[]', '1', '"x"', '{']) await server.no(400, 'POST', configMapsPath, { body });
    await server.no(422, 'POST', configMapsPath, { body: 'null' });
  });

  test('an object of another kind or version is refused', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    const kind = await server.no(400, 'POST', configMapsPath, { body: { kind: 'Secret', apiVersion: 'v1', metadata: { name: 'a' } } });
    assert.match(kind.message ?? '', /^Secret in version "v1" cannot be handled as a ConfigMap/);
    const version = await server.no(400, 'POST', configMapsPath, { body: { ...configMap('a'), apiVersion: 'v2' } });
    assert.match(version.message ?? '', /^ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered/);
    await server.no(400, 'POST', widgetsPath, { body: { metadata: { name: 'a' }, spec: {} } });
  });

  const bad: readonly (readonly [what: string, metadata: object, field: string, words: RegExp])[] = [
    ['no name', { name: '' }, 'metadata.name', /^Required value: name or generateName is required$/],
    ['a name with capitals', { name: 'Web' }, 'metadata.name', /^Invalid value: "Web": a lowercase RFC 1123 subdomain must consist of/],
    ['a name that is too long', { name: 'a'.repeat(254) }, 'metadata.name', /must be no more than 253 bytes/],
    ['a label key', { labels: { 'a b': 'c' } }, 'metadata.labels', /^Invalid value: "a b": name part must consist of/],
    ['a label value', { labels: { a: '-' } }, 'metadata.labels', /^Invalid value: "-": a valid label must be/],
    ['a label value that is too long', { labels: { a: 'x'.repeat(64) } }, 'metadata.labels', /must be no more than 63 bytes/],
    ['an annotation key', { annotations: { 'a/b/c': 'd' } }, 'metadata.annotations', /a qualified name must consist of/],
    [
      'annotations that are too large',
      { annotations: { a: 'x'.repeat(262_145) } },
      'metadata.annotations',
      /^Too long: may not be more than 262144 bytes$/,
    ],
    [
      'a finalizer without a domain',
      { finalizers: ['mine'] },
      'metadata.finalizers[0]',
      /neither a standard finalizer name nor is it fully qualified/,
    ],
    [
      'two finalizers that exclude each other',
      { finalizers: ['orphan', 'foregroundDeletion'] },
      'metadata.finalizers',
      /cannot be both set/,
    ],
    [
      'an owner without a uid',
      { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n' }] },
      'metadata.ownerReferences[0].uid',
      /must not be empty/,
    ],
    [
      'two controllers',
      { ownerReferences: ['a', 'b'].map((uid) => ({ apiVersion: 'v1', kind: 'Node', name: uid, uid, controller: true })) },
      'metadata.ownerReferences',
      /Only one reference can have Controller set to true/,
    ],
  ];
  for (const [what, metadata, field, words] of bad) {
    test(`${what} is 422`, async () => {
      const server = await harness();
      const status = await server.no(422, 'POST', configMapsPath, { body: configMap('a', {}, metadata) });
      assert.equal(status.reason, 'Invalid');
      const cause = status.details?.causes?.find((one) => one.field === field);
      assert.match(cause?.message ?? `no cause for ${field}: ${status.message ?? ''}`, words);
    });
  }

  test('a field of the wrong type is 400 for a built-in kind, 422 for a custom resource', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    const built = await server.no(400, 'POST', configMapsPath, { body: { ...configMap('a'), data: 'text' } });
    assert.match(built.message ?? '', /^ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal data: /);
    const custom = await server.no(422, 'POST', widgetsPath, { body: widget('a', { colour: 1 }) });
    assert.match(custom.message ?? '', /spec\.colour: Invalid value: "integer": spec\.colour in body must be of type string: "integer"/);
  });

  test('metadata of the wrong type is 400', async () => {
    const server = await harness();
    const status = await server.no(400, 'POST', configMapsPath, { body: configMap('a', {}, { labels: { a: 1 } }) });
    assert.match(status.message ?? '', /^ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number/);
  });
});

describe('fieldValidation', () => {
  const object = { ...widget('a', { colour: 'red', nope: 1 }), metadata: { name: 'a', nope: 2 } };
  const twice = '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"colour":"red","colour":"blue"}}';

  test('Strict refuses unknown and repeated fields by name', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    const unknown = await server.no(400, 'POST', `${widgetsPath}?fieldValidation=Strict`, { body: object });
    assert.equal(
      unknown.message,
      'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "metadata.nope", unknown field "spec.nope"',
    );
    const repeated = await server.no(400, 'POST', `${widgetsPath}?fieldValidation=Strict`, { body: twice });
    assert.match(repeated.message ?? '', /strict decoding error: duplicate field "spec\.colour"$/);
  });

  test('Warn, and nothing said, drop them and warn', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    const got = await server.send('POST', `${widgetsPath}?fieldValidation=Warn`, { body: object });
    assert.equal(got.headers['warning'], '299 - "unknown field \\"metadata.nope\\"", 299 - "unknown field \\"spec.nope\\""');
    assert.deepEqual(got.json.spec, { colour: 'red', replicas: 1 });
    const silent = await server.send('POST', widgetsPath, { body: twice.replace('"a"', '"b"') });
    assert.equal(silent.headers['warning'], '299 - "duplicate field \\"spec.colour\\""');
  });

  test('Ignore drops them and says nothing; another word is 422', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    const got = await server.send('POST', `${widgetsPath}?fieldValidation=Ignore`, { body: object });
    assert.deepEqual([got.status, got.headers['warning'], got.json.spec], [201, undefined, { colour: 'red', replicas: 1 }]);
    await server.no(422, 'POST', `${widgetsPath}?fieldValidation=Loose`, { body: object });
  });

  test('a built-in kind is pruned and checked like any other', async () => {
    const server = await harness();
    const status = await server.no(400, 'POST', `${configMapsPath}?fieldValidation=Strict`, { body: { ...configMap('a'), datum: {} } });
    assert.match(status.message ?? '', /strict decoding error: unknown field "datum"$/);
  });
});

describe('managedFields', () => {
  test('name who wrote, by fieldManager or by User-Agent', async () => {
    const server = await harness();
    const made = await server.post(configMapsPath, configMap('a', { k: 'v' }));
    assert.deepEqual(made.metadata.managedFields, [
      {
        manager: 'tester',
        operation: 'Update',
        apiVersion: 'v1',
        time: '2026-03-01T12:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { '.': {}, 'f:k': {} } },
      },
    ]);
    const other = await server.post(`${configMapsPath}?fieldManager=me`, configMap('b', { k: 'v' }));
    assert.equal(other.metadata.managedFields[0].manager, 'me');
    await server.no(422, 'POST', `${configMapsPath}?fieldManager=${'m'.repeat(129)}`, { body: configMap('c') });
  });

  test('of a status that its creator may not write say nothing', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    const made = await server.post(widgetsPath, { ...widget('a', { colour: 'red' }), status: { phase: 'Done' } });
    assert.deepEqual(made.status, { phase: 'New' });
    assert.deepEqual(Object.keys(made.metadata.managedFields[0].fieldsV1), ['f:spec']);
    await settled();
  });
});
