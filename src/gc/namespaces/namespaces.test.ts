import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../meta/objects.ts';
import { ConfigMap, gcWorld, Late, Rack, Thing } from '../test-support.ts';
import { LivingNamespace, ServiceAccount } from './kinds.ts';

const market = { name: 'market' };
const at = (name: string) => ({ namespace: 'market', name });

test('a namespace that is deleted is emptied, of every kind that lives in namespaces, and goes', async () => {
  const world = await gcWorld();
  await world.start();
  await world.define(Late);
  await world.create(LivingNamespace, market);
  for (const kind of [ConfigMap, Thing, Late]) await world.create(kind, at('content'));
  await world.create(ConfigMap, { namespace: 'shop', name: 'content' });
  await world.create(Rack, { name: 'rack' });
  await world.client.delete(LivingNamespace, market);
  await world.advance(3);
  for (const kind of [ConfigMap, Thing, Late]) assert.equal(await world.has(kind, at('content')), false, kind.kind);
  assert.equal(await world.has(LivingNamespace, market), false);
  assert.equal(await world.has(ConfigMap, { namespace: 'shop', name: 'content' }), true);
  assert.equal(await world.has(Rack, { name: 'rack' }), true);
  await world.stop();
});

test('content with a finalizer keeps its namespace, which says so once, and goes when that is through', async () => {
  const world = await gcWorld();
  await world.start();
  await world.create(LivingNamespace, market);
  await world.create(Thing, at('a'), { finalizers: ['test.example/wait'] });
  await world.create(Thing, at('b'), { finalizers: ['test.example/wait'] });
  await world.client.delete(LivingNamespace, market);
  await world.advance(30);
  const there = await world.client.get(LivingNamespace, market);
  assert.equal(there?.status?.phase, 'Terminating');
  const said = there.status.conditions?.map(({ type, status, reason, message }) => [type, status, reason, message]);
  assert.deepEqual(said, [
    ['NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered', 'All resources successfully discovered'],
    ['NamespaceDeletionGroupVersionParsingFailure', 'False', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'],
    ['NamespaceDeletionContentFailure', 'False', 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
    [
      'NamespaceContentRemaining',
      'True',
      'SomeResourcesRemain',
      'Some resources are remaining: things.test.example has 2 resource instances',
    ],
    [
      'NamespaceFinalizersRemaining',
      'True',
      'SomeFinalizersRemain',
      'Some content in the namespace has finalizers remaining: test.example/wait in 2 resource instances',
    ],
  ]);
  world.link.writes.length = 0;
  await world.advance(300);
  assert.deepEqual(world.link.writes, [], 'what is said already is not said again');
  for (const name of ['a', 'b']) await world.client.patch<KubeObject>(Thing, at(name), { metadata: { finalizers: null } });
  await world.advance(16);
  assert.equal(await world.has(LivingNamespace, market), false);
  await world.stop();
});

test('a namespace that keeps a finalizer of its own waits for it, without the content finalizer', async () => {
  const world = await gcWorld();
  await world.start();
  await world.create(LivingNamespace, market, { finalizers: ['test.example/mine'] });
  await world.client.delete(LivingNamespace, market);
  await world.advance(10);
  const there = await world.client.get(LivingNamespace, market);
  assert.deepEqual(there?.spec?.finalizers ?? [], []);
  world.link.writes.length = 0;
  await world.advance(60);
  assert.deepEqual(world.link.writes, []);
  await world.stop();
});

test('a kind whose deletion fails holds up no other, and is named', async () => {
  const world = await gcWorld();
  await world.start();
  await world.create(LivingNamespace, market);
  await world.create(Thing, at('content'));
  await world.create(ConfigMap, at('content'));
  world.link.refuse('DELETE', '/configmaps');
  await world.client.delete(LivingNamespace, market);
  await world.advance(5);
  assert.equal(await world.has(Thing, at('content')), false);
  const conditions = (await world.client.get(LivingNamespace, market))?.status?.conditions ?? [];
  const failure = conditions.find(({ type }) => type === 'NamespaceDeletionContentFailure');
  assert.equal(failure?.status, 'True');
  assert.match(failure.message, /^Failed to delete all resource types, 1 remaining: configmaps\.: /);
  world.link.refuse();
  await world.advance(30);
  assert.equal(await world.has(LivingNamespace, market), false);
  await world.stop();
});

test('each namespace gets a default service account: old ones, new ones, and again when it is deleted', async () => {
  const world = await gcWorld();
  await world.create(LivingNamespace, { name: 'old' });
  await world.start();
  await world.create(LivingNamespace, market);
  await world.advance(1);
  assert.equal(await world.has(ServiceAccount, { namespace: 'old', name: 'default' }), true);
  assert.equal(await world.has(ServiceAccount, at('default')), true);
  await world.client.delete(ServiceAccount, at('default'));
  await world.advance(1);
  assert.equal(await world.has(ServiceAccount, at('default')), true);
  world.link.writes.length = 0;
  await world.client.delete(LivingNamespace, market);
  await world.advance(5);
  assert.equal(await world.has(ServiceAccount, at('default')), false, 'not in a namespace that goes');
  assert.ok(!world.link.writes.some((write) => write.startsWith('POST')), 'nor is it tried');
  await world.stop();
});
