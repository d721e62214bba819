import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostUsage } from '../../../src/api/host-usage.ts';
import { VirtualMachineInstance } from '../../../src/api/virtual-machine-instance.ts';
import { VirtualMachine } from '../../../src/api/virtual-machine.ts';
import { PortError } from '../../../src/ports/errors.ts';
import type { GuestId } from '../../../src/ports/guests.ts';
import type { HostPort } from '../../../src/ports/host-port.ts';
import { startFleet, type Fleet, type Spoilt } from './fleet.ts';

const onLocalDisk = { disks: [{ name: 'root', size: '1Gi', datastore: 'local' }] };

/** As a person who deletes an instance and takes its finalizer away. @returns its uid. */
async function deleteByForce(fleet: Fleet, name: string): Promise<string> {
  const { metadata } = await fleet.instance(name);
  const ref = { namespace: 'shop', name: metadata.name };
  await fleet.during(fleet.person.patch(VirtualMachineInstance, ref, { metadata: { finalizers: [] } }));
  await fleet.during(fleet.person.delete(VirtualMachineInstance, ref));
  return metadata.uid;
}

/** Hosts on which ending a guest goes as `stop` says. */
function stopping(stop: (id: GuestId, goes: () => Promise<void>, how: Parameters<HostPort['guests']['stop']>[1]) => Promise<void>): Spoilt {
  return (port: HostPort) => ({
    datastores: port.datastores,
    inventory: () => port.inventory(),
    moves: port.moves,
    protection: port.protection,
    switching: port.switching,
    settings: port.settings,
    surroundings: port.surroundings,
    guests: { ...bound(port.guests), stop: (id, how) => stop(id, () => port.guests.stop(id, how), how) },
  });
}

function bound(guests: HostPort['guests']): HostPort['guests'] {
  return {
    list: () => guests.list(),
    start: (spec, token) => guests.start(spec, token),
    stop: (id, how) => guests.stop(id, how),
    suspend: (id) => guests.suspend(id),
    resume: (id, token) => guests.resume(id, token),
    wake: (spec, from, token) => guests.wake(spec, from, token),
    sample: () => guests.sample(),
    events: (signal) => guests.events(signal),
  };
}

describe('arbiters of lives that are over (rules 1 and 2)', () => {
  for (const [arbiter, spec] of [
    ['the datastore', {}],
    ['the API', onLocalDisk],
  ] as const) {
    test(`an agent that dies between ending a stranger and freeing its arbiter, ${arbiter}: the next one frees it`, async () => {
      const doomed = new Set<GuestId>();
      const ended = new Set<GuestId>();
      const spoilt = stopping(async (id, goes) => {
        await goes();
        if (!doomed.has(id)) return;
        ended.add(id);
        await new Promise(() => undefined);
      });
      const fleet = await startFleet(1, {}, undefined, spoilt);
      await fleet.makeVm('web', spec);
      await fleet.untilReady('web');
      const { uid } = (await fleet.instance('web')).metadata;
      doomed.add(uid);
      await deleteByForce(fleet, 'web');
      await fleet.until(() => Promise.resolve(ended.has(uid)));
      await fleet.makeFault('crash', { type: 'AgentCrash', nodeName: 'rack-1', duration: '20s' });
      await fleet.until(() => Promise.resolve(fleet.lives().length === 2));
      await fleet.untilReady('web');
      await fleet.stop();
    });

    test(`a host that lost its power, and its instance by force meanwhile, ${arbiter}: what it held is free again`, async () => {
      const fleet = await startFleet(1);
      await fleet.makeVm('web', spec);
      await fleet.untilReady('web');
      await fleet.makeFault('outage', { type: 'PowerLoss', nodeName: 'rack-1', duration: '60s' });
      await fleet.clock.advance(1000);
      await deleteByForce(fleet, 'web');
      await fleet.until(() => Promise.resolve(fleet.lives().length === 2), 180_000);
      await fleet.untilReady('web');
      await fleet.stop();
    });
  }

  test('a start that is under way while its instance is deleted by force keeps its arbiter until there is a guest to end', async () => {
    const gate = Promise.withResolvers<undefined>();
    let starts = 0;
    const spoilt: Spoilt = (port) => ({
      datastores: port.datastores,
      inventory: () => port.inventory(),
      moves: port.moves,
      protection: port.protection,
      switching: port.switching,
      settings: port.settings,
      surroundings: port.surroundings,
      guests: {
        ...bound(port.guests),
        start: async (spec, token) => {
          if (starts++ === 0) await gate.promise;
          await port.guests.start(spec, token);
        },
      },
    });
    const fleet = await startFleet(2, {}, undefined, spoilt);
    await fleet.makeVm('web');
    await fleet.until(() => Promise.resolve(starts === 1));
    await deleteByForce(fleet, 'web');
    await fleet.clock.advance(90_000);
    gate.resolve(undefined);
    await fleet.untilReady('web');
    await fleet.clock.advance(60_000);
    assert.equal(fleet.running('web').length, 1);
    assert.equal(fleet.lives().length, 2);
    await fleet.stop();
  });

  test('a stranger that cannot be ended keeps no other from being ended', async () => {
    const stuck = new Set<GuestId>();
    const spoilt = stopping((id, goes) => (stuck.has(id) ? Promise.reject(new Error('it does not die')) : goes()));
    const fleet = await startFleet(1, {}, undefined, spoilt);
    for (const name of ['one', 'two', 'three']) await fleet.makeVm(name);
    await fleet.untilReady('one', 'two', 'three');
    const uids = new Map<string, string>();
    for (const name of ['one', 'two', 'three']) {
      const { uid } = (await fleet.instance(name)).metadata;
      if (name === 'one') stuck.add(uid);
      uids.set(name, await deleteByForce(fleet, name));
    }
    const runs = (name: string): boolean => {
      const { hosts } = fleet.world().truth();
      return hosts.some(({ guests }) => guests.some((guest) => guest.id === uids.get(name)));
    };
    await fleet.until(() => Promise.resolve(!runs('two') && !runs('three')));
    await fleet.until(() => Promise.resolve(fleet.lives().length === 5));
    assert.ok(runs('one'));
    stuck.clear();
    await fleet.until(() => Promise.resolve(fleet.lives().length === 6));
    await fleet.untilReady('one', 'two', 'three');
    await fleet.stop();
  });
});

describe('ending a guest', () => {
  test('a shutdown that was refused leaves nothing behind that cuts its power later: the repetition has its whole grace', async () => {
    const asked: string[] = [];
    const spoilt = stopping((_id, goes, how) => {
      asked.push(how);
      return asked.length === 1 ? Promise.reject(new PortError('Failed', 'not now')) : goes();
    });
    const fleet = await startFleet(1, {}, undefined, spoilt);
    await fleet.makeVm('web');
    await fleet.untilReady('web');
    await fleet.during(fleet.person.delete(VirtualMachine, { namespace: 'shop', name: 'web' }));
    await fleet.until(async () => (await fleet.find('web')) === undefined);
    await fleet.clock.advance(60_000);
    assert.deepEqual(asked, ['ShutDown', 'ShutDown']);
    await fleet.stop();
  });
});

describe('errands', () => {
  test('one that failed for a long time goes on within about a minute once it can: its VM does not wait for it longer', async () => {
    let fails = true;
    const spoilt: Spoilt = (port) => ({
      guests: port.guests,
      inventory: () => port.inventory(),
      moves: port.moves,
      protection: port.protection,
      switching: port.switching,
      settings: port.settings,
      surroundings: port.surroundings,
      datastores: {
        attach: (specs) => port.datastores.attach(specs),
        ensure: (ref, size) => port.datastores.ensure(ref, size),
        remove: (ref) => (fails ? Promise.reject(new Error('the server cannot be reached')) : port.datastores.remove(ref)),
        list: (name) => port.datastores.list(name),
        held: () => port.datastores.held(),
        arbiter: (name) => port.datastores.arbiter(name),
      },
    });
    const fleet = await startFleet(1, {}, undefined, spoilt);
    await fleet.makeVm('web', { disks: [{ name: 'root', size: '1Gi', whenRemoved: 'Delete' }] });
    await fleet.untilReady('web');
    await fleet.during(fleet.person.delete(VirtualMachine, { namespace: 'shop', name: 'web' }));
    await fleet.clock.advance(720_000);
    assert.deepEqual(fleet.volumes(), ['shared/shop/web/root']);
    fails = false;
    await fleet.until(async () => (await fleet.find('web')) === undefined, 90_000);
    assert.deepEqual(fleet.volumes(), []);
    await fleet.stop();
  });
});

describe('what an agent hears and says', () => {
  test('events of guests are followed again after the hypervisor hung up', async () => {
    const cuts: (() => void)[] = [];
    const listens = (): number => cuts.length;
    const spoilt: Spoilt = (port) => ({
      datastores: port.datastores,
      inventory: () => port.inventory(),
      moves: port.moves,
      protection: port.protection,
      switching: port.switching,
      settings: port.settings,
      surroundings: port.surroundings,
      guests: { ...bound(port.guests), events: (signal) => breakable(port.guests.events(signal), cuts) },
    });
    const fleet = await startFleet(1, {}, undefined, spoilt);
    await fleet.makeVm('web');
    await fleet.untilReady('web');
    assert.equal(listens(), 1);
    cuts[0]?.();
    await fleet.until(() => Promise.resolve(listens() === 2));
    cuts[1]?.();
    await fleet.until(() => Promise.resolve(listens() === 3));
    await fleet.stop();
  });

  test('a host that became empty while its agent was away says so', async () => {
    const fleet = await startFleet(1);
    await fleet.makeVm('web');
    await fleet.untilReady('web');
    const vms = async (): Promise<number | undefined> =>
      (await fleet.during(fleet.person.get(HostUsage, { name: 'rack-1' })))?.status.virtualMachines?.length;
    await fleet.until(async () => (await vms()) === 1);
    await fleet.makeFault('outage', { type: 'PowerLoss', nodeName: 'rack-1', duration: '60s' });
    await fleet.patchVm('web', { powerState: 'PoweredOff' });
    await fleet.until(async () => (await vms()) === 0, 300_000);
    await fleet.stop();
  });
});

async function* breakable<T>(source: AsyncIterable<T>, cuts: (() => void)[]): AsyncGenerator<T, void> {
  const cut = new Promise<never>((_resolve, reject) => {
    cuts.push(() => {
      reject(new Error('the hypervisor hung up'));
    });
  });
  const iterator = source[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([iterator.next(), cut]);
    if (next.done === true) return;
    yield next.value;
  }
}
