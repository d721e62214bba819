// In which order VMs start: at a cold start, and when their host has died (rules 2 and 11).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Event } from '../../../src/meta/core.ts';
import { findCondition } from '../../../src/meta/conditions.ts';
import { failoverFleet, type FailoverFleet } from './failover.ts';

const booting = { guestBootTime: '5s' };
const after = (virtualMachine: string, more: object = {}): object => ({ availability: { startAfter: [{ virtualMachine, ...more }] } });

async function startedAt(fleet: FailoverFleet, name: string): Promise<number> {
  const uid = (await fleet.vm(name)).metadata.uid;
  const [last] = fleet
    .lives()
    .filter(({ vm }) => vm === uid)
    .slice(-1);
  return last?.from.at ?? assert.fail(`${name} never ran`);
}

async function says(fleet: FailoverFleet, name: string, type: string): Promise<string> {
  const found = findCondition((await fleet.vm(name)).status.conditions, type);
  return `${found?.status ?? ''} ${found?.reason ?? ''}: ${found?.message ?? ''}`;
}

describe('startAfter', () => {
  it('lets a VM wait for the heartbeat of another, with its reason, also when both died with their hosts', async () => {
    const fleet = await failoverFleet(3, booting);
    await fleet.makeVm('web', after('db'));
    await fleet.untilSays('web', 'Placed=False StartAfter');
    assert.match(await says(fleet, 'web', 'Ready'), /^False StartAfter: starts after VM db, which is not alive/);
    await fleet.makeVm('db', { placement: { affinity: [] } });
    await fleet.untilReady('db', 'web');
    assert.ok((await startedAt(fleet, 'web')) >= (await startedAt(fleet, 'db')) + 5_000);
    assert.equal((await fleet.vm('web')).status.startWaitsSince, undefined);

    const hosts = new Set([fleet.whereIs('web'), fleet.whereIs('db')]);
    for (const host of hosts) await fleet.inject('PowerLoss', host);
    const isBack = async (): Promise<boolean> => (await fleet.livesOf('web')) === 2 && (await fleet.livesOf('db')) === 2;
    await fleet.until(isBack, 60_000);
    assert.ok((await startedAt(fleet, 'web')) >= (await startedAt(fleet, 'db')) + 5_000);
  });

  it('starts without the other when that has not come in time, and an event says so', async () => {
    const fleet = await failoverFleet(1, booting);
    await fleet.makeVm('web', after('db', { timeout: '20s' }));
    await fleet.clock.advance(15_000);
    assert.equal(fleet.whereIs('web'), '');
    await fleet.untilReady('web');
    const { items } = await fleet.during(fleet.person.list(Event, { namespace: 'shop' }));
    const told = items.find(({ reason }) => reason === 'StartAfterTimedOut');
    assert.match(told?.note ?? '', /^starts without db, /);
  });

  it('starts none of those that wait for each other, and says so of each, until one is changed', async () => {
    const fleet = await failoverFleet(1);
    await fleet.makeVm('a', after('b'));
    await fleet.makeVm('b');
    await fleet.untilReady('a', 'b');
    await fleet.patchVm('b', after('a'));
    // One that runs goes on, and is told before it is too late.
    for (const name of ['a', 'b']) await fleet.untilSays(name, 'Stalled=True StartCycle');
    assert.equal(fleet.whereIs('a'), fleet.whereIs('b'));
    for (const name of ['a', 'b']) await fleet.patchVm(name, { powerState: 'PoweredOff' });
    for (const name of ['a', 'b']) await fleet.untilSays(name, 'Ready=True PoweredOff');
    for (const name of ['a', 'b']) await fleet.patchVm(name, { powerState: 'PoweredOn' });
    for (const name of ['a', 'b']) await fleet.untilSays(name, 'Ready=False StartCycle');
    await fleet.clock.advance(600_000);
    assert.equal(fleet.whereIs('a') + fleet.whereIs('b'), '');
    await fleet.patchVm('b', { availability: { startAfter: null } });
    await fleet.untilReady('a', 'b');
    await fleet.untilSays('a', 'Stalled=False Progressing');
  });
});
