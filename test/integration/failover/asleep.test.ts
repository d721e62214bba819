// A VM that sleeps, and whose host dies: it goes on elsewhere from its memory, once, where that can be reached (rules 1, 2, 9, 11).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findCondition } from '../../../src/meta/conditions.ts';
import { failoverFleet, type FailoverFleet } from './failover.ts';

async function asleep(disks: readonly object[] = [{ name: 'root', size: '10Gi' }]): Promise<{ fleet: FailoverFleet; host: string }> {
  const fleet = await failoverFleet(3);
  await fleet.makeVm('web', { disks });
  await fleet.untilReady('web');
  const host = fleet.whereIs('web');
  await fleet.patchVm('web', { powerState: 'Suspended' });
  await fleet.untilSays('web', 'Ready=True Suspended');
  return { fleet, host };
}

const ends = async (fleet: FailoverFleet, host: string): Promise<() => Promise<void>> => {
  const mend = await fleet.inject('PowerLoss', host);
  await fleet.until(async () => (await fleet.hostSays(host)).endsWith('Fenced'), 30_000);
  return mend;
};

const lifeOf = (fleet: FailoverFleet): unknown => fleet.world().reach({ namespace: 'shop', name: 'web' })?.life;

describe('a VM that sleeps on a host that dies', () => {
  it('goes on elsewhere when it is to run, from its memory; its host comes back clean', async () => {
    const { fleet, host } = await asleep();
    const mend = await ends(fleet, host);
    await fleet.patchVm('web', { powerState: 'PoweredOn' });
    await fleet.until(() => Promise.resolve(!['', host].includes(fleet.whereIs('web'))), 30_000);
    await fleet.untilReady('web');
    assert.equal((await fleet.instance('web')).spec.wakes, true);
    await mend();
    await fleet.until(async () => (await fleet.hostSays(host)) === 'True AgentAnswers');
    await fleet.clock.advance(60_000);
    assert.equal(await fleet.livesOf('web'), 2);
    const guests = fleet
      .world()
      .truth()
      .hosts.flatMap((one) => one.guests);
    assert.deepEqual(
      guests.map(({ state }) => state),
      ['Running'],
    );
  });

  it('goes on from what it was, not from its disks', async () => {
    const fleet = await failoverFleet(3);
    await fleet.makeVm('web');
    await fleet.untilReady('web');
    const [host, life] = [fleet.whereIs('web'), lifeOf(fleet)];
    await fleet.patchVm('web', { powerState: 'Suspended' });
    await fleet.untilSays('web', 'Ready=True Suspended');
    await ends(fleet, host);
    await fleet.patchVm('web', { powerState: 'PoweredOn' });
    await fleet.untilReady('web');
    assert.equal(lifeOf(fleet), life);
  });

  it('starts from its disks where it was powered off meanwhile: that memory is worth nothing', async () => {
    const { fleet, host } = await asleep();
    await ends(fleet, host);
    await fleet.patchVm('web', { powerState: 'PoweredOff' });
    await fleet.untilSays('web', 'Ready=False Stopping').catch(() => undefined);
    await fleet.patchVm('web', { powerState: 'PoweredOn' });
    await fleet.untilReady('web');
    assert.equal((await fleet.instances('web')).at(-1)?.spec.wakes, undefined);
  });

  it('dies again before it woke: the next life goes on from the same memory', async () => {
    const { fleet, host } = await asleep();
    await ends(fleet, host);
    await fleet.patchVm('web', { powerState: 'PoweredOn' });
    await fleet.until(async () => (await fleet.instances('web')).some(({ spec }) => spec.wakes === true && spec.nodeName !== host), 30_000);
    const second = (await fleet.instances('web')).find(({ spec }) => spec.nodeName !== host)?.spec.nodeName ?? '';
    await fleet.inject('PowerLoss', second);
    await fleet.until(() => Promise.resolve(!['', host, second].includes(fleet.whereIs('web'))), 120_000);
    await fleet.untilReady('web');
    assert.ok((await fleet.livesOf('web')) <= 3);
  });

  it('waits for its host where its memory is on local storage, and says so', async () => {
    const { fleet, host } = await asleep([{ name: 'root', size: '10Gi', datastore: 'local' }]);
    const mend = await ends(fleet, host);
    await fleet.patchVm('web', { powerState: 'PoweredOn' });
    await fleet.untilSays('web', 'Ready=False HostDead', 30_000);
    const said = findCondition((await fleet.vm('web')).status.conditions, 'Ready');
    assert.match(said?.message ?? '', /is on rack-\d+, which is dead: it starts there when that is back$/);
    await mend();
    await fleet.untilReady('web');
    assert.equal(fleet.whereIs('web'), host);
    assert.equal(await fleet.livesOf('web'), 2);
  });
});
