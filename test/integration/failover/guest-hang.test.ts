// A guest that hangs is reset where it is, as its VM asks, and no more often (rules 1, 7, 11).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Event } from '../../../src/meta/core.ts';
import { startFleet, type Fleet, type Spoilt } from '../fleet/fleet.ts';

const guestMonitoring = { interval: '30s', minimumUptime: '60s', maxResets: 2, resetWindow: '1h' };

async function fleetOf(availability: object, spoilt?: Spoilt): Promise<Fleet> {
  const fleet = await startFleet(1, { guestBootTime: '0s' }, undefined, spoilt);
  await fleet.makeVm('web', { availability });
  await fleet.untilReady('web');
  await fleet.clock.advance(60_000);
  return fleet;
}

const hang = (fleet: Fleet, name: string): Promise<void> =>
  fleet.makeFault(name, { type: 'GuestHang', virtualMachine: { namespace: 'shop', name: 'web' } });

const resets = async (fleet: Fleet): Promise<number> => (await fleet.instance('web')).status.resets?.length ?? 0;

describe('a guest that hangs', () => {
  it('is reset once nothing was seen of it for the interval, and runs again there, as the same instance; its VM tells of it', async () => {
    const fleet = await fleetOf({ guestMonitoring });
    const { uid } = (await fleet.instance('web')).metadata;
    await hang(fleet, 'hang');
    await fleet.clock.advance(25_000);
    assert.equal(await resets(fleet), 0);
    await fleet.untilSays('web', 'GuestAlive=True Heartbeat', 60_000);
    assert.equal(await resets(fleet), 1);
    assert.equal((await fleet.instance('web')).metadata.uid, uid);
    assert.deepEqual(fleet.running('web'), ['rack-1']);
    assert.equal((await fleet.vm('web')).status.lastGuestReset, (await fleet.instance('web')).status.resets?.[0]);
    fleet.lives();
    const { items } = await fleet.during(fleet.person.list(Event, { namespace: 'shop' }));
    assert.deepEqual(
      items.filter(({ reason }) => reason === 'GuestReset').map(({ note }) => note),
      ['its guest hung: no heartbeat, nothing sent, and no disk request done; it was reset'],
    );
    await fleet.stop();
  });

  it('is left as it is once it was reset as often as it may be, and says so', async () => {
    const fleet = await fleetOf({ guestMonitoring: { ...guestMonitoring, maxResets: 1, minimumUptime: '0s' } });
    await hang(fleet, 'first');
    await fleet.until(async () => (await resets(fleet)) === 1, 60_000);
    await fleet.untilSays('web', 'GuestAlive=True Heartbeat', 60_000);
    await hang(fleet, 'second');
    await fleet.untilSays('web', 'GuestAlive=False ResetLimit', 60_000);
    await fleet.clock.advance(300_000);
    assert.equal(await resets(fleet), 1);
    await fleet.stop();
  });

  it('is left as it is where nobody asks for it, or no longer does', async () => {
    const fleet = await fleetOf({ guestMonitoring });
    await fleet.patchVm('web', { availability: { guestMonitoring: null } });
    await fleet.until(async () => (await fleet.instance('web')).spec.guestMonitoring === undefined);
    await hang(fleet, 'hang');
    await fleet.clock.advance(300_000);
    assert.equal(await resets(fleet), 0);
    await fleet.untilSays('web', 'GuestAlive=False NoHeartbeat');
    await fleet.stop();
  });
});

describe('a guest without a heartbeat', () => {
  it('is not reset while it works', async () => {
    const spoilt: Spoilt = (port) => ({
      ...port,
      inventory: () => port.inventory(),
      guests: {
        list: async () => (await port.guests.list()).map((guest) => ({ ...guest, heartbeat: 'Silent' })),
        start: (spec, token) => port.guests.start(spec, token),
        stop: (id, how) => port.guests.stop(id, how),
        suspend: (id) => port.guests.suspend(id),
        resume: (id, token) => port.guests.resume(id, token),
        wake: (spec, from, token) => port.guests.wake(spec, from, token),
        sample: () => port.guests.sample(),
        events: (signal) => port.guests.events(signal),
      },
    });
    const fleet = await fleetOf({ guestMonitoring }, spoilt);
    await fleet.clock.advance(300_000);
    assert.equal(await resets(fleet), 0);
    await fleet.stop();
  });
});
