import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Fault, faultFinalizer } from '../../../src/api/fault.ts';
import { findCondition } from '../../../src/meta/conditions.ts';
import { Lease } from '../../../src/meta/core.ts';
import type { GuestSpec } from '../../../src/ports/guests.ts';
import { simulationBench, type SimulationBench } from './bench.ts';

async function rackOf(replicas: number): Promise<SimulationBench> {
  const bench = await simulationBench();
  await bench.makePool('rack', replicas);
  await bench.until(() => bench.poolIsReady('rack'));
  return bench;
}

function powered(bench: SimulationBench, host: string): boolean | undefined {
  return bench
    .world()
    .truth()
    .hosts.find(({ name }) => name === host)?.powered;
}

async function said(bench: SimulationBench, name: string, type: string): Promise<string> {
  const condition = findCondition((await bench.fault(name))?.status.conditions, type);
  return `${condition?.status ?? ''} ${condition?.reason ?? ''}`;
}

async function renewed(bench: SimulationBench, host: string): Promise<string | undefined> {
  const lease = await bench.during(bench.person.get(Lease, { namespace: 'kube-node-lease', name: host }));
  return lease?.spec?.renewTime;
}

async function startGuest(bench: SimulationBench, host: string): Promise<void> {
  const { guests, datastores } = bench.world().hostPort(host);
  const memoryFile = { datastore: 'local', volume: 'shop/web/memory' };
  const vm = { uid: 'vm', namespace: 'shop', name: 'web' };
  const spec: GuestSpec = { id: 'g', vm, cores: 1, memoryBytes: 2 ** 30, disks: [], memoryFile };
  await bench.during(datastores.attach([{ name: 'local', type: 'Local', path: '/var' }]));
  await bench.during(guests.start(spec, { vm: 'vm', holder: 'g' }));
  await bench.clock.advance(10_000);
}

describe('a fault with a duration', () => {
  test('is on for that long, and stays as Complete', async () => {
    const bench = await rackOf(2);
    await bench.makeFault('outage', { type: 'PowerLoss', nodeName: 'rack-2', duration: '1m' });
    await bench.clock.advance(1000);
    assert.deepEqual([powered(bench, 'rack-1'), powered(bench, 'rack-2')], [true, false]);
    assert.equal(await said(bench, 'outage', 'Ready'), 'True Active');
    const { status, metadata } = (await bench.fault('outage')) ?? assert.fail();
    assert.equal(Date.parse(status.endsAt ?? '') - Date.parse(status.startedAt ?? ''), 60_000);
    assert.deepEqual(metadata.finalizers, [faultFinalizer]);
    await bench.clock.advance(58_000);
    assert.equal(powered(bench, 'rack-2'), false);
    await bench.clock.advance(2000);
    assert.equal(powered(bench, 'rack-2'), true);
    assert.equal(await said(bench, 'outage', 'Complete'), 'True Ended');
    assert.equal((await bench.fault('outage'))?.metadata.finalizers, undefined);
    await bench.stop();
  });

  test('stops the kubelet’s lease of a host without power, and the agent’s of one that is cut off', async () => {
    const bench = await rackOf(2);
    await bench.makeFault('outage', { type: 'PowerLoss', nodeName: 'rack-1', duration: '1m' });
    await bench.makeFault('cut', { type: 'ManagementPartition', nodeName: 'rack-2', duration: '1m' });
    await bench.clock.advance(1000);
    const before = [await renewed(bench, 'rack-1'), await renewed(bench, 'rack-2')];
    await bench.clock.advance(50_000);
    assert.deepEqual([await renewed(bench, 'rack-1'), await renewed(bench, 'rack-2')], before);
    await bench.clock.advance(15_000);
    assert.notEqual(await renewed(bench, 'rack-1'), before[0]);
    assert.notEqual(await renewed(bench, 'rack-2'), before[1]);
    await bench.stop();
  });
});

describe('a fault of which nothing can be said', () => {
  test('happens once, and is Complete when it can be said', async () => {
    const bench = await rackOf(1);
    bench.loses = ({ method, path }) => method === 'PATCH' && path.endsWith('/faults/outage/status');
    await bench.makeFault('outage', { type: 'PowerLoss', nodeName: 'rack-1', duration: '10s' });
    await bench.clock.advance(5000);
    assert.equal(powered(bench, 'rack-1'), false);
    await bench.clock.advance(6000);
    for (let second = 0; second < 60; second++) {
      await bench.clock.advance(1000);
      assert.equal(powered(bench, 'rack-1'), true);
    }
    bench.loses = () => false;
    await bench.until(async () => (await said(bench, 'outage', 'Complete')) === 'True Ended');
    await bench.stop();
  });
});

describe('a fault without a duration', () => {
  test('is on until it is deleted', async () => {
    const bench = await rackOf(1);
    await bench.makeFault('outage', { type: 'PowerLoss', nodeName: 'rack-1' });
    await bench.clock.advance(3_600_000);
    assert.equal(powered(bench, 'rack-1'), false);
    await bench.during(bench.person.delete(Fault, { name: 'outage' }));
    await bench.clock.advance(1000);
    assert.equal(powered(bench, 'rack-1'), true);
    assert.equal(await bench.fault('outage'), undefined);
    await bench.stop();
  });

  test('is over when it is gone, however that came about', async () => {
    const bench = await rackOf(1);
    await bench.makeFault('outage', { type: 'PowerLoss', nodeName: 'rack-1' });
    await bench.clock.advance(1000);
    bench.watchDelayMs = 2000;
    await bench.during(bench.person.patch(Fault, { name: 'outage' }, { metadata: { finalizers: [] } }));
    await bench.during(bench.person.delete(Fault, { name: 'outage' }));
    assert.equal(await bench.fault('outage'), undefined);
    await bench.clock.advance(20_000);
    assert.equal(powered(bench, 'rack-1'), true);
    await bench.stop();
  });

  test('is over when its host is taken away', async () => {
    const bench = await rackOf(2);
    await bench.makeFault('outage', { type: 'PowerLoss', nodeName: 'rack-2' });
    await bench.clock.advance(1000);
    await bench.scale('rack', 1);
    await bench.until(() => bench.poolIsReady('rack'));
    await bench.until(async () => (await said(bench, 'outage', 'Complete')) === 'True TargetGone');
    await bench.stop();
  });
});

describe('a fault that has nobody to happen to', () => {
  test('is Failed, and says so (rule 11)', async () => {
    const bench = await rackOf(1);
    await bench.makeFault('outage', { type: 'PowerLoss', nodeName: 'rack-2' });
    await bench.makeFault('hang', { type: 'GuestHang', virtualMachine: { namespace: 'shop', name: 'web' } });
    await bench.clock.advance(1000);
    const { status, metadata } = (await bench.fault('outage')) ?? assert.fail();
    assert.equal(findCondition(status.conditions, 'Stalled')?.message, 'there is no simulated host rack-2');
    assert.equal(await said(bench, 'outage', 'Failed'), 'True HostNotFound');
    assert.equal(await said(bench, 'hang', 'Failed'), 'True VirtualMachineNotRunning');
    assert.equal(metadata.finalizers, undefined);
    await bench.stop();
  });

  test('yet, waits for its host', async () => {
    const bench = await simulationBench();
    await bench.makePool('rack', 1);
    await bench.makeFault('outage', { type: 'PowerLoss', nodeName: 'rack-1', duration: '1m' });
    await bench.until(async () => (await said(bench, 'outage', 'Ready')) === 'True Active');
    assert.equal(powered(bench, 'rack-1'), false);
    await bench.stop();
  });
});

describe('a fault whose process dies', () => {
  test('begins again for what is left of it', async () => {
    const bench = await rackOf(1);
    await bench.makeFault('outage', { type: 'PowerLoss', nodeName: 'rack-1', duration: '1m' });
    await bench.clock.advance(30_000);
    const before = await bench.fault('outage');
    bench.writes.length = 0;
    await bench.restart();
    await bench.clock.advance(5_000);
    assert.deepEqual(
      bench.writes.filter((write) => write.includes('/faults/')),
      [],
    );
    assert.equal(powered(bench, 'rack-1'), false);
    assert.deepEqual((await bench.fault('outage'))?.status, before?.status);
    await bench.clock.advance(26_000);
    assert.equal(await said(bench, 'outage', 'Complete'), 'True Ended');
    assert.equal(powered(bench, 'rack-1'), true);
    await bench.stop();
  });

  test('is Complete when it would be over by then, and its target is well', async () => {
    const bench = await rackOf(1);
    await bench.makeFault('short', { type: 'PowerLoss', nodeName: 'rack-1', duration: '1ms' });
    await startGuestLater(bench);
    await bench.makeFault('hang', { type: 'GuestHang', virtualMachine: { namespace: 'shop', name: 'web' } });
    await bench.clock.advance(1000);
    assert.equal(await said(bench, 'hang', 'Ready'), 'True Active');
    await bench.restart();
    await bench.clock.advance(5_000);
    assert.equal(await said(bench, 'short', 'Complete'), 'True Ended');
    assert.equal(await said(bench, 'hang', 'Complete'), 'True TargetGone');
    assert.equal(powered(bench, 'rack-1'), true);
    await bench.stop();
  });
});

async function startGuestLater(bench: SimulationBench): Promise<void> {
  await bench.clock.advance(10_000);
  await startGuest(bench, 'rack-1');
}

describe('a fault of the network behind a host', () => {
  for (const [name, spec, reason] of [
    ['pulled', { type: 'LinkDown', nic: 'eth1' }, 'LinkDown'],
    ['missing', { type: 'VLANMissing', vlan: 0 }, 'VLANMissing'],
    ['narrow', { type: 'SmallMTU', mtu: 1400 }, 'MTUMismatch'],
  ] as const)
    test(`is found behind the uplinks while it is on: ${spec.type}`, async () => {
      const bench = await rackOf(1);
      const { switching } = bench.world().hostPort('rack-1');
      const uplinks = [{ name: 'uplink1', nic: 'eth1' }];
      const prod = { name: 'prod', engine: 'Default', mtu: 1500, uplinks, privateVlans: [] };
      await bench.during(switching.apply({ switches: [{ ...prod, teaming: 'ActiveStandby', overlay: 'None' }], ports: [] }));
      const found = async (): Promise<string[]> => (await bench.during(switching.check('prod'))).map((finding) => finding.reason);
      await bench.makeFault(name, { ...spec, nodeName: 'rack-1', duration: '1m' });
      await bench.clock.advance(1000);
      assert.deepEqual(await found(), [reason]);
      await bench.clock.advance(60_000);
      assert.equal(await said(bench, name, 'Complete'), 'True Ended');
      assert.deepEqual(await found(), []);
      await bench.stop();
    });
});
