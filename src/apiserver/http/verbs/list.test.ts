import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configMap, configMapsPath, harness, pod, podsPath, widget, widgetDefinition, widgetsPath } from '../test-support.ts';
import type { Harness, Sent } from '../test-support.ts';
import type { Seen } from '../test-shapes.ts';

const names = (list: Seen): string[] => list.items.map((item) => item.metadata.name);

async function withMaps(count: number): Promise<Harness> {
  const server = await harness();
  for (let i = 0; i < count; i++)
    await server.post(configMapsPath, configMap(`m${String(i)}`, {}, { labels: { even: String(i % 2 === 0), n: String(i) } }));
  return server;
}

describe('list', () => {
  test('gives the objects in the order of their names, whole, and the revision that they are of', async () => {
    const server = await withMaps(3);
    const list = await server.get(configMapsPath);
    assert.deepEqual(
      [list.kind, list.apiVersion, list.metadata],
      ['ConfigMapList', 'v1', { resourceVersion: String(server.api.store.revision()) }],
    );
    assert.deepEqual(names(list), ['m0', 'm1', 'm2']);
    assert.deepEqual({ ...list.items[0], apiVersion: 'v1', kind: 'ConfigMap' }, await server.get(`${configMapsPath}/m0`));
    assert.deepEqual(names(await server.get('/api/v1/configmaps')), ['m0', 'm1', 'm2']);
    assert.deepEqual(names(await server.get('/api/v1/namespaces/kube-system/configmaps')), []);
  });

  test('the pages of one list agree, whatever is written meanwhile', async () => {
    const server = await withMaps(5);
    const first = await server.get(`${configMapsPath}?limit=2`);
    assert.deepEqual([names(first), first.metadata.remainingItemCount], [['m0', 'm1'], 3]);
    await server.delete(`${configMapsPath}/m3`);
    await server.post(configMapsPath, configMap('m25'));
    const second = await server.get(`${configMapsPath}?limit=2&continue=${first.metadata.continue}`);
    assert.deepEqual([names(second), second.metadata.resourceVersion], [['m2', 'm3'], first.metadata.resourceVersion]);
    const third = await server.get(`${configMapsPath}?limit=2&continue=${second.metadata.continue}`);
    assert.deepEqual([names(third), third.metadata.continue, third.metadata.remainingItemCount], [['m4'], undefined, undefined]);
  });

  test('a page of selected objects is full though others stand between them', async () => {
    const server = await withMaps(9);
    const first = await server.get(`${configMapsPath}?limit=2&labelSelector=even%3Dtrue`);
    assert.deepEqual([names(first), first.metadata.remainingItemCount], [['m0', 'm2'], undefined]);
    const rest = await server.get(`${configMapsPath}?labelSelector=even%3Dtrue&continue=${first.metadata.continue}`);
    assert.deepEqual(names(rest), ['m4', 'm6', 'm8']);
  });

  test('a token whose revision is gone is 410, with one that goes on all the same', async () => {
    const server = await withMaps(4);
    const first = await server.get(`${configMapsPath}?limit=2`);
    await server.post(configMapsPath, configMap('m9'));
    await server.api.store.compact(server.api.store.revision());
    const status = await server.no(410, 'GET', `${configMapsPath}?limit=2&continue=${first.metadata.continue}`);
    assert.equal(status.reason, 'Expired');
    assert.match(status.message ?? '', /^The provided continue parameter is too old/);
    const rest = await server.get(`${configMapsPath}?continue=${String(status.metadata['continue'])}`);
    assert.deepEqual(names(rest), ['m2', 'm3', 'm9']);
    await server.no(400, 'GET', `${configMapsPath}?continue=nonsense`);
    const token = first.metadata.continue;
    await server.no(422, 'GET', `${configMapsPath}?continue=${token}&resourceVersion=1&resourceVersionMatch=Exact`);
    await server.no(400, 'GET', `${configMapsPath}?continue=${token}&resourceVersion=1`);
  });

  test('as of a revision: not older, exactly, not yet, and no more', async () => {
    const server = await withMaps(2);
    const then = String(server.api.store.revision());
    await server.post(configMapsPath, configMap('m9'));
    assert.deepEqual(names(await server.get(`${configMapsPath}?resourceVersion=${then}`)), ['m0', 'm1', 'm9']);
    assert.deepEqual(names(await server.get(`${configMapsPath}?resourceVersion=0`)), ['m0', 'm1', 'm9']);
    assert.deepEqual(names(await server.get(`${configMapsPath}?resourceVersion=${then}&resourceVersionMatch=Exact`)), ['m0', 'm1']);
    const future = await server.no(504, 'GET', `${configMapsPath}?resourceVersion=99999`);
    assert.deepEqual([future.reason, future.details?.causes?.[0]?.reason], ['Timeout', 'ResourceVersionTooLarge']);
    await server.api.store.compact(server.api.store.revision());
    const gone = await server.no(410, 'GET', `${configMapsPath}?resourceVersion=${then}&resourceVersionMatch=Exact`);
    assert.equal(gone.message, 'The resourceVersion for the provided list is too old.');
  });

  for (const query of [
    'resourceVersionMatch=Exact',
    'resourceVersion=0&resourceVersionMatch=Exact',
    'resourceVersion=1&resourceVersionMatch=Older',
    'sendInitialEvents=true',
  ]) {
    test(`?${query} is 422`, async () => {
      const server = await harness();
      await server.no(422, 'GET', `${configMapsPath}?${query}`);
    });
  }

  test('a version that is none is a bad request', async () => {
    const server = await harness();
    await server.no(400, 'GET', `${configMapsPath}?resourceVersion=x`);
  });
});

test('an object as of a revision that has not been reached is 504', async () => {
  const server = await withMaps(1);
  await server.no(504, 'GET', `${configMapsPath}/m0?resourceVersion=99999`);
  await server.get(`${configMapsPath}/m0?resourceVersion=1`);
});

describe('selectors', () => {
  for (const [selector, found] of [
    ['even=true', ['m0', 'm2']],
    ['even!=true', ['m1', 'm3']],
    ['n in (1, 2)', ['m1', 'm2']],
    ['n notin (1,2)', ['m0', 'm3']],
    ['even,n>1', ['m2', 'm3']],
    ['n<1', ['m0']],
    ['!even', []],
    ['missing!=x', ['m0', 'm1', 'm2', 'm3']],
    ['even==true,n=2', ['m2']],
    ['even=', []],
  ] as const) {
    test(`labels: ${selector}`, async () => {
      const server = await withMaps(4);
      assert.deepEqual(names(await server.get(`${configMapsPath}?labelSelector=${encodeURIComponent(selector)}`)), found);
    });
  }

  for (const selector of ['a in', 'a in (b', '=b', 'a b', 'n>x', 'a=b=c', 'a@b']) {
    test(`labels: ${selector} can not be read`, async () => {
      const server = await harness();
      await server.no(400, 'GET', `${configMapsPath}?labelSelector=${encodeURIComponent(selector)}`);
    });
  }

  test('fields: those of every kind, those of a kind, those of a CRD, and no others', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    await server.post(podsPath, pod('p1', { nodeName: 'n1' }));
    await server.post(podsPath, pod('p2', { nodeName: 'n2' }));
    await server.post(widgetsPath, widget('w1', { colour: 'red' }));
    await server.post(widgetsPath, widget('w2'));
    const found = async (path: string, selector: string): Promise<string[]> =>
      names(await server.get(`${path}?fieldSelector=${encodeURIComponent(selector)}`));
    assert.deepEqual(await found(podsPath, 'spec.nodeName=n1'), ['p1']);
    assert.deepEqual(await found('/api/v1/pods', 'spec.nodeName!=n1,status.phase=Pending'), ['p2']);
    assert.deepEqual(await found('/api/v1/pods', 'metadata.name=p2,metadata.namespace=default'), ['p2']);
    assert.deepEqual(await found('/api/v1/pods', 'metadata.name=p2,metadata.namespace=other'), []);
    assert.deepEqual(await found(podsPath, 'metadata.name=p2,spec.nodeName=n1'), []);
    assert.deepEqual(await found(widgetsPath, 'spec.colour=red'), ['w1']);
    assert.deepEqual(await found(widgetsPath, 'spec.colour='), ['w2']);
    const status = await server.no(400, 'GET', `${widgetsPath}?fieldSelector=spec.replicas%3D1`);
    assert.equal(status.message, 'field label not supported: spec.replicas');
    await server.no(400, 'GET', `${widgetsPath}?fieldSelector=colour`);
  });
});

describe('other forms of an answer', () => {
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

  test('a table has the columns of the kind, and a row an object', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    await server.post(widgetsPath, widget('a', { colour: 'red', replicas: 2 }));
    await server.merge(`${widgetsPath}/a/status`, {
      status: {
        conditions: [
          { type: 'Other', status: 'False' },
          { type: 'Ready', status: 'True' },
        ],
      },
    });
    await server.clock.advance(90_000);
    const { json } = await server.send('GET', widgetsPath, { headers: { accept: table } });
    assert.deepEqual([json.kind, json.apiVersion], ['Table', 'meta.k8s.io/v1']);
    assert.deepEqual(
      json.columnDefinitions.map((column) => [column.name, column.type, column.priority]),
      [
        ['Name', 'string', 0],
        ['Colour', 'string', 0],
        ['Ready', 'string', 0],
        ['Replicas', 'integer', 1],
        ['Age', 'date', 0],
      ],
    );
    assert.deepEqual(json.rows[0].cells, ['a', 'red', 'True', 2, '90s']);
    assert.deepEqual(
      [json.rows[0].object.kind, json.rows[0].object.metadata.name, json.rows[0].object.spec],
      ['PartialObjectMetadata', 'a', undefined],
    );
    const one = await server.send('GET', `${widgetsPath}/a?includeObject=Object`, { headers: { accept: table } });
    assert.equal(one.json.rows[0].object.spec.colour, 'red');
    const none = await server.send('GET', `${widgetsPath}?includeObject=None`, { headers: { accept: table } });
    assert.equal(none.json.rows[0].object, null);
    await server.no(400, 'GET', `${widgetsPath}?includeObject=Half`, { headers: { accept: table } });
  });

  test('what a column does not find is null, and without columns there is the age', async () => {
    const server = await harness({ crds: [widgetDefinition({}, { additionalPrinterColumns: [] })] });
    await server.post(widgetsPath, widget('a'));
    const { json } = await server.send('GET', widgetsPath, { headers: { accept: table } });
    assert.deepEqual(json.rows[0].cells, ['a', '0s']);
    const other = await harness({ crds: [widgetDefinition()] });
    await other.post(widgetsPath, widget('a'));
    const got = await other.send('GET', widgetsPath, { headers: { accept: table } });
    assert.deepEqual(got.json.rows[0].cells, ['a', null, null, 1, '0s']);
  });

  test('metadata alone, of one and of many', async () => {
    const server = await harness();
    await server.post(configMapsPath, configMap('a', { big: 'x' }));
    const accept = (as: string): Sent => ({ headers: { accept: `application/json;as=${as};g=meta.k8s.io;v=v1` } });
    const one = await server.send('GET', `${configMapsPath}/a`, accept('PartialObjectMetadata'));
    assert.deepEqual([one.json.kind, one.json.metadata.name, one.json.data], ['PartialObjectMetadata', 'a', undefined]);
    const list = await server.send('GET', configMapsPath, accept('PartialObjectMetadataList'));
    assert.deepEqual([list.json.kind, list.json.items[0].kind], ['PartialObjectMetadataList', 'PartialObjectMetadata']);
  });

  test('a form that nobody knows falls through to the next one that is accepted', async () => {
    const server = await harness();
    const { json } = await server.send('GET', configMapsPath, {
      headers: { accept: 'application/json;as=Chart;g=meta.k8s.io;v=v1,application/json' },
    });
    assert.equal(json.kind, 'ConfigMapList');
    for (const form of ['as=Chart;g=meta.k8s.io;v=v1', 'as=Table;g=example.com;v=v1', 'as=Table;g=meta.k8s.io;v=v9']) {
      await server.no(406, 'GET', configMapsPath, { headers: { accept: `application/json;${form}` } });
    }
  });
});
