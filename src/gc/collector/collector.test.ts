import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../meta/objects.ts';
import { CustomResourceDefinition } from '../../meta/core.ts';
import { ConfigMap, gcWorld, Late, ownedBy, Rack, Thing, type GcWorld } from '../test-support.ts';

const shop = 'shop';
const at = (name: string) => ({ namespace: shop, name });

test('what a deleted owner owned goes, and what that owned', async () => {
  const world = await gcWorld();
  await world.start();
  const owner = await world.create(Thing, at('owner'));
  const child = await world.create(ConfigMap, at('child'), { owners: [ownedBy(owner)] });
  await world.create(Thing, at('grandchild'), { owners: [ownedBy(child)] });
  await world.create(ConfigMap, at('bystander'));
  await world.advance(5);
  assert.deepEqual(world.link.writes, []);
  await world.client.delete(Thing, at('owner'));
  await world.advance(1);
  assert.equal(await world.has(ConfigMap, at('child')), false);
  assert.equal(await world.has(Thing, at('grandchild')), false);
  assert.equal(await world.has(ConfigMap, at('bystander')), true);
  assert.deepEqual(world.link.writes, ['DELETE namespaces/shop/configmaps/child', 'DELETE namespaces/shop/things/grandchild']);
  await world.stop();
});

test('what was orphaned while nobody looked is found at the start', async () => {
  const world = await gcWorld();
  const owner = await world.create(Rack, { name: 'owner' });
  await world.create(Thing, at('child'), { owners: [ownedBy(owner)] });
  await world.create(Rack, { name: 'cluster-wide' }, { owners: [ownedBy(owner)] });
  await world.client.delete(Rack, { name: 'owner' });
  await world.start();
  await world.advance(2);
  assert.equal(await world.has(Thing, at('child')), false);
  assert.equal(await world.has(Rack, { name: 'cluster-wide' }), false);
  await world.stop();
});

test('an owner of the same name is not the owner: uids decide', async () => {
  const world = await gcWorld();
  const first = await world.create(Thing, at('owner'));
  await world.create(ConfigMap, at('child'), { owners: [ownedBy(first)] });
  await world.client.delete(Thing, at('owner'));
  await world.create(Thing, at('owner'));
  await world.start();
  await world.advance(2);
  assert.equal(await world.has(ConfigMap, at('child')), false);
  await world.stop();
});

test('an owner that only the server has seen so far is no reason to delete: a stale cache proves nothing', async () => {
  const world = await gcWorld();
  await world.start();
  world.link.hold(Thing);
  const owner = await world.create(Thing, at('owner'));
  await world.create(ConfigMap, at('child'), { owners: [ownedBy(owner)] });
  await world.advance(30);
  assert.equal(await world.has(ConfigMap, at('child')), true);
  assert.deepEqual(world.link.writes, []);
  await world.stop();
});

test('an owner that seems gone from here and is there on the server keeps its dependents', async () => {
  const world = await gcWorld();
  await world.start();
  const owner = await world.create(Thing, at('owner'));
  const other = await world.create(Thing, at('other'));
  await world.create(ConfigMap, at('child'), { owners: [ownedBy(other)] });
  await world.advance(2);
  world.link.hold(ConfigMap);
  await world.client.patch<KubeObject>(ConfigMap, at('child'), { metadata: { ownerReferences: [ownedBy(owner)] } });
  await world.client.delete(Thing, at('other'));
  await world.advance(5);
  assert.equal(await world.has(ConfigMap, at('child')), true, 'it was adopted before its first owner went');
  world.link.release(ConfigMap);
  await world.advance(5);
  assert.equal(await world.has(ConfigMap, at('child')), true);
  await world.stop();
});

test('one of two owners gone: the reference goes, the object stays until the other goes', async () => {
  const world = await gcWorld();
  await world.start();
  const a = await world.create(Thing, at('a'));
  const b = await world.create(Rack, { name: 'b' });
  await world.create(ConfigMap, at('child'), { owners: [ownedBy(a), ownedBy(b)] });
  await world.client.delete(Thing, at('a'));
  await world.advance(2);
  assert.deepEqual(await ownersOf(world, 'child'), ['b']);
  await world.client.delete(Rack, { name: 'b' });
  await world.advance(2);
  assert.equal(await world.has(ConfigMap, at('child')), false);
  await world.stop();
});

test('an owner of a kind that nobody serves is left alone, and said; when its kind comes it is judged', async () => {
  const world = await gcWorld();
  await world.start();
  const owner = { apiVersion: 'late.example/v1', kind: 'Late', name: 'gone', uid: 'uid-gone' };
  await world.create(ConfigMap, at('child'), { owners: [owner] });
  await world.advance(120);
  assert.equal(await world.has(ConfigMap, at('child')), true);
  assert.equal(world.runtime.lines.filter(({ message }) => message.startsWith('left alone')).length, 1);
  await world.define(Late);
  await world.advance(5);
  assert.equal(await world.has(ConfigMap, at('child')), false);
  await world.stop();
});

test('a kind defined a few seconds ago is collected like any other', async () => {
  const world = await gcWorld();
  await world.start();
  await world.define(Late);
  const owner = await world.create(Thing, at('owner'));
  await world.create(Late, at('child'), { owners: [ownedBy(owner)] });
  await world.advance(5);
  await world.client.delete(Thing, at('owner'));
  await world.advance(2);
  assert.equal(await world.has(Late, at('child')), false);
  await world.stop();
});

test('an owner in another namespace, and a namespaced owner of something cluster-wide, do not hold', async () => {
  const world = await gcWorld();
  await world.start();
  const owner = await world.create(Thing, { namespace: 'elsewhere', name: 'owner' });
  await world.create(ConfigMap, at('child'), { owners: [ownedBy(owner)] });
  await world.create(Rack, { name: 'rack' }, { owners: [ownedBy(owner)] });
  await world.advance(5);
  assert.equal(await world.has(ConfigMap, at('child')), false, 'in its namespace there is no such owner');
  assert.equal(await world.has(Rack, { name: 'rack' }), true, 'nobody can tell which namespace was meant');
  await world.stop();
});

test('who is adopted at the last moment is not deleted', async () => {
  const world = await gcWorld();
  await world.start();
  const owner = await world.create(Thing, at('owner'));
  const other = await world.create(Thing, at('other'));
  await world.create(ConfigMap, at('child'), { owners: [ownedBy(owner)] });
  await world.advance(2);
  const adopt = { metadata: { ownerReferences: [ownedBy(owner), ownedBy(other)] } };
  world.link.before(/^DELETE .*configmaps\/child/, () => world.client.patch<KubeObject>(ConfigMap, at('child'), adopt));
  await world.client.delete(Thing, at('owner'));
  await world.advance(5);
  assert.deepEqual(await ownersOf(world, 'child'), ['other']);
  await world.stop();
});

test('an owner that is added while another is taken away is not lost', async () => {
  const world = await gcWorld();
  await world.start();
  const [a, b, c] = [await world.create(Thing, at('a')), await world.create(Thing, at('b')), await world.create(Thing, at('c'))];
  await world.create(ConfigMap, at('child'), { owners: [ownedBy(a), ownedBy(b)] });
  await world.advance(2);
  const adopt = { metadata: { ownerReferences: [ownedBy(a), ownedBy(b), ownedBy(c)] } };
  world.link.before(/^PATCH .*configmaps\/child/, () => world.client.patch<KubeObject>(ConfigMap, at('child'), adopt));
  await world.client.delete(Thing, at('a'));
  await world.advance(5);
  assert.deepEqual(await ownersOf(world, 'child'), ['b', 'c']);
  await world.stop();
});

test('an owner that is heard of a moment after its dependent costs no question', async () => {
  const world = await gcWorld();
  await world.start();
  world.link.hold(Thing);
  const owner = await world.create(Thing, at('owner'));
  await world.create(ConfigMap, at('child'), { owners: [ownedBy(owner)] });
  await world.advance(0.5);
  world.link.release(Thing);
  await world.advance(5);
  assert.deepEqual(
    world.link.requests.filter(({ path }) => path.endsWith('/owner') || path.endsWith('/child')),
    [],
  );
  await world.stop();
});

test('what was missed while the watches were cut is made up for', async () => {
  const world = await gcWorld();
  await world.start();
  const owner = await world.create(Thing, at('owner'));
  await world.create(ConfigMap, at('child'), { owners: [ownedBy(owner)] });
  await world.advance(2);
  world.link.up(false);
  world.link.cut();
  await world.client.delete(Thing, at('owner'));
  await world.advance(20);
  world.link.up(true);
  await world.advance(120);
  assert.equal(await world.has(ConfigMap, at('child')), false);
  await world.stop();
});

test('when a kind goes, what its objects owned goes with them: their ends are heard before', async () => {
  const world = await gcWorld();
  await world.start();
  await world.define(Late);
  const owner = await world.create(Late, at('owner'));
  await world.create(ConfigMap, at('child'), { owners: [ownedBy(owner)] });
  await world.advance(5);
  await world.client.delete(CustomResourceDefinition, { name: 'lates.late.example' });
  await world.advance(10);
  assert.equal(await world.has(ConfigMap, at('child')), false);
  await world.stop();
});

test('what is owned by an object of a kind that is not served is left alone, and said', async () => {
  const world = await gcWorld();
  await world.start();
  const owner = await world.create(Thing, at('owner'));
  await world.create(ConfigMap, at('child'), { owners: [{ ...ownedBy(owner), apiVersion: 'nowhere.example/v1', kind: 'Nothing' }] });
  await world.advance(10);
  assert.equal(await world.has(ConfigMap, at('child')), true);
  assert.equal(world.runtime.lines.filter(({ message }) => message.startsWith('left alone')).length, 1);
  await world.stop();
});

test('foreground waits for kinds that have not been taken in yet: they may block too', async () => {
  const world = await gcWorld();
  await world.start();
  const owner = await world.create(Thing, at('owner'));
  await world.define(Late);
  world.link.hold(Late);
  await world.create(Late, at('child'), { owners: [ownedBy(owner, { blockOwnerDeletion: true })], finalizers: ['test.example/wait'] });
  await world.advance(5);
  await world.client.delete(Thing, at('owner'), { propagationPolicy: 'Foreground' });
  await world.advance(20);
  assert.equal(await world.has(Thing, at('owner')), true);
  world.link.release(Late);
  await world.advance(20);
  assert.equal(await world.has(Thing, at('owner')), true, 'now the child blocks');
  await world.client.patch<KubeObject>(Late, at('child'), { metadata: { finalizers: null } });
  await world.advance(5);
  assert.equal(await world.has(Thing, at('owner')), false);
  await world.stop();
});

test('what is known of one owner is not done to the next of its name', async () => {
  const world = await gcWorld();
  await world.start();
  await world.create(Thing, at('owner'));
  await world.client.delete(Thing, at('owner'), { propagationPolicy: 'Foreground' });
  await world.advance(0.5);
  world.link.hold(Thing);
  await world.client.patch<KubeObject>(Thing, at('owner'), { metadata: { finalizers: null } });
  const next = await world.create(Thing, at('owner'));
  const block = ownedBy(next, { blockOwnerDeletion: true });
  await world.create(ConfigMap, at('child'), { owners: [block], finalizers: ['test.example/wait'] });
  await world.client.delete(Thing, at('owner'), { propagationPolicy: 'Foreground' });
  await world.advance(10);
  assert.equal(await world.has(Thing, at('owner')), true);
  await world.stop();
});

test('foreground: a dependent that leaves its owner blocks it no more', async () => {
  const world = await gcWorld();
  await world.start();
  const owner = await world.create(Thing, at('owner'));
  const block = ownedBy(owner, { blockOwnerDeletion: true });
  await world.create(ConfigMap, at('child'), { owners: [block], finalizers: ['test.example/wait'] });
  await world.client.delete(Thing, at('owner'), { propagationPolicy: 'Foreground' });
  await world.advance(10);
  assert.equal(await world.has(Thing, at('owner')), true);
  await world.client.patch<KubeObject>(ConfigMap, at('child'), { metadata: { ownerReferences: null } });
  await world.advance(2);
  assert.equal(await world.has(Thing, at('owner')), false);
  await world.stop();
});

test('foreground: the owner stays until the dependents that block it have gone, and goes then', async () => {
  const world = await gcWorld();
  await world.start();
  const owner = await world.create(Thing, at('owner'));
  await world.create(ConfigMap, at('blocking'), {
    owners: [ownedBy(owner, { blockOwnerDeletion: true })],
    finalizers: ['test.example/wait'],
  });
  await world.create(ConfigMap, at('loose'), { owners: [ownedBy(owner)], finalizers: ['test.example/wait'] });
  await world.client.delete(Thing, at('owner'), { propagationPolicy: 'Foreground' });
  await world.advance(30);
  assert.equal(await world.has(Thing, at('owner')), true);
  for (const name of ['blocking', 'loose']) {
    const dependent = await world.client.get(ConfigMap, at(name));
    assert.notEqual(dependent?.metadata.deletionTimestamp, undefined, `${name} was told to go`);
  }
  await world.client.patch<KubeObject>(ConfigMap, at('blocking'), { metadata: { finalizers: null } });
  await world.advance(5);
  assert.equal(await world.has(Thing, at('owner')), false);
  assert.equal(await world.has(ConfigMap, at('loose')), true, 'it goes in its own time');
  await world.stop();
});

test('foreground over generations: the youngest go first', async () => {
  const world = await gcWorld();
  await world.start();
  const owner = await world.create(Rack, { name: 'owner' });
  const child = await world.create(Thing, at('child'), { owners: [ownedBy(owner, { blockOwnerDeletion: true })] });
  await world.create(ConfigMap, at('grandchild'), {
    owners: [ownedBy(child, { blockOwnerDeletion: true })],
    finalizers: ['test.example/wait'],
  });
  await world.client.delete(Rack, { name: 'owner' }, { propagationPolicy: 'Foreground' });
  await world.advance(30);
  assert.equal(await world.has(Thing, at('child')), true);
  assert.equal(await world.has(Rack, { name: 'owner' }), true);
  await world.client.patch<KubeObject>(ConfigMap, at('grandchild'), { metadata: { finalizers: null } });
  await world.advance(10);
  assert.equal(await world.has(Thing, at('child')), false);
  assert.equal(await world.has(Rack, { name: 'owner' }), false);
  await world.stop();
});

test('foreground in a ring: two that own each other both go', async () => {
  const world = await gcWorld();
  await world.start();
  const a = await world.create(Thing, at('a'));
  const b = await world.create(Thing, at('b'), { owners: [ownedBy(a, { blockOwnerDeletion: true })] });
  await world.client.patch<KubeObject>(Thing, at('a'), { metadata: { ownerReferences: [ownedBy(b, { blockOwnerDeletion: true })] } });
  await world.client.delete(Thing, at('a'), { propagationPolicy: 'Foreground' });
  await world.advance(60);
  assert.equal(await world.has(Thing, at('a')), false);
  assert.equal(await world.has(Thing, at('b')), false);
  await world.stop();
});

test('orphan: the dependents stay and name it no more', async () => {
  const world = await gcWorld();
  await world.start();
  const owner = await world.create(Thing, at('owner'));
  const other = await world.create(Rack, { name: 'other' });
  await world.create(ConfigMap, at('child'), { owners: [ownedBy(owner), ownedBy(other)] });
  await world.create(Thing, at('only'), { owners: [ownedBy(owner)] });
  await world.client.delete(Thing, at('owner'), { propagationPolicy: 'Orphan' });
  await world.advance(10);
  assert.equal(await world.has(Thing, at('owner')), false);
  assert.deepEqual(await ownersOf(world, 'child'), ['other']);
  assert.equal((await world.client.get(Thing, at('only')))?.metadata.ownerReferences, undefined);
  await world.stop();
});

test('hundreds of dependents of one owner: one question about it will do', async () => {
  const world = await gcWorld();
  await world.start();
  const owner = await world.create(Thing, at('owner'));
  for (let i = 0; i < 300; i++) await world.create(ConfigMap, at(`c${String(i)}`), { owners: [ownedBy(owner)] });
  await world.advance(2);
  world.link.requests.length = 0;
  await world.client.delete(Thing, at('owner'));
  await world.advance(5);
  assert.equal((await world.client.list(ConfigMap)).items.length, 0);
  const asked = world.link.requests.filter(({ method, path }) => method === 'GET' && path.endsWith('/things/owner'));
  assert.ok(asked.length <= 20, `${String(asked.length)} questions: no more than there are workers`);
  await world.stop();
});

test('at rest nothing is written, and every question is for metadata only', async () => {
  const world = await gcWorld();
  const owner = await world.create(Thing, at('owner'));
  await world.create(ConfigMap, at('child'), { owners: [ownedBy(owner)] });
  await world.start();
  await world.advance(600);
  assert.deepEqual(world.link.writes, []);
  assert.ok(!world.link.requests.some(({ path }) => path.endsWith('/events')), 'events own nothing, and are many');
  const about = world.link.requests.filter(({ path }) => path.includes('/things'));
  assert.ok(about.length > 0 && about.every(({ headers }) => headers.accept?.includes('as=PartialObjectMetadata') === true));
  await world.stop();
});

async function ownersOf(world: GcWorld, name: string): Promise<string[] | undefined> {
  return (await world.client.get(ConfigMap, at(name)))?.metadata.ownerReferences?.map((owner) => owner.name);
}
