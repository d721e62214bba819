import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rfc3339Micro } from '../../base/time.ts';
import { Lease, Node, Pod } from '../../meta/core.ts';
import { gcWorld, type GcWorld } from '../test-support.ts';
import { leaseNamespace } from './life-cycle.ts';

const containers = { containers: [{ name: 'main', image: 'none' }] };
const ready = {
  type: 'Ready',
  status: 'True' as const,
  reason: 'KubeletReady',
  message: 'fine',
  lastTransitionTime: '2026-03-01T00:00:00Z',
};
const pressure = { ...ready, type: 'MemoryPressure', status: 'False' as const, reason: 'KubeletHasSufficientMemory' };

async function addNode(world: GcWorld, name: string, withLease = true): Promise<void> {
  await world.create(
    Node,
    { name },
    { status: { conditions: [pressure, ready] }, spec: { taints: [{ key: 'theirs', effect: 'NoSchedule' }] } },
  );
  if (withLease) await world.create(Lease, { namespace: leaseNamespace, name }, { spec: { renewTime: renewTime(world) } });
}

function renewTime(world: GcWorld): string {
  return rfc3339Micro(world.runtime.clock.now());
}

async function renew(world: GcWorld, ...names: string[]): Promise<void> {
  for (const name of names) await world.client.patch(Lease, { namespace: leaseNamespace, name }, { spec: { renewTime: renewTime(world) } });
}

/** Renews for `seconds`, every 10 s. */
async function live(world: GcWorld, seconds: number, ...names: string[]): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 10) {
    await renew(world, ...names);
    await world.advance(10);
  }
}

async function stateOf(world: GcWorld, name: string) {
  const node = await world.client.get(Node, { name });
  return {
    conditions: (node?.status?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`),
    taints: (node?.spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`),
  };
}

const well = { conditions: ['MemoryPressure=False KubeletHasSufficientMemory', 'Ready=True KubeletReady'], taints: ['theirs:NoSchedule'] };
const lost = {
  conditions: ['MemoryPressure=Unknown NodeStatusUnknown', 'Ready=Unknown NodeStatusUnknown'],
  taints: ['theirs:NoSchedule', 'node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute'],
};

test('a node is lost 40 s after its last renewal, not before, and the others are not', async () => {
  const world = await gcWorld();
  await world.start();
  await addNode(world, 'a');
  await addNode(world, 'b');
  await live(world, 60, 'a', 'b');
  await live(world, 20, 'b');
  assert.deepEqual(await stateOf(world, 'a'), well);
  await live(world, 20, 'b');
  assert.deepEqual(await stateOf(world, 'a'), lost);
  assert.deepEqual(await stateOf(world, 'b'), well);
  const message = (await world.client.get(Node, { name: 'a' }))?.status?.conditions?.[1]?.message;
  assert.equal(message, 'Kubelet stopped posting node status.');
  await world.stop();
});

test('it comes back when its kubelet says that it is well: the taints go, those of others stay', async () => {
  const world = await gcWorld();
  await world.start();
  await addNode(world, 'a');
  await world.advance(45);
  assert.deepEqual(await stateOf(world, 'a'), lost);
  await live(world, 20, 'a');
  assert.deepEqual(await stateOf(world, 'a'), lost, 'a lease alone says nothing of its health');
  await world.client.patch(Node, { name: 'a' }, { status: { conditions: [pressure, ready] } }, { subresource: 'status' });
  await live(world, 20, 'a');
  assert.deepEqual(await stateOf(world, 'a'), well);
  await world.advance(45);
  assert.deepEqual(await stateOf(world, 'a'), lost, 'and may be lost again');
  await world.stop();
});

test('a node that never had a lease is never touched', async () => {
  const world = await gcWorld();
  await world.start();
  await addNode(world, 'a', false);
  await world.advance(300);
  assert.deepEqual(await stateOf(world, 'a'), well);
  assert.deepEqual(world.link.writes, []);
  await world.stop();
});

test('renewals that only the server has seen count: a stale cache proves nothing', async () => {
  const world = await gcWorld();
  await world.start();
  await addNode(world, 'a');
  await world.advance(5);
  world.link.hold(Lease);
  await live(world, 60, 'a');
  assert.deepEqual(await stateOf(world, 'a'), well);
  await world.stop();
});

test('whoever was cut off itself blames nobody: nodes get their whole time again', async () => {
  const world = await gcWorld();
  await world.start();
  await addNode(world, 'a');
  world.link.up(false);
  await world.advance(120);
  world.link.up(true);
  await world.advance(35);
  assert.deepEqual(await stateOf(world, 'a'), well);
  await world.advance(45);
  assert.deepEqual(await stateOf(world, 'a'), lost);
  await world.stop();
});

test('the clock of a node does not matter, only that its lease changes', async () => {
  const world = await gcWorld();
  await world.start();
  await addNode(world, 'a');
  for (let hour = 0; hour < 12; hour++) {
    const spec = { renewTime: rfc3339Micro(Date.UTC(2020, 0, 1, hour)) };
    await world.client.patch(Lease, { namespace: leaseNamespace, name: 'a' }, { spec });
    await world.advance(10);
  }
  assert.deepEqual(await stateOf(world, 'a'), well);
  await world.stop();
});

test('nodes that are well, and nodes that stay lost, cost no writes', async () => {
  const world = await gcWorld();
  await world.start();
  await addNode(world, 'a');
  await addNode(world, 'b');
  await live(world, 100, 'b');
  world.link.writes.length = 0;
  await live(world, 600, 'b');
  assert.deepEqual(world.link.writes, []);
  assert.deepEqual(await stateOf(world, 'a'), lost);
  await world.stop();
});

test('a pod whose node is gone is removed for good after 40 s; one whose node came back, and one of no node, stay', async () => {
  const world = await gcWorld();
  await world.start();
  for (const name of ['a', 'b', 'c']) await addNode(world, name);
  for (const node of ['a', 'b', 'c'])
    await world.create(Pod, { namespace: 'shop', name: `on-${node}` }, { spec: { ...containers, nodeName: node } });
  await world.create(Pod, { namespace: 'shop', name: 'free' }, { spec: containers });
  await world.client.delete(Node, { name: 'a' });
  await world.client.delete(Node, { name: 'b' });
  await live(world, 30, 'c');
  assert.equal(await world.has(Pod, { namespace: 'shop', name: 'on-a' }), true);
  await addNode(world, 'b', false);
  await live(world, 30, 'c');
  const left = (await world.client.list(Pod)).items.map(({ metadata }) => metadata.name);
  assert.deepEqual(left.sort(), ['free', 'on-b', 'on-c']);
  await world.stop();
});

test('a stranded pod with a finalizer is told once', async () => {
  const world = await gcWorld();
  await world.start();
  await world.create(
    Pod,
    { namespace: 'shop', name: 'guard' },
    { spec: { ...containers, nodeName: 'gone' }, finalizers: ['test.example/evacuated'] },
  );
  await world.advance(45);
  const pod = await world.client.get(Pod, { namespace: 'shop', name: 'guard' });
  assert.equal(pod?.metadata.deletionGracePeriodSeconds, 0);
  await world.advance(300);
  assert.deepEqual(world.link.writes, ['DELETE namespaces/shop/pods/guard']);
  await world.stop();
});

test('a node that is there on the server, though not in the cache, keeps its pods', async () => {
  const world = await gcWorld();
  await world.start();
  await addNode(world, 'a', false);
  await world.create(Pod, { namespace: 'shop', name: 'on-a' }, { spec: { ...containers, nodeName: 'a' } });
  await world.client.delete(Node, { name: 'a' });
  await world.advance(1);
  world.link.hold(Node);
  await addNode(world, 'a', false);
  await world.advance(60);
  assert.equal(await world.has(Pod, { namespace: 'shop', name: 'on-a' }), true);
  await world.stop();
});
