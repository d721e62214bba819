import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { must } from '../../../base/errors.ts';
import { readMessage } from '../protobuf/wire.ts';
import { harness, start, widgetDefinition } from '../test-support.ts';
import type { Harness } from '../test-support.ts';
import type { SeenDocument } from '../test-shapes.ts';

async function indexOf(server: Harness): Promise<SeenDocument['paths']> {
  return (JSON.parse((await server.send('GET', '/openapi/v3')).text) as SeenDocument).paths;
}

async function urlOf(server: Harness, groupVersion: string): Promise<string> {
  return must((await indexOf(server))[groupVersion], groupVersion).serverRelativeURL;
}

async function documentOf(server: Harness, groupVersion: string): Promise<SeenDocument> {
  const got = await server.send('GET', await urlOf(server, groupVersion));
  return JSON.parse(got.text) as SeenDocument;
}

describe('OpenAPI v3', () => {
  test('a document under its hash is kept for ever, one under another leads there', async () => {
    const server = await harness();
    const url = await urlOf(server, 'api/v1');
    assert.match(url, /^\/openapi\/v3\/api\/v1\?hash=[0-9A-F]{16}$/);
    const got = await server.send('GET', url);
    assert.equal(got.headers['cache-control'], 'public, immutable');
    assert.equal(got.headers['expires'], new Date(start + 365 * 24 * 3_600_000).toUTCString());
    const again = await server.send('GET', url, { headers: { 'if-none-match': got.headers['etag'] ?? '' } });
    assert.deepEqual([again.status, again.text], [304, '']);
    const moved = await server.send('GET', '/openapi/v3/api/v1?hash=OLD');
    assert.deepEqual([moved.status, moved.headers['location']], [301, url]);
    assert.notEqual((await server.send('GET', '/openapi/v3/api/v1')).headers['cache-control'], 'public, immutable');
  });

  test('the hash follows the content, over restarts too', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    const other = await harness({ crds: [widgetDefinition()] });
    const name = 'apis/example.com/v1';
    const before = await urlOf(server, name);
    assert.equal(await urlOf(other, name), before);
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com';
    const [version] = (await server.get(path)).spec.versions;
    const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', description: 'Other words.' } } } };
    await server.merge(path, { spec: { versions: [{ ...version, schema, subresources: null, selectableFields: null }] } });
    assert.notEqual(await urlOf(server, name), before);
    assert.equal(await urlOf(server, 'api/v1'), await urlOf(other, 'api/v1'));
  });

  test('each patch says its kind and that it takes fieldValidation and dryRun: kubectl looks for just that', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    for (const [groupVersion, path, gvk] of [
      ['api/v1', '/api/v1/namespaces/{namespace}/pods/{name}', { group: '', version: 'v1', kind: 'Pod' }],
      ['api/v1', '/api/v1/namespaces/{name}', { group: '', version: 'v1', kind: 'Namespace' }],
      [
        'apis/example.com/v1',
        '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}',
        { group: 'example.com', version: 'v1', kind: 'Widget' },
      ],
    ] as const) {
      const { patch } = must((await documentOf(server, groupVersion)).paths[path], path);
      assert.deepEqual(patch['x-kubernetes-group-version-kind'], gvk);
      const names = patch.parameters.map((parameter) => parameter.name);
      assert.ok(names.includes('fieldValidation') && names.includes('dryRun'));
    }
  });

  test('each schema says its kind, and every reference leads somewhere', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    for (const name of Object.keys(await indexOf(server))) {
      const document = await documentOf(server, name);
      const { schemas } = document.components;
      for (const [, reference] of JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
        assert.ok(Object.hasOwn(schemas, reference ?? ''), `${name}: ${reference ?? ''}`);
      }
    }
    const { schemas } = (await documentOf(server, 'apis/example.com/v1')).components;
    assert.deepEqual(schemas['com.example.v1.Widget']?.['x-kubernetes-group-version-kind'], [
      { group: 'example.com', version: 'v1', kind: 'Widget' },
    ]);
    const core = (await documentOf(server, 'api/v1')).components.schemas;
    const containers = core['io.k8s.api.core.v1.Pod']?.properties['spec']?.properties['containers'];
    assert.deepEqual([containers?.['x-kubernetes-patch-merge-key'], containers?.['x-kubernetes-patch-strategy']], ['name', 'merge']);
    assert.ok(core['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta']?.properties['labels']);
  });
});

/** kubectl does not take a manifest of kind List from a server without it. */
describe('OpenAPI v2', () => {
  test('is there, and says nothing', async () => {
    const server = await harness();
    const plain = JSON.parse((await server.send('GET', '/openapi/v2')).text) as { swagger: string; definitions: object };
    assert.deepEqual([plain.swagger, plain.definitions], ['2.0', {}]);
    const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
    const got = await server.send('GET', '/openapi/v2', { headers: { accept } });
    assert.equal(got.headers['content-type'], 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
    const fields: (readonly [number, string])[] = [];
    const bytes = new TextEncoder().encode(got.text);
    readMessage(bytes, (number, value) => fields.push([number, value.kind === 'bytes' ? new TextDecoder().decode(value.value) : '']));
    assert.deepEqual(
      fields.map(([number]) => number),
      [1, 2, 8, 9],
    );
    assert.deepEqual(fields[0], [1, '2.0']);
  });
});
