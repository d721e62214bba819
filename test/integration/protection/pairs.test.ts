import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Host } from '../../../src/api/host.ts';
import { bytes } from '../../../src/base/quantity.ts';
import { parseDuration } from '../../../src/base/time.ts';
import { findCondition } from '../../../src/meta/conditions.ts';
import { Event, Node } from '../../../src/meta/core.ts';
import { endOf, makeMove } from '../fleet/moves.ts';
import { inStep, pairFleet } from './pairs.ts';

describe('a VM that is to have a shadow', () => {
  it('has one on another host, in step, and has not been disturbed; without its pair it goes on as before (rule 8)', async () => {
    const fleet = await inStep(3);
    const [primary, shadow] = (await fleet.places()).split(' ');
    assert.notEqual(primary, shadow);
    assert.equal(fleet.where(), primary);
    assert.equal((await fleet.pair()).status.epoch, 1);
    const before = await fleet.vm('db');
    await fleet.unprotect();
    await fleet.until(async () => (await fleet.instances('db')).length === 1, 60_000);
    const after = await fleet.vm('db');
    assert.deepEqual([after.status.instance, fleet.where()], [before.status.instance, primary]);
    assert.equal(await fleet.livesOf('db'), 1, 'it has not been restarted');
    await fleet.stop();
  });

  it('says why it has none: off, and no second host', async () => {
    const fleet = await pairFleet(1);
    await fleet.protect();
    await fleet.untilPair('False NoHostFits');
    await fleet.patchVm('db', { powerState: 'PoweredOff' });
    await fleet.untilPair('False PowerState');
    assert.equal(await fleet.pairSays('Enabled'), 'False PowerState');
    await fleet.stop();
  });
});

describe('a pair that waits for room', () => {
  it('has its shadow once another VM is gone', async () => {
    const fleet = await pairFleet(2);
    const other = fleet
      .world()
      .truth()
      .hosts.find(({ name }) => name !== fleet.where())?.name;
    const { memory } = (await fleet.host(other ?? '')).status.inventory?.capacity ?? {};
    await fleet.makeVm('big', { memory: { size: `${String(Math.floor(bytes(String(memory)) / 2 ** 20) - 1024)}Mi` } });
    await fleet.untilReady('big');
    await fleet.protect();
    await fleet.untilPair('False NoHostFits');
    await fleet.patchVm('big', { powerState: 'PoweredOff' });
    await fleet.untilPair('True InStep', 30_000);
    await fleet.stop();
  });
});

describe('an original whose host loses its power', () => {
  it('goes on as its shadow, and has another one on a third host', async () => {
    const fleet = await inStep(3);
    const [primary = '', shadow = ''] = (await fleet.places()).split(' ');
    const end = await fleet.inject('PowerLoss', primary);
    await fleet.until(async () => Promise.resolve(fleet.where() === shadow), 5_000);
    await fleet.untilPair('True InStep', 120_000);
    const { status } = await fleet.pair();
    assert.deepEqual([status.epoch, status.primary?.nodeName], [2, shadow]);
    await fleet.until(async () => (await fleet.pair()).status.lastFailover?.reason === 'HostDead', 30_000);
    assert.ok(![primary, shadow].includes(status.shadow?.nodeName ?? ''));
    assert.equal(await fleet.livesOf('db'), 2);
    const told = await fleet.during(fleet.person.list(Event, { namespace: 'shop' }));
    const ofVm = told.items.filter(({ regarding }) => regarding.kind === 'VirtualMachine').map(({ reason, note }) => `${reason}: ${note}`);
    assert.ok(ofVm.includes(`FailedOver: its shadow goes on for it: moved from ${primary} to ${shadow}`), ofVm.join('\n'));
    await end();
    await fleet.clock.advance(120_000);
    assert.equal(fleet.where(), shadow, 'what comes back concerns nobody (rule 1)');
    assert.equal((await fleet.instances('db')).length, 2);
    await fleet.stop();
  });

  it('does so though neither operator nor API server is there (rule 10)', async () => {
    const fleet = await inStep(3);
    const [primary = '', shadow = ''] = (await fleet.places()).split(' ');
    fleet.process.freeze();
    for (const { name } of fleet.world().truth().hosts) await fleet.inject('ManagementPartition', name);
    await fleet.clock.advance(20_000);
    await fleet.inject('PowerLoss', primary);
    await fleet.until(async () => Promise.resolve(fleet.where() === shadow), 5_000);
    assert.equal(await fleet.livesOf('db'), 2);
    await fleet.stop();
  });

  it('as a test: once, while the epoch is the one that was named', async () => {
    const fleet = await inStep(3);
    const [, shadow = ''] = (await fleet.places()).split(' ');
    await fleet.protect({ testFailover: { epoch: 1 } });
    await fleet.until(async () => (await fleet.pair()).status.epoch === 2, 60_000);
    assert.equal((await fleet.pair()).status.lastFailover?.reason, 'Test');
    await fleet.untilPair('True InStep', 120_000);
    await fleet.clock.advance(60_000);
    assert.equal(fleet.where(), shadow);
    assert.equal((await fleet.pair()).status.epoch, 2);
    await fleet.stop();
  });
});

describe('a pair whose shadow took over, and whose first host is back', () => {
  it('is tested like any other: it goes on there again', async () => {
    const fleet = await inStep(3);
    const [primary = ''] = (await fleet.places()).split(' ');
    const end = await fleet.inject('PowerLoss', primary);
    await fleet.until(async () => (await fleet.pair()).status.epoch === 2, 60_000);
    await fleet.untilPair('True InStep', 120_000);
    await end();
    await fleet.clock.advance(30_000);
    await fleet.protect({ testFailover: { epoch: 2 } });
    await fleet.until(async () => (await fleet.pair()).status.epoch === 3, 60_000);
    await fleet.untilPair('True InStep', 120_000);
    await fleet.stop();
  });
});

describe('a VM that has moved, and has a shadow since then', () => {
  it('goes on as that when it is tested, and does not start from its disks where it died', async () => {
    const fleet = await pairFleet(3);
    await makeMove(fleet, 'go', { virtualMachine: 'db' });
    assert.equal(await endOf(fleet, 'go'), 'Complete=True Succeeded');
    await fleet.protect();
    await fleet.untilPair('True InStep');
    const lives = await fleet.livesOf('db');
    await fleet.protect({ testFailover: { epoch: 1 } });
    await fleet.until(async () => (await fleet.pair()).status.epoch === 2, 60_000);
    assert.equal(await fleet.livesOf('db'), lives + 1);
    await fleet.untilPair('True InStep', 120_000);
    await fleet.stop();
  });
});

describe('a shadow whose host loses its power', () => {
  it('is replaced by another one, and the original runs on', async () => {
    const fleet = await inStep(3);
    const [primary = '', shadow = ''] = (await fleet.places()).split(' ');
    await fleet.inject('PowerLoss', shadow);
    await fleet.until(async () => !(await fleet.places()).includes(shadow), 60_000);
    await fleet.untilPair('True InStep', 120_000);
    assert.equal(fleet.where(), primary);
    assert.equal(await fleet.livesOf('db'), 1);
    assert.equal((await fleet.pair()).status.epoch, 1);
    await fleet.stop();
  });
});

describe('both sides, cut off from each other', () => {
  it('one goes on, and only one (rule 1)', async () => {
    const fleet = await inStep(3);
    const [primary = ''] = (await fleet.places()).split(' ');
    const end = await fleet.inject('FTPartition', primary);
    await fleet.clock.advance(10_000);
    assert.equal(fleet.running('db').length, 1);
    await end();
    await fleet.untilPair('True InStep', 120_000);
    assert.equal(fleet.running('db').length, 1);
    await fleet.stop();
  });

  it('says of the other one that it was not heard, not that its host is dead (rule 11)', async () => {
    const fleet = await inStep(3);
    const [primary = '', shadow = ''] = (await fleet.places()).split(' ');
    await fleet.inject('StoragePartition', primary);
    await fleet.inject('FTPartition', primary);
    await fleet.until(async () => (await fleet.pair()).status.epoch === 2, 60_000);
    assert.equal((await fleet.pair()).status.lastFailover?.reason, 'Unheard');
    assert.ok(fleet.running('db').includes(shadow));
    await fleet.stop();
  });
});

describe('a shadow that goes live, and whose agent dies before it can say so', () => {
  it('is said later to be the VM, and for how long nobody was', async () => {
    const fleet = await inStep(3);
    const [primary = '', shadow = ''] = (await fleet.places()).split(' ');
    const mend = await fleet.inject('ManagementPartition', shadow);
    await fleet.inject('PowerLoss', primary);
    await fleet.until(() => Promise.resolve(fleet.where() === shadow), 5_000);
    const revive = await fleet.inject('AgentCrash', shadow);
    await revive();
    await mend();
    await fleet.until(async () => (await fleet.pair()).status.epoch === 2, 60_000);
    assert.equal(fleet.where(), shadow);
    assert.ok(parseDuration((await fleet.pair()).status.lastFailover?.blackout ?? '0s') > 0);
    await fleet.stop();
  });
});

describe('a VM with a shadow', () => {
  it('that is switched off: nothing of it is left, and it starts once when it is switched on', async () => {
    const fleet = await inStep(3);
    await fleet.patchVm('db', { powerState: 'PoweredOff' });
    await fleet.until(async () => (await fleet.instances('db')).length === 0, 120_000);
    assert.equal(fleet.where(), '');
    await fleet.patchVm('db', { powerState: 'PoweredOn' });
    await fleet.untilPair('True InStep', 120_000);
    assert.equal(fleet.running('db').length, 1);
    await fleet.stop();
  });

  it('whose host is to be empty, and whose shadow dies in that moment, moves there as any other: it is not switched off (rule 10)', async () => {
    const fleet = await inStep(3);
    const [primary = '', shadow = ''] = (await fleet.places()).split(' ');
    await fleet.inject('PowerLoss', shadow);
    // So late that it could be known, and so early that silence says nothing yet.
    await fleet.clock.advance(150);
    await fleet.maintain(primary, 'Maintenance');
    await fleet.until(async () => (await fleet.host(primary)).status.phase === 'Maintenance', 180_000);
    assert.equal(fleet.running('db').length, 1);
    assert.deepEqual(
      fleet.lives().flatMap(({ to }) => (to?.by === 'Stopped' ? [to] : [])),
      [],
    );
    await fleet.stop();
  });

  it('that is suspended gives its shadow up, and has one again when it wakes', async () => {
    const fleet = await inStep(3);
    await fleet.patchVm('db', { powerState: 'Suspended' });
    await fleet.untilSays('db', 'Ready=True Suspended', 120_000);
    assert.equal(await fleet.pairSays('Enabled'), 'False PowerState');
    await fleet.patchVm('db', { powerState: 'PoweredOn' });
    await fleet.untilPair('True InStep', 120_000);
    await fleet.stop();
  });

  it('whose host is to be empty goes on as its shadow; and where its shadow is, that is made elsewhere: no restart either way', async () => {
    const fleet = await inStep(3);
    const [primary = '', shadow = ''] = (await fleet.places()).split(' ');
    await fleet.maintain(primary, 'Maintenance');
    await fleet.until(async () => (await fleet.host(primary)).status.phase === 'Maintenance', 180_000);
    assert.equal(fleet.where(), shadow);
    await fleet.maintain(primary, 'Normal');
    await fleet.untilPair('True InStep', 120_000);
    const [now = '', next = ''] = (await fleet.places()).split(' ');
    await fleet.maintain(next, 'Maintenance');
    await fleet.until(async () => (await fleet.host(next)).status.phase === 'Maintenance', 180_000);
    await fleet.untilPair('True InStep', 120_000);
    assert.equal(fleet.where(), now);
    assert.ok(!(await fleet.places()).includes(next));
    await fleet.stop();
  });
});

describe('a shadow whose pair wants it elsewhere since', () => {
  it('is made there, and stays until that has room', async () => {
    const fleet = await inStep(3);
    const [primary = '', shadow = ''] = (await fleet.places()).split(' ');
    const third = ['rack-1', 'rack-2', 'rack-3'].find((name) => name !== primary && name !== shadow) ?? '';
    const zoned = { placement: { nodeSelector: { zone: 'b' } } };
    await fleet.protect(zoned);
    await fleet.clock.advance(10_000);
    assert.equal(await fleet.places(), `${primary} ${shadow}`, 'there is nowhere else yet');
    assert.equal(await fleet.pairSays(), 'True InStep');
    await fleet.during(fleet.person.patch(Node, { name: third }, { metadata: { labels: { zone: 'b' } } }));
    await fleet.protect({ ...zoned, checkpoint: { interval: '50ms' } });
    await fleet.until(async () => (await fleet.places()) === `${primary} ${third}`, 60_000);
    await fleet.untilPair('True InStep');
    assert.equal(await fleet.livesOf('db'), 1);
    await fleet.stop();
  });
});

describe('a shadow whose host is to be empty', () => {
  it('stays until another one is there, and the pair never says otherwise than what is so', async () => {
    const fleet = await inStep(3);
    const [primary = '', shadow = ''] = (await fleet.places()).split(' ');
    const said: string[] = [];
    await fleet.maintain(shadow, 'Maintenance');
    await fleet.until(async () => {
      said.push(await fleet.pairSays());
      // Without the second one there would be nobody while this one is there no more.
      if (said.at(-1) === 'False Preparing') assert.fail('it was given up before another one was there');
      return (await fleet.host(shadow)).status.phase === 'Maintenance';
    }, 180_000);
    await fleet.untilPair('True InStep', 60_000);
    assert.equal(fleet.where(), primary);
    assert.equal(await fleet.livesOf('db'), 1);
    assert.ok(!(await fleet.places()).includes(shadow));
    await fleet.stop();
  });

  it('stays where it has nowhere to go, and the host says which pair that is of, and why (rule 11)', async () => {
    const fleet = await inStep(2);
    const [, shadow = ''] = (await fleet.places()).split(' ');
    await fleet.maintain(shadow, 'Maintenance');
    await fleet.until(async () => evacuationOf(await fleet.host(shadow)).startsWith('Blocked'), 60_000);
    assert.match(
      evacuationOf(await fleet.host(shadow)),
      /1 VM cannot leave: shop\/db: the shadow of FTPair db has nowhere else to go: 0\/2 /,
    );
    assert.equal(await fleet.pairSays(), 'True InStep', 'it is protected still');
    await fleet.stop();
  });
});

function evacuationOf({ status }: Host): string {
  const said = findCondition(status.conditions, 'Evacuated');
  return `${said?.reason ?? ''}: ${said?.message ?? ''}`;
}
