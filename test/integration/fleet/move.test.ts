import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { says, startFleet } from './fleet.ts';
import {
  deleteMove,
  endOf,
  eventsOf,
  findMove,
  hostOf,
  makeMove,
  memoriesOf,
  moveNamed,
  otherThan,
  slow,
  untilPhase,
  untilTidy,
} from './moves.ts';

async function running(hosts = 3, spec: object = {}) {
  const fleet = await startFleet(hosts);
  await fleet.makeVm('web', spec);
  await fleet.untilReady('web');
  await fleet.clock.advance(10_000);
  return fleet;
}

describe('a move', () => {
  test('to a host by its name: the VM runs on without a restart, and nothing is left at its source', async () => {
    const fleet = await running();
    const from = await hostOf(fleet);
    const to = await otherThan(fleet, from);
    const before = await fleet.vm('web');
    await makeMove(fleet, 'go', { target: { nodeName: to } });
    assert.equal(await endOf(fleet, 'go'), 'Complete=True Succeeded');
    await untilTidy(fleet);
    const { status } = await moveNamed(fleet, 'go');
    assert.deepEqual([status.phase, status.source, status.target, status.mechanism], ['Succeeded', from, to, 'PreCopy']);
    assert.ok(status.downtime !== undefined && status.duration !== undefined && status.completedAt !== undefined);
    assert.equal(says(await moveNamed(fleet, 'go'), 'Ready'), 'Ready=True Succeeded');
    const after = await fleet.vm('web');
    assert.equal(after.status.nodeName, to);
    assert.ok((after.status.incarnation ?? 0) > (before.status.incarnation ?? 0), 'its next life has another number');
    assert.deepEqual(
      after.status.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime,
      before.status.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime,
      'it was ready all the time',
    );
    assert.deepEqual((await moveNamed(fleet, 'go')).metadata.finalizers ?? [], []);
    const told = ['Migrated', 'Migrating'].flatMap((reason) => [`VirtualMachine ${reason}`, `VirtualMachineMigration ${reason}`]);
    assert.deepEqual(await eventsOf(fleet), told.sort());
    await fleet.stop();
  });

  test('without a target goes where placement says, and back again', async () => {
    const fleet = await running(2);
    const from = await hostOf(fleet);
    await makeMove(fleet, 'there');
    assert.equal(await endOf(fleet, 'there'), 'Complete=True Succeeded');
    assert.notEqual(await hostOf(fleet), from);
    await makeMove(fleet, 'back');
    assert.equal(await endOf(fleet, 'back'), 'Complete=True Succeeded');
    assert.equal(await hostOf(fleet), from);
    await untilTidy(fleet);
    await fleet.stop();
  });

  test('a second one at once fails and says which came first; when that is over another may begin', async () => {
    const fleet = await running();
    await makeMove(fleet, 'a', slow);
    await untilPhase(fleet, 'a', 'Transferring');
    await makeMove(fleet, 'b');
    assert.equal(await endOf(fleet, 'b'), 'Failed=True AlreadyMigrating');
    assert.equal(await endOf(fleet, 'a', 300_000), 'Complete=True Succeeded');
    await makeMove(fleet, 'c');
    assert.equal(await endOf(fleet, 'c'), 'Complete=True Succeeded');
    await untilTidy(fleet);
    await fleet.stop();
  });

  test('that takes longer than it may is ended: the VM goes on at its source', async () => {
    const fleet = await running();
    const from = await hostOf(fleet);
    await makeMove(fleet, 'go', { bandwidth: '1M', timeout: '20s' });
    assert.equal(await endOf(fleet, 'go'), 'Failed=True TimedOut');
    await untilTidy(fleet);
    assert.equal(await hostOf(fleet), from);
    assert.equal(memoriesOf(fleet).length, 1);
    await fleet.stop();
  });

  test('waits while nothing fits, says why, and begins when room appears (rules 2 and 11)', async () => {
    const fleet = await running(2, { placement: { nodeSelector: { 'kubernetes.io/hostname': 'rack-1' } } });
    await makeMove(fleet, 'go');
    await untilPhase(fleet, 'go', 'Pending');
    assert.equal(says(await moveNamed(fleet, 'go'), 'Ready'), 'Ready=False NoHostFits');
    await fleet.patchVm('web', { placement: { nodeSelector: null } });
    assert.equal(await endOf(fleet, 'go'), 'Complete=True Succeeded');
    await untilTidy(fleet);
    await fleet.stop();
  });

  test('does not mind the VM itself, as its own anti-affinity would have it', async () => {
    const apart = { labelSelector: {}, topologyKey: 'kubernetes.io/arch', required: true };
    const fleet = await running(2, { placement: { antiAffinity: [apart] } });
    await makeMove(fleet, 'go');
    assert.equal(await endOf(fleet, 'go'), 'Complete=True Succeeded');
    await fleet.stop();
  });
});

describe('a move that is deleted', () => {
  for (const phase of ['Pending', 'Preparing', 'Transferring', 'SwitchingOver'] as const) {
    test(`in ${phase}: the VM goes on, at one side, and nothing is left`, async () => {
      const fleet = await running();
      const from = await hostOf(fleet);
      await makeMove(fleet, 'go', phase === 'Pending' || phase === 'Preparing' ? slow : { bandwidth: '1G' });
      await fleet.until(async () => [phase, 'Succeeded'].includes((await moveNamed(fleet, 'go')).status.phase ?? 'Pending'));
      const last = (await moveNamed(fleet, 'go')).status.phase;
      await deleteMove(fleet, 'go');
      await fleet.until(async () => (await findMove(fleet, 'go')) === undefined);
      await untilTidy(fleet);
      if (last !== 'SwitchingOver' && last !== 'Succeeded') assert.equal(await hostOf(fleet), from);
      assert.ok(
        memoriesOf(fleet).every((life) => !life.endsWith('PowerOff')),
        'no memory was lost',
      );
      await fleet.stop();
    });
  }
});

describe('a VM that changes its mind while it moves', () => {
  test('powered off: both sides end, the move fails', async () => {
    const fleet = await running();
    await makeMove(fleet, 'go', slow);
    await untilPhase(fleet, 'go', 'Transferring');
    await fleet.patchVm('web', { powerState: 'PoweredOff' });
    assert.equal(await endOf(fleet, 'go'), 'Failed=True VirtualMachinePoweredOff');
    await fleet.until(async () => (await fleet.instances('web')).length === 0);
    assert.deepEqual(fleet.running('web'), []);
    await fleet.patchVm('web', { powerState: 'PoweredOn' });
    await untilTidy(fleet);
    await fleet.stop();
  });

  test('deleted: both sides end, the move fails', async () => {
    const fleet = await running();
    await makeMove(fleet, 'go', slow);
    await untilPhase(fleet, 'go', 'Transferring');
    await fleet.during(
      fleet.person.delete((await import('../../../src/api/virtual-machine.ts')).VirtualMachine, { namespace: 'shop', name: 'web' }),
    );
    assert.equal(await endOf(fleet, 'go'), 'Failed=True VirtualMachineDeleting');
    await fleet.until(async () => (await fleet.find('web')) === undefined);
    assert.deepEqual(await fleet.instances('web'), []);
    await fleet.stop();
  });

  test('suspended, restarted or resized: that waits, and is done where it has arrived', async () => {
    const fleet = await running();
    const from = await hostOf(fleet);
    await makeMove(fleet, 'go', slow);
    await untilPhase(fleet, 'go', 'Transferring');
    await fleet.patchVm('web', { powerState: 'Suspended' });
    await fleet.untilSays('web', 'Ready=False Migrating');
    assert.equal(await endOf(fleet, 'go', 300_000), 'Complete=True Succeeded');
    await fleet.untilSays('web', 'Ready=True Suspended');
    assert.notEqual(await hostOf(fleet), from);
    await fleet.patchVm('web', { powerState: 'PoweredOn' });
    await untilTidy(fleet);
    await fleet.stop();
  });
});

describe('an operator that ends while a move is under way', () => {
  for (const phase of ['Pending', 'Preparing', 'Transferring'] as const) {
    test(`in ${phase}: the next one goes on with it`, async () => {
      const fleet = await running();
      await makeMove(fleet, 'go', { bandwidth: '1G' });
      await fleet.until(async () => [phase, 'Succeeded'].includes((await moveNamed(fleet, 'go')).status.phase ?? 'Pending'));
      fleet.operator.hold();
      const { startOperator } = await import('./fleet.ts');
      startOperator(fleet, 'other');
      await fleet.clock.advance(60_000);
      assert.equal(await endOf(fleet, 'go', 120_000), 'Complete=True Succeeded');
      fleet.operator.letGo();
      await fleet.clock.advance(30_000);
      await untilTidy(fleet);
      assert.equal(memoriesOf(fleet).filter((life) => life.endsWith('runs')).length, 1);
      await fleet.stop();
    });
  }
});
