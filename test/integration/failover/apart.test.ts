// What looks like a death and is none: nothing is restarted, and it is said what is known (rules 1, 10, 11).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HostCluster } from '../../../src/api/host-cluster.ts';
import { says } from '../fleet/fleet.ts';
import { endOf, makeMove, moveNamed, otherThan } from '../fleet/moves.ts';
import { failoverFleet, operatorProcess, type FailoverFleet } from './failover.ts';

async function withVms(hosts: number, vms: number): Promise<FailoverFleet> {
  const fleet = await failoverFleet(hosts);
  const names = Array.from({ length: vms }, (_, index) => `vm-${String(index)}`);
  for (const name of names) await fleet.makeVm(name);
  await fleet.untilReady(...names);
  return fleet;
}

/** No VM has had another life than its first. */
function nothingRestarted(fleet: FailoverFleet): void {
  assert.deepEqual(
    fleet.lives().filter(({ to }) => to !== undefined),
    [],
  );
}

describe('a host that is not dead', () => {
  it('whose agent alone died is left as it is: the machine answers', async () => {
    const fleet = await withVms(3, 3);
    const mend = await fleet.inject('AgentCrash', fleet.whereIs('vm-0'));
    await fleet.clock.advance(30_000);
    assert.equal(await fleet.hostSays(fleet.whereIs('vm-0')), 'Unknown HostUnreachable; AgentDead');
    await mend();
    await fleet.untilReady('vm-0');
    nothingRestarted(fleet);
  });

  it('that is cut off, and goes on beating on the datastore, is left as it is, however long', async () => {
    const fleet = await withVms(3, 3);
    const host = fleet.whereIs('vm-0');
    const mend = await fleet.inject('ManagementPartition', host);
    await fleet.clock.advance(300_000);
    assert.equal(await fleet.hostSays(host), 'Unknown HostUnreachable; Isolated');
    assert.equal(fleet.whereIs('vm-0'), host);
    await mend();
    await fleet.until(async () => (await fleet.hostSays(host)) === 'True AgentAnswers');
    nothingRestarted(fleet);
  });

  it('that is cut off from the datastore as well cannot be told from a dead one: its power is cut, and then its VM starts elsewhere', async () => {
    const fleet = await withVms(3, 1);
    const host = fleet.whereIs('vm-0');
    const ends = [await fleet.inject('ManagementPartition', host), await fleet.inject('StoragePartition', host)];
    await fleet.until(() => Promise.resolve(fleet.whereIs('vm-0') !== '' && fleet.whereIs('vm-0') !== host), 15_000);
    for (const end of ends) await end();
    await fleet.until(async () => (await fleet.hostSays(host)) === 'True AgentAnswers');
    assert.equal(await fleet.livesOf('vm-0'), 2);
  });

  it('a blip shorter than deadAfter is not even told', async () => {
    const fleet = await withVms(3, 1);
    const host = fleet.whereIs('vm-0');
    // What agents say as they begin.
    await fleet.clock.advance(5_000);
    const writes = fleet.writes.length;
    const mend = await fleet.inject('HostHang', host);
    await fleet.clock.advance(3_500);
    await mend();
    await fleet.clock.advance(3_000);
    nothingRestarted(fleet);
    assert.deepEqual(
      fleet.writes.slice(writes).filter((write) => /\/(hosts|hostclusters|virtualmachines)\//.test(write)),
      [],
    );
  });
});

describe('a host that was not heard for a moment', () => {
  it('takes moves again as soon as it is heard, without anybody writing so', async () => {
    const fleet = await withVms(2, 1);
    const source = fleet.whereIs('vm-0');
    const mend = await fleet.inject('HostHang', await otherThan(fleet, source));
    await fleet.clock.advance(2_800);
    await makeMove(fleet, 'go', { virtualMachine: 'vm-0' });
    await fleet.clock.advance(500);
    assert.equal(says(await moveNamed(fleet, 'go'), 'Ready'), 'Ready=False NoHostFits');
    await mend();
    await fleet.until(async () => (await moveNamed(fleet, 'go')).status.phase !== 'Pending', 5_000);
    assert.equal(await endOf(fleet, 'go'), 'Complete=True Succeeded');
  });
});

describe('an operator that is cut off', () => {
  it('from six of ten hosts fences none, says so, and nothing has restarted when the network heals', async () => {
    const fleet = await withVms(10, 10);
    const far = ['rack-1', 'rack-2', 'rack-3', 'rack-4', 'rack-5', 'rack-6'];
    await fleet.during(fleet.person.patch(HostCluster, { name: 'main' }, { spec: { availability: { storageLoss: 'LeaveOn' } } }));
    // Their datastore cannot tell either: nothing but the number says that they live.
    for (const host of far) await fleet.inject('StoragePartition', host);
    fleet.world().moveToSegment(far, 'far');
    await fleet.clock.advance(120_000);
    assert.equal(await fleet.clusterSays(), 'TooManyVanished');
    for (const host of far) assert.match(await fleet.hostSays(host), /^Unknown HostUnreachable; (TooManyVanished|NoVirtualMachines)$/);
    fleet.world().moveToSegment(far, '');
    await fleet.until(async () => (await fleet.clusterSays()) === '');
    for (const host of far) await fleet.until(async () => (await fleet.hostSays(host)) === 'True AgentAnswers');
    nothingRestarted(fleet);
  });

  it('that stood still for twenty seconds fences nobody on waking, whatever the cap', async () => {
    const fleet = await withVms(3, 3);
    await fleet.during(fleet.person.patch(HostCluster, { name: 'main' }, { spec: { availability: { maxConcurrentFencing: '100%' } } }));
    fleet.process.freeze();
    await fleet.clock.advance(20_000);
    fleet.process.thaw();
    await fleet.clock.advance(30_000);
    nothingRestarted(fleet);
    for (const host of ['rack-1', 'rack-2', 'rack-3']) assert.equal(await fleet.hostSays(host), 'True AgentAnswers');
  });

  it('that stood by, and still, for twenty seconds, and leads on waking, fences nobody either', async () => {
    const fleet = await withVms(3, 3);
    await fleet.during(fleet.person.patch(HostCluster, { name: 'main' }, { spec: { availability: { maxConcurrentFencing: '100%' } } }));
    const second = operatorProcess(fleet, 'second');
    await fleet.clock.advance(10_000);
    fleet.process.kill();
    second.freeze();
    await fleet.clock.advance(20_000);
    second.thaw();
    await fleet.clock.advance(60_000);
    nothingRestarted(fleet);
    for (const host of ['rack-1', 'rack-2', 'rack-3']) assert.equal(await fleet.hostSays(host), 'True AgentAnswers');
  });

  it('hears nobody and fences nobody, and goes on when it hears again', async () => {
    const fleet = await withVms(3, 3);
    fleet.process.deafen(true);
    await fleet.clock.advance(60_000);
    assert.equal(await fleet.clusterSays(), 'TooManyVanished');
    fleet.process.deafen(false);
    await fleet.until(async () => (await fleet.hostSays('rack-1')) === 'True AgentAnswers');
    nothingRestarted(fleet);
  });
});

describe('a host that is dead, and nobody can prove it', () => {
  it('for want of its BMC: its VM waits, says so, and starts when the BMC answers', async () => {
    const fleet = await withVms(3, 1);
    const host = fleet.whereIs('vm-0');
    const mend = await fleet.inject('BMCFailure', host);
    await fleet.inject('PowerLoss', host);
    await fleet.clock.advance(60_000);
    assert.equal(await fleet.hostSays(host), 'Unknown HostUnreachable; BMCUnreachable');
    assert.equal(fleet.whereIs('vm-0'), '');
    await mend();
    await fleet.until(() => Promise.resolve(fleet.whereIs('vm-0') !== ''), 30_000);
    assert.equal(await fleet.livesOf('vm-0'), 2);
  });
});
