import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { harness, settled, widgetDefinition } from '../test-support.ts';
import type { Seen } from '../test-shapes.ts';

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const widgets = `${crds}/widgets.example.com`;

function conditions(definition: Seen): Record<string, string> {
  return Object.fromEntries(definition.status.conditions.map((condition) => [condition.type, condition.status]));
}

describe('a definition', () => {
  test('whose names are taken is not served, and says whose fault that is', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    const names = { kind: 'Gadget', plural: 'gadgets', shortNames: ['wd'] };
    const made = await server.post(crds, { ...widgetDefinition({ names }), metadata: { name: 'gadgets.example.com' } });
    assert.deepEqual(conditions(made), { NamesAccepted: 'False', Established: 'False' });
    assert.deepEqual(
      [made.status.conditions[0].reason, made.status.conditions[0].message],
      ['ShortNamesConflict', '"wd" is already in use'],
    );
    await server.no(404, 'GET', '/apis/example.com/v1/gadgets');
    assert.deepEqual(made.status.acceptedNames, { plural: 'gadgets', kind: 'Gadget', singular: 'gadget', listKind: 'GadgetList' });
    const free = await server.merge(`${crds}/gadgets.example.com`, { spec: { names: { ...names, shortNames: ['gd'] } } });
    assert.deepEqual(conditions(free), { NamesAccepted: 'True', Established: 'True' });
    await server.get('/apis/example.com/v1/gadgets');
  });

  test('whose names become free is served then, also after a restart', async () => {
    const first = await harness({ crds: [widgetDefinition()] });
    const names = { kind: 'Gadget', plural: 'gadgets', shortNames: ['wd'] };
    const gadgets = { ...widgetDefinition({ names }), metadata: { name: 'gadgets.example.com' } };
    const other = {
      ...widgetDefinition({ names: { kind: 'Gizmo', plural: 'gizmos', shortNames: ['wd'] } }),
      metadata: { name: 'gizmos.example.com' },
    };
    await first.post(crds, gadgets);
    await first.post(crds, other);
    first.disk.crash('kept');
    const server = await harness({ disk: first.disk });
    await server.delete(widgets);
    await settled();
    assert.deepEqual(conditions(await server.get(`${crds}/gadgets.example.com`)), { NamesAccepted: 'True', Established: 'True' });
    assert.deepEqual(conditions(await server.get(`${crds}/gizmos.example.com`)), { NamesAccepted: 'False', Established: 'False' });
    await server.get('/apis/example.com/v1/gadgets');
    await server.merge(`${crds}/gadgets.example.com`, { spec: { names: { shortNames: null } } });
    await settled();
    assert.deepEqual(conditions(await server.get(`${crds}/gizmos.example.com`)), { NamesAccepted: 'True', Established: 'True' });
  });

  test('that wants a name that is taken stays served by those that it has', async () => {
    const names = { kind: 'Gadget', plural: 'gadgets', shortNames: ['gd'] };
    const gadgets = { ...widgetDefinition({ names }), metadata: { name: 'gadgets.example.com' } };
    const server = await harness({ crds: [widgetDefinition(), gadgets] });
    const next = await server.merge(`${crds}/gadgets.example.com`, { spec: { names: { shortNames: ['wd'] } } });
    assert.deepEqual(conditions(next), { NamesAccepted: 'False', Established: 'True' });
    const { resources } = await server.get('/apis/example.com/v1');
    assert.deepEqual(resources.find((resource) => resource.name === 'gadgets')?.shortNames, ['gd']);
  });
});
