import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { must } from '../../../base/errors.ts';
import { harness, widgetDefinition } from '../test-support.ts';
import { compareVersions } from './groups.ts';

const aggregated = (version: string): string => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;

describe('discovery', () => {
  test('in its plain form, as clients before 1.26 and others ask for it', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    assert.deepEqual(await server.get('/api'), { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] });
    const groups = await server.get('/apis');
    assert.deepEqual(
      groups.groups.map((group) => group.name),
      ['apiextensions.k8s.io', 'authentication.k8s.io', 'authorization.k8s.io', 'coordination.k8s.io', 'events.k8s.io', 'example.com'],
    );
    const group = await server.get('/apis/example.com');
    const version = { groupVersion: 'example.com/v1', version: 'v1' };
    assert.deepEqual([group.kind, group.versions, group.preferredVersion], ['APIGroup', [version], version]);
    const { resources } = await server.get('/apis/example.com/v1');
    assert.deepEqual(resources[0], {
      name: 'widgets',
      singularName: 'widget',
      namespaced: true,
      kind: 'Widget',
      verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
      shortNames: ['wd'],
      categories: ['toys'],
    });
    const scale = resources.find((resource) => resource.name === 'widgets/scale');
    assert.deepEqual([scale?.group, scale?.version, scale?.kind], ['autoscaling', 'v1', 'Scale']);
    const core = await server.get('/api/v1');
    const eviction = core.resources.find((resource) => resource.name === 'pods/eviction');
    assert.deepEqual([eviction?.group, eviction?.version, eviction?.kind, eviction?.verbs], ['policy', 'v1', 'Eviction', ['create']]);
  });

  for (const version of ['v2', 'v2beta1']) {
    test(`aggregated (${version}), when that is accepted before plain JSON`, async () => {
      const server = await harness({ crds: [widgetDefinition()] });
      const got = await server.send('GET', '/apis', { headers: { accept: `${aggregated(version)},application/json` } });
      assert.deepEqual(
        [got.headers['content-type'], got.headers['vary'], got.json.apiVersion],
        [aggregated(version), 'Accept', `apidiscovery.k8s.io/${version}`],
      );
      const [{ resources, freshness }] = must(
        got.json.items.find((item) => item.metadata.name === 'example.com'),
        'example.com',
      ).versions;
      assert.deepEqual(
        [freshness, resources[0].resource, resources[0].scope, resources[0].shortNames],
        ['Current', 'widgets', 'Namespaced', ['wd']],
      );
      assert.deepEqual(resources[0].responseKind, { group: 'example.com', version: 'v1', kind: 'Widget' });
      assert.deepEqual(
        resources[0].subresources.map((sub) => sub.subresource),
        ['status', 'scale'],
      );
      const core = await server.send('GET', '/api', { headers: { accept: aggregated(version) } });
      assert.ok(
        core.json.items[0].versions[0].resources.some((resource) => resource.resource === 'namespaces' && resource.scope === 'Cluster'),
      );
    });
  }

  test('what is accepted first is answered', async () => {
    const server = await harness();
    for (const accept of [
      `application/json,${aggregated('v2')}`,
      `${aggregated('v2')};q=0.5,application/json`,
      'application/json;g=apidiscovery.k8s.io;v=v9;as=APIGroupDiscoveryList,application/json',
    ]) {
      assert.equal((await server.send('GET', '/apis', { headers: { accept } })).json.kind, 'APIGroupList', accept);
    }
  });

  test('a definition is found as soon as it is there, and no longer when it is gone', async () => {
    const server = await harness();
    const groups = async (): Promise<string[]> => (await server.get('/apis')).groups.map((group) => group.name);
    assert.ok(!(await groups()).includes('example.com'));
    await server.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetDefinition());
    assert.ok((await groups()).includes('example.com'));
  });

  test('versions stand in the order of Kubernetes', () => {
    const versions = ['v1alpha1', 'v10', 'foo', 'v2beta3', 'v1', 'v2beta10', 'v3alpha1', 'bar'];
    assert.deepEqual(versions.sort(compareVersions), ['v10', 'v1', 'v2beta10', 'v2beta3', 'v3alpha1', 'v1alpha1', 'bar', 'foo']);
  });
});
