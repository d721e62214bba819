import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { harness, widget, widgetDefinition, widgetsPath } from '../test-support.ts';

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const widgets = `${crds}/widgets.example.com`;

describe('several versions', () => {
  const [v1] = widgetDefinition().spec.versions;
  const both = widgetDefinition({
    versions: [
      v1,
      { ...v1, name: 'v1beta1', storage: false, deprecated: true, selectableFields: [] },
      { ...v1, name: 'v1alpha1', storage: false, served: false },
    ],
  });
  const beta = widgetsPath.replace('/v1/', '/v1beta1/');

  test('show the same objects under their own apiVersion, in lists and watches too', async () => {
    const server = await harness({ crds: [both] });
    const watches = [await server.watch(widgetsPath), await server.watch(beta)] as const;
    const made = await server.post(widgetsPath, widget('a', { colour: 'red' }));
    const shown = { ...made, apiVersion: 'example.com/v1beta1' };
    assert.deepEqual(await server.get(`${beta}/a`), shown);
    assert.deepEqual((await server.get(beta)).items, [shown]);
    assert.deepEqual([(await watches[0].events())[0].object, (await watches[1].events())[0].object], [made, shown]);
    await server.post(beta, { ...widget('b'), apiVersion: 'example.com/v1beta1' });
    assert.equal((await server.get(`${widgetsPath}/b`)).apiVersion, 'example.com/v1');
    await server.no(404, 'GET', widgetsPath.replace('/v1/', '/v1alpha1/'));
  });

  test('show and keep no fields that one of them does not have; defaults are those of the version that is stored', async () => {
    const properties = (spec: object): object => ({
      openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: spec } } },
    });
    const size = { size: { type: 'integer' } };
    const narrow = { name: 'v1', served: true, storage: true, schema: properties(size) };
    const wide = { name: 'v2', served: true, storage: false, schema: properties({ ...size, colour: { type: 'string', default: 'red' } }) };
    const server = await harness({ crds: [widgetDefinition({ versions: [narrow, wide] })] });
    const second = widgetsPath.replace('/v1/', '/v2/');
    await server.post(second, { ...widget('a', { size: 1, colour: 'blue' }), apiVersion: 'example.com/v2' });
    assert.deepEqual((await server.get(`${second}/a`)).spec, { size: 1 });
    await server.merge(widgets, {
      spec: {
        versions: [
          { ...narrow, storage: false },
          { ...wide, storage: true },
        ],
      },
    });
    assert.deepEqual((await server.get(`${second}/a`)).spec, { size: 1 });
    await server.merge(`${second}/a`, { spec: { colour: 'green' } });
    assert.deepEqual((await server.get(`${second}/a`)).spec, { size: 1, colour: 'green' });
    assert.deepEqual((await server.get(widgetsPath)).items[0].spec, { size: 1 });
  });

  test('a deprecated one warns', async () => {
    const server = await harness({ crds: [both] });
    assert.equal((await server.send('GET', beta)).headers['warning'], '299 - "example.com/v1beta1 Widget is deprecated"');
    assert.equal((await server.send('GET', widgetsPath)).headers['warning'], undefined);
  });

  test('that were ever stored stay', async () => {
    const server = await harness({ crds: [both] });
    const swapped = [
      { ...v1, storage: false },
      { ...v1, name: 'v1beta1', storage: true },
    ];
    assert.deepEqual((await server.merge(widgets, { spec: { versions: swapped } })).status.storedVersions, ['v1', 'v1beta1']);
    const status = await server.no(422, 'PATCH', widgets, {
      body: { spec: { versions: [swapped[1]] } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    assert.match(status.message ?? '', /status\.storedVersions\[0\]: Invalid value: "v1": missing from spec\.versions/);
  });
});
