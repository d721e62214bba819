// Hosts with many VMs become empty as fast as their links allow, without a restart, and without harm to those that take them in.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostCluster } from '../../../src/api/host-cluster.ts';
import { Host } from '../../../src/api/host.ts';
import { VirtualMachineInstance } from '../../../src/api/virtual-machine-instance.ts';
import { VirtualMachineMigration } from '../../../src/api/virtual-machine-migration.ts';
import { bytes } from '../../../src/base/quantity.ts';
import { isUnderWay } from '../../../src/domain/moving.ts';
import { takenBy } from '../../../src/domain/resources.ts';
import { caches } from '../../../src/kube/caches.ts';
import { behaviourOf, touchedBytes } from '../../../src/sim/world/behaviour.ts';
import { personAt } from './drain.ts';
import { startFleet, type Fleet } from './fleet.ts';
import { endOf, makeMove } from './moves.ts';

const gibibyte = 2 ** 30;
const nicBitsPerSecond = 10e9;
const hour = 3_600_000;

/** VMs of these names, all on `host`. */
async function fill(fleet: Fleet, host: string, names: readonly string[], spec: object): Promise<void> {
  const placement = { nodeSelector: { 'kubernetes.io/hostname': host } };
  for (const name of names) await fleet.makeVm(name, { ...spec, placement });
  await fleet.untilReady(...names);
  for (const name of names) await fleet.patchVm(name, { placement: null });
}

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index)}`);
}

/** Seconds that the link of a host needs at least for what its guests have touched. */
function boundOf(fleet: Fleet, host: string, memoryBytes: number): number {
  const now = fleet.clock.now();
  const staying = fleet.lives().filter((life) => life.host === host && life.to === undefined);
  const touched = staying.map(({ vm, from }) => touchedBytes(behaviourOf(vm), memoryBytes, now - from.at));
  return (8 * touched.reduce((sum, each) => sum + each, 0)) / nicBitsPerSecond;
}

function lastLeft(fleet: Fleet, ...hosts: string[]): number {
  return Math.max(...fleet.lives().map(({ host, to }) => (hosts.includes(host) ? (to?.at ?? 0) : 0)));
}

function assertNoRestart(fleet: Fleet): void {
  const ends = fleet.lives().flatMap(({ to }) => (to === undefined ? [] : [to.by]));
  assert.deepEqual([...new Set(ends)], ['Paused'], 'every life went on elsewhere');
}

/** The most that was ever promised of each host, by what stands in the API at any instant: bytes, and moves to it. */
async function watchLoad(fleet: Fleet): Promise<Readonly<Record<'bytes' | 'moves', Map<string, number>>>> {
  const observer = fleet.runtime('observer');
  const watched = caches(fleet.controlPlane, observer, { userAgent: 'observer' });
  const [instances, moves] = [watched.cache(VirtualMachineInstance), watched.cache(VirtualMachineMigration)];
  const most = { bytes: new Map<string, number>(), moves: new Map<string, number>() };
  const note = (of: Map<string, number>, host: string, load: number): void => {
    of.set(host, Math.max(of.get(host) ?? 0, load));
  };
  await fleet.during(watched.synced(observer.stopping));
  instances.onChange((_before, after) => {
    if (after === undefined) return;
    const { nodeName } = after.spec;
    const here = instances.list().filter(({ spec }) => spec.nodeName === nodeName);
    note(
      most.bytes,
      nodeName,
      here.reduce((sum, { spec }) => sum + takenBy(spec.cpu, spec.memory).memoryBytes, 0),
    );
  });
  moves.onChange((_before, after) => {
    const { target = '' } = after?.status ?? {};
    note(most.moves, target, moves.list().filter((move) => isUnderWay(move) && move.status.target === target).length);
  });
  return most;
}

describe('a drain of a host with 100 VMs', () => {
  test('restarts none, and takes at most a fifth longer than its link needs for their memory', async () => {
    const fleet = await startFleet(9, { memory: '128Gi', guestBootTime: '0s' });
    const names = numbered('vm', 100);
    await fill(fleet, 'rack-1', names, {});
    const person = personAt(fleet);
    await fleet.until(async () => (await person.guards('rack-1')).length === 1);
    const [bound, began] = [boundOf(fleet, 'rack-1', gibibyte), fleet.clock.now()];
    const drain = await person.drain('rack-1');
    await fleet.until(() => drain.isOver(), hour);
    const seconds = (lastLeft(fleet, 'rack-1') - began) / 1000;
    assert.ok(seconds <= 1.2 * bound, `${String(seconds)} s, where ${String(bound)} s are needed`);
    assertNoRestart(fleet);
    for (const name of names) assert.equal(fleet.running(name).length, 1, name);
    assert.deepEqual((await person.migrations()).map(({ spec }) => spec.virtualMachine).sort(), [...names].sort(), 'each moved once');
    await fleet.stop();
  });
});

test('those that leave a host at the same time go to different ones, though one has most room: its link would hold them up', async () => {
  const fleet = await startFleet(4, { guestBootTime: '0s' });
  await fill(fleet, 'rack-1', numbered('vm', 6), {});
  for (const host of ['rack-3', 'rack-4']) await fill(fleet, host, numbered(host, 12), {});
  const person = personAt(fleet);
  await fleet.until(async () => (await person.guards('rack-1')).length === 1);
  const most = await watchLoad(fleet);
  const drain = await person.drain('rack-1');
  await fleet.until(() => drain.isOver(), hour);
  assert.deepEqual(
    ['rack-2', 'rack-3', 'rack-4'].filter((host) => (most.moves.get(host) ?? 0) > 1),
    [],
  );
  assertNoRestart(fleet);
  await fleet.stop();
});

describe('two drains at once', () => {
  test('never promise more of a host than it has, nor more moves than it may receive (rule 5), though there is hardly more room than is needed', async () => {
    const fleet = await startFleet(4, { guestBootTime: '0s' });
    const spec = { memory: { size: '2Gi' } };
    const each: Readonly<Record<string, number>> = { 'rack-1': 18, 'rack-2': 18, 'rack-3': 11, 'rack-4': 11 };
    for (const [host, count] of Object.entries(each)) await fill(fleet, host, numbered(host, count), spec);
    const person = personAt(fleet);
    await fleet.until(async () => (await person.guards('rack-1')).length + (await person.guards('rack-2')).length === 2);
    const most = await watchLoad(fleet);
    const drains = [await person.drain('rack-1'), await person.drain('rack-2')];
    for (const drain of drains) await fleet.until(() => drain.isOver(), hour);
    for (const host of ['rack-3', 'rack-4']) {
      const { capacity } = (await person.host(host)).status.inventory ?? assert.fail('it has said nothing');
      const [load, room] = [most.bytes.get(host) ?? 0, bytes(String(capacity.memory))];
      assert.ok(load <= room && load > 0.9 * room, `${host}: ${String(load)} of ${String(room)}`);
      assert.equal(most.moves.get(host), 2);
    }
    assertNoRestart(fleet);
    assert.deepEqual([most.moves.get('rack-1'), most.moves.get('rack-2')], [undefined, undefined], 'none goes where others leave');
    await fleet.stop();
  });

  test('asked for in one breath by spec.maintenance: nothing goes to a host that is to be emptied too', async () => {
    const fleet = await startFleet(12, { guestBootTime: '0s' });
    const drained = numbered('rack', 11).slice(1);
    for (const host of drained) await fill(fleet, host, numbered(host, 2), {});
    // They have more, and are the worse places by themselves.
    for (const host of ['rack-11', 'rack-12']) await fill(fleet, host, numbered(host, 6), {});
    const person = personAt(fleet);
    const maintenance = { spec: { maintenance: { mode: 'Maintenance' } } };
    await fleet.during(Promise.all(drained.map((name) => fleet.person.patch(Host, { name }, maintenance))));
    for (const host of drained) await fleet.until(async () => (await person.evacuation(host)) === 'True Empty: no VM runs on it');
    assert.equal((await person.migrations()).length, 2 * drained.length);
    assertNoRestart(fleet);
    await fleet.stop();
  });
});

test('a person’s move of a VM whose leaving only waits its turn goes first, and is the only one', async () => {
  const fleet = await startFleet(3);
  await fleet.during(fleet.person.patch(HostCluster, { name: 'main' }, { spec: { limits: { migrations: { perHost: 1 } } } }));
  const names = ['a', 'b'];
  await fill(fleet, 'rack-1', names, { memory: { size: '4Gi' } });
  await fleet.clock.advance(60_000);
  const at = personAt(fleet);
  await at.drain('rack-1');
  const waiting = async () => {
    const moves = await at.migrations();
    const queued = moves.filter(({ status }) => status.targetInstance === undefined);
    return moves.length === 2 && queued.length === 1 ? queued[0] : undefined;
  };
  await fleet.until(async () => (await waiting()) !== undefined);
  const queued = (await waiting()) ?? assert.fail('none waits');
  const { virtualMachine } = queued.spec;
  await makeMove(fleet, 'go', { virtualMachine });
  assert.equal(await endOf(fleet, 'go'), 'Complete=True Succeeded');
  await fleet.until(async () => (await at.guards('rack-1')).length === 0);
  await fleet.until(async () => (await at.migrations()).every(({ metadata }) => metadata.uid !== queued.metadata.uid));
  const { uid } = (await fleet.vm(virtualMachine)).metadata;
  assert.equal(fleet.lives().filter(({ vm }) => vm === uid).length, 2, 'it moved once');
  assertNoRestart(fleet);
  await fleet.stop();
});
