// What a HostCluster promises for the death of hosts: a VM whose start would break it waits, and a death is what it was kept for (rules 5, 11).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HostCluster } from '../../../src/api/host-cluster.ts';
import { findCondition } from '../../../src/meta/conditions.ts';
import { failoverFleet, type FailoverFleet } from './failover.ts';

const small = { cores: 4, memory: '8Gi' };
/** Two of these fill a host of 8Gi. */
const half = { memory: { size: '3584Mi' }, disks: [] };

async function promised(admission: object): Promise<FailoverFleet> {
  const fleet = await failoverFleet(3, small);
  await fleet.during(fleet.person.patch(HostCluster, { name: 'main' }, { spec: { availability: { admission } } }));
  return fleet;
}

async function survives(fleet: FailoverFleet): Promise<number | undefined> {
  const cluster = await fleet.during(fleet.person.get(HostCluster, { name: 'main' }));
  return cluster?.status.hosts?.toleratedFailures;
}

async function placedOf(fleet: FailoverFleet, name: string): Promise<string> {
  return findCondition((await fleet.vm(name)).status.conditions, 'Placed')?.message ?? '';
}

describe('a HostCluster that keeps room for the death of a host', () => {
  it('lets no VM take that room, says so with figures, and how many deaths it survives; when one dies its VMs have room', async () => {
    const fleet = await promised({ hostFailures: { number: 1 } });
    const running = ['a', 'b', 'c', 'd'];
    for (const name of running) await fleet.makeVm(name, half);
    await fleet.untilReady(...running);
    await fleet.until(async () => (await survives(fleet)) === 1, 60_000);
    await fleet.makeVm('e', half);
    await fleet.untilSays('e', 'Placed=False AdmissionRefused');
    const { message = '' } = findCondition((await fleet.vm('e')).status.conditions, 'Placed') ?? {};
    assert.match(
      message,
      /^HostCluster main keeps room .*\(spec\.availability\.admission\): it would need 5 slots of \d+Mi, .* there are 4$/,
    );
    const died = fleet.whereIs('a');
    await fleet.inject('PowerLoss', died);
    await fleet.until(() => Promise.resolve(running.every((name) => ![died, ''].includes(fleet.whereIs(name)))), 15_000);
    assert.equal(fleet.whereIs('e'), '');
    await fleet.until(async () => (await survives(fleet)) === 0, 60_000);
  });

  it('starts the VM that waits once the promise is lifted', async () => {
    const fleet = await promised({ percentage: { cpu: 0, memory: 60 } });
    for (const name of ['a', 'b']) await fleet.makeVm(name, half);
    await fleet.untilReady('a', 'b');
    await fleet.makeVm('c', half);
    await fleet.untilSays('c', 'Placed=False AdmissionRefused');
    assert.match(await placedOf(fleet, 'c'), /it would leave 5\d% of memory free, and 60% is kept$/);
    const admission = { percentage: null, none: {} };
    await fleet.during(fleet.person.patch(HostCluster, { name: 'main' }, { spec: { availability: { admission } } }));
    await fleet.untilReady('c');
  });

  it('keeps hosts for it that receive nothing else', async () => {
    const fleet = await promised({ dedicatedHosts: { nodeNames: ['rack-1', 'rack-2'] } });
    for (const name of ['a', 'b', 'c']) await fleet.makeVm(name, half);
    await fleet.untilReady('a', 'b');
    await fleet.until(async () => (await placedOf(fleet, 'c')).includes('2 kept for the death of others'));
    assert.deepEqual([fleet.whereIs('a'), fleet.whereIs('b')], ['rack-3', 'rack-3']);
    await fleet.inject('PowerLoss', 'rack-3');
    await fleet.until(() => Promise.resolve(['rack-1', 'rack-2'].includes(fleet.whereIs('a'))), 15_000);
  });
});
