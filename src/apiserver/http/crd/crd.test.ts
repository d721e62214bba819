import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UserError } from '../../../base/errors.ts';
import { harness, settled, widget, widgetDefinition, widgetsPath } from '../test-support.ts';
import type { Harness } from '../test-support.ts';
import type { Seen } from '../test-shapes.ts';

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const widgets = `${crds}/widgets.example.com`;
const hold = { finalizers: ['example.com/hold'] };

/** A schema without defaults. */
const bare = { type: 'object', properties: { spec: { type: 'object', properties: { colour: { type: 'string' } } } } };

function plain(name: string, storage: boolean): object {
  return { name, served: true, storage, schema: { openAPIV3Schema: bare } };
}

function selecting(...paths: readonly string[]): object {
  return widgetDefinition({}, { selectableFields: paths.map((jsonPath) => ({ jsonPath })) });
}

function scaled(paths: object): object {
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', ...paths };
  return widgetDefinition({}, { subresources: { scale } });
}

function conditions(definition: Seen): Record<string, string> {
  return Object.fromEntries(definition.status.conditions.map((condition) => [condition.type, condition.status]));
}

describe('a definition', () => {
  test('is served at once, and says so', async () => {
    const server = await harness();
    await server.no(404, 'GET', widgetsPath);
    const made = await server.post(crds, widgetDefinition());
    assert.deepEqual(conditions(made), { NamesAccepted: 'True', Established: 'True' });
    assert.deepEqual(made.status.storedVersions, ['v1']);
    assert.deepEqual(made.status.acceptedNames, { ...made.spec.names, singular: 'widget', listKind: 'WidgetList' });
    assert.deepEqual((await server.get(widgetsPath)).kind, 'WidgetList');
    await server.post(widgetsPath, widget('a', { colour: 'red' }));
    assert.deepEqual(
      (await server.get('/apis/example.com/v1')).resources.map((resource) => resource.name),
      ['widgets', 'widgets/status', 'widgets/scale'],
    );
  });

  test('is served after a restart, with its objects', async () => {
    const first = await harness({ crds: [widgetDefinition()] });
    const made = await first.post(widgetsPath, widget('a', { colour: 'red' }));
    first.disk.crash('kept');
    const second = await harness({ disk: first.disk, crds: [widgetDefinition()] });
    assert.deepEqual(await second.get(`${widgetsPath}/a`), made);
    assert.equal((await second.get(widgets)).metadata.generation, 1);
  });

  test('given at the start brings an older one up to date; one that is not valid is a mistake of the user', async () => {
    const first = await harness({ crds: [widgetDefinition()] });
    first.disk.crash('kept');
    const second = await harness({ disk: first.disk, crds: [widgetDefinition({}, { subresources: {} })] });
    await second.post(widgetsPath, widget('a'));
    await second.no(404, 'GET', `${widgetsPath}/a/status`);
    await assert.rejects(
      harness({ crds: [widgetDefinition({ scope: 'Planet' })] }),
      (error) => error instanceof UserError && error.message.includes('spec.scope'),
    );
    await assert.rejects(harness({ crds: [{ kind: 'Secret' }] }), UserError);
  });

  test('that changes is served as it is now, and watches of the old one end', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    const watch = await server.watch(widgetsPath);
    const before = await server.get(widgets);
    await server.merge(widgets, { metadata: { labels: { x: 'y' } } });
    await settled();
    assert.ok(!watch.ended());
    const [version] = before.spec.versions;
    await server.merge(widgets, { spec: { versions: [{ ...version, selectableFields: [] }] } });
    await settled();
    assert.ok(watch.ended());
    await server.no(400, 'GET', `${widgetsPath}?fieldSelector=spec.colour%3Dred`);
  });

  test('that gains a default shows it on objects that were stored before, and stores it with their next write', async () => {
    const server = await harness({ crds: [widgetDefinition({}, { schema: { openAPIV3Schema: bare } })] });
    const old = await server.post(widgetsPath, widget('a', { colour: 'red' }));
    assert.equal(old.spec.replicas, undefined);
    const watching = await server.watch(widgetsPath);
    const [version] = widgetDefinition().spec.versions;
    await server.merge(widgets, { spec: { versions: [version] } });
    assert.ok((await watching.lines()).length === 1);
    const at = server.api.store.revision();
    const watch = await server.watch(widgetsPath);
    const shown = { ...old, spec: { colour: 'red', replicas: 1 }, status: { phase: 'New' } };
    assert.deepEqual(await server.get(`${widgetsPath}/a`), shown);
    assert.deepEqual((await server.get(widgetsPath)).items, [shown]);
    assert.deepEqual((await watch.events())[0].object, shown);
    assert.equal(server.api.store.revision(), at);
    const stored = await server.merge(`${widgetsPath}/a`, {});
    assert.deepEqual({ ...stored, metadata: shown.metadata }, shown);
    assert.equal(stored.metadata.resourceVersion, String(at + 1));
    assert.deepEqual(await server.merge(`${widgetsPath}/a`, {}), stored);
  });

  test('that forgets a field shows it no more on objects that were stored before, and takes it away with their next write', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    const old = await server.post(widgetsPath, widget('a', { colour: 'red' }));
    assert.deepEqual(old.spec, { colour: 'red', replicas: 1 });
    const [version] = widgetDefinition().spec.versions;
    const forgetful = { type: 'object', properties: { spec: { type: 'object', properties: { replicas: { type: 'integer' } } } } };
    const next = { ...version, schema: { openAPIV3Schema: forgetful }, selectableFields: [], subresources: {} };
    await server.merge(widgets, { spec: { versions: [next] } });
    const watch = await server.watch(widgetsPath);
    assert.deepEqual((await server.get(`${widgetsPath}/a`)).spec, { replicas: 1 });
    assert.deepEqual((await server.get(widgetsPath)).items[0].spec, { replicas: 1 });
    assert.deepEqual((await watch.events())[0].object.spec, { replicas: 1 });
    assert.equal((await server.merge(`${widgetsPath}/a`, { metadata: { labels: { x: 'y' } } })).metadata.generation, 1);
    await server.merge(widgets, { spec: { versions: [version] } });
    assert.deepEqual((await server.get(`${widgetsPath}/a`)).spec, { replicas: 1 });
  });

  test('of a group of Kubernetes itself needs its approval, and never takes the place of a built-in kind', async () => {
    const server = await harness();
    const leases = widgetDefinition({ group: 'coordination.k8s.io', names: { kind: 'Lease', plural: 'leases' } });
    const named = { ...leases, metadata: { name: 'leases.coordination.k8s.io' } };
    const status = await server.no(422, 'POST', crds, { body: named });
    assert.match(status.message ?? '', /api-approved\.kubernetes\.io\]: Required value: protected groups must have approval annotation/);
    const annotations = { 'api-approved.kubernetes.io': 'https://example.com/1' };
    await server.post(crds, { ...named, metadata: { ...named.metadata, annotations } });
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' }, spec: { colour: 'red' } };
    const made = await server.post('/apis/coordination.k8s.io/v1/namespaces/default/leases', lease);
    assert.deepEqual(made.spec, {});
  });

  const bad: readonly (readonly [what: string, definition: object, field: string])[] = [
    ['a name that is not its plural and group', { ...widgetDefinition(), metadata: { name: 'widgets.example.org' } }, 'metadata.name'],
    ['a scope that there is not', widgetDefinition({ scope: 'Planet' }), 'spec.scope'],
    ['a kind that is no name', widgetDefinition({ names: { kind: 'Wid get', plural: 'widgets' } }), 'spec.names.kind'],
    [
      'a list of the kind itself',
      widgetDefinition({ names: { kind: 'Widget', listKind: 'Widget', plural: 'widgets' } }),
      'spec.names.listKind',
    ],
    ['a conversion webhook', widgetDefinition({ conversion: { strategy: 'Webhook' } }), 'spec.conversion.strategy'],
    ['no versions', widgetDefinition({ versions: [] }), 'spec.versions'],
    ['no version to store', widgetDefinition({}, { storage: false }), 'spec.versions'],
    ['no schema', widgetDefinition({}, { schema: {} }), 'spec.versions[0].schema.openAPIV3Schema'],
    [
      'a schema that is not structural',
      widgetDefinition({}, { schema: { openAPIV3Schema: { properties: {} } } }),
      'spec.validation.openAPIV3Schema.type',
    ],
    [
      'a column whose path is none',
      widgetDefinition({}, { additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '.a[' }] }),
      'spec.additionalPrinterColumns[0].JSONPath',
    ],
    [
      'a column of no type',
      widgetDefinition({}, { additionalPrinterColumns: [{ name: 'A', type: 'text', jsonPath: '.a' }] }),
      'spec.additionalPrinterColumns[0].type',
    ],
    [
      'a selectable field that is a list',
      widgetDefinition({}, { selectableFields: [{ jsonPath: '.spec.parts[0]' }] }),
      'spec.selectableFields[0].jsonPath',
    ],
    ['a selectable field that there is not', selecting('.spec.none'), 'spec.selectableFields[0].jsonPath'],
    ['a selectable field that is an object', selecting('.spec'), 'spec.selectableFields[0].jsonPath'],
    ['a selectable field of the metadata', selecting('.metadata.name'), 'spec.selectableFields[0].jsonPath'],
    ['a selectable field without a path', selecting(''), 'spec.selectableFields[0].jsonPath'],
    ['nine selectable fields', selecting(...Array.from({ length: 9 }, () => '.spec.colour')), 'spec.selectableFields'],
    ['a scale whose wish is in the status', scaled({ specReplicasPath: '.status.replicas' }), 'spec.subresources.scale.specReplicasPath'],
    ['a scale whose state is in the spec', scaled({ statusReplicasPath: '.spec.replicas' }), 'spec.subresources.scale.statusReplicasPath'],
    ['a scale whose selector is elsewhere', scaled({ labelSelectorPath: '.metadata.x' }), 'spec.subresources.scale.labelSelectorPath'],
    ['a scale without its paths', scaled({ specReplicasPath: undefined }), 'spec.subresources.scale.specReplicasPath'],
    [
      'a default of another type',
      widgetDefinition({}, { schema: { openAPIV3Schema: { type: 'object', properties: { x: { type: 'integer', default: 'x' } } } } }),
      'spec.validation.openAPIV3Schema.properties[x].default',
    ],
    ['two versions of one name', widgetDefinition({ versions: [plain('v1', true), plain('v1', false)] }), 'spec.versions'],
    [
      'two versions of which the second is wrong',
      widgetDefinition({ versions: [plain('v1', true), { ...plain('v2', false), selectableFields: [{ jsonPath: '.spec' }] }] }),
      'spec.versions[1].selectableFields[0].jsonPath',
    ],
    [
      'two versions that are wrong in the same way',
      widgetDefinition({
        versions: [plain('v1', true), plain('v2', false)].map((v) => ({ ...v, selectableFields: [{ jsonPath: '.spec' }] })),
      }),
      'spec.selectableFields[0].jsonPath',
    ],
    ['fields that nobody knows kept', widgetDefinition({ preserveUnknownFields: true }), 'spec.preserveUnknownFields'],
    ['a group without a domain', { ...widgetDefinition({ group: 'example' }), metadata: { name: 'widgets.example' } }, 'spec.group'],
  ];
  for (const [what, definition, field] of bad) {
    test(`with ${what} is 422`, async () => {
      const server = await harness();
      const status = await server.no(422, 'POST', crds, { body: definition });
      assert.ok(
        status.details?.causes?.some((cause) => cause.field === field),
        status.message,
      );
    });
  }

  for (const [what, change] of [
    ['group', { group: 'example.org' }],
    ['scope', { scope: 'Cluster' }],
    ['names.kind', { names: { kind: 'Gadget', plural: 'widgets' } }],
  ] as const) {
    test(`can not change its ${what}`, async () => {
      const server = await harness({ crds: [widgetDefinition()] });
      const status = await server.no(422, 'PATCH', widgets, {
        body: { spec: change },
        headers: { 'content-type': 'application/merge-patch+json' },
      });
      assert.ok(
        status.details?.causes?.some((cause) => cause.field === `spec.${what}` && (cause.message ?? '').includes('immutable')),
        status.message,
      );
    });
  }
});

describe('the end of a definition', () => {
  async function twoWidgets(): Promise<Harness> {
    const server = await harness({ crds: [widgetDefinition()] });
    await server.post(widgetsPath, widget('free'));
    await server.post(widgetsPath, widget('held', {}, hold));
    return server;
  }

  test('takes its objects along, and waits for their finalizers', async () => {
    const server = await twoWidgets();
    const going = await server.delete(widgets);
    assert.deepEqual(going.metadata.finalizers, ['customresourcecleanup.apiextensions.k8s.io']);
    assert.equal(conditions(going)['Terminating'], 'True');
    await settled();
    await server.no(404, 'GET', `${widgetsPath}/free`);
    assert.equal((await server.get(`${widgetsPath}/held`)).metadata.deletionTimestamp, '2026-03-01T12:00:00Z');
    const late = await server.no(403, 'POST', widgetsPath, { body: widget('late') });
    assert.match(late.message ?? '', /"late" is forbidden: create not allowed while custom resource definition is terminating$/);
    await server.no(403, 'PATCH', `${widgetsPath}/late?fieldManager=me`, {
      body: widget('late'),
      headers: { 'content-type': 'application/apply-patch+yaml' },
    });
    await server.merge(`${widgetsPath}/held`, { metadata: { finalizers: null } });
    await settled();
    await server.no(404, 'GET', widgets);
    assert.equal((await server.send('GET', widgetsPath)).text, '404 page not found\n');
  });

  test('waits for the finalizers of others too', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    await server.merge(widgets, { metadata: hold });
    await server.post(widgetsPath, widget('a'));
    await server.delete(widgets);
    await settled();
    assert.deepEqual((await server.get(widgets)).metadata.finalizers, hold.finalizers);
    await server.no(404, 'GET', `${widgetsPath}/a`);
    await server.merge(widgets, { metadata: { finalizers: null } });
    await server.no(404, 'GET', widgets);
  });

  test('is taken up again after a restart', async () => {
    const first = await twoWidgets();
    await first.delete(widgets);
    await settled();
    first.disk.crash('kept');
    const second = await harness({ disk: first.disk });
    await second.merge(`${widgetsPath}/held`, { metadata: { finalizers: null } });
    await settled();
    await second.no(404, 'GET', widgets);
  });

  test('ends the watches of its objects', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    const watch = await server.watch(widgetsPath);
    await server.delete(widgets);
    await settled();
    assert.ok(watch.ended());
  });
});
