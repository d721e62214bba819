import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { GuestEvent, GuestSpec } from '../../src/ports/guests.ts';
import type { HostPort } from '../../src/ports/host-port.ts';
import { beating, gibibyte, guestOf, guestSpec, isNo, refused, started, tokenFor, type HostBench } from './host-bench.ts';
import { movesContract } from './moves.ts';
import { switchingContract } from './switching.ts';

/** What HostPort in src/ports promises, held against one implementation. */
export function hostPortContract(name: string, make: () => Promise<HostBench>): void {
  describe(`${name} keeps the contract of HostPort`, () => {
    let bench: HostBench;
    beforeEach(async () => {
      bench = await make();
      for (const host of [bench.a, bench.b]) {
        await host.datastores.attach([
          { name: 'shared', type: 'SharedDirectory', path: bench.paths.shared },
          { name: 'local', type: 'Local', path: bench.paths.local },
        ]);
      }
    });
    afterEach(() => bench.dispose());

    inventoryContract(() => bench);
    datastoreContract(() => bench);
    leaseContract(() => bench);
    guestContract(() => bench);
    suspendContract(() => bench);
    movesContract(() => bench);
    switchingContract(() => bench);
  });
}

function inventoryContract(bench: () => HostBench): void {
  test('the inventory has what guests can have', async () => {
    const { cores, memoryBytes, bootedAt } = await bench().a.inventory();
    assert.ok(cores >= 1);
    assert.ok(memoryBytes >= 2 * bench().guestMemoryBytes);
    assert.ok(bootedAt > 0);
  });
}

function datastoreContract(bench: () => HostBench): void {
  describe('a datastore', () => {
    const root = { datastore: 'shared', volume: 'shop/web-1/root' };
    const sizeOf = async (host: HostPort, datastore: string, volume: string): Promise<number | undefined> =>
      (await host.datastores.list(datastore)).find((item) => item.volume === volume)?.bytes;

    test('makes a volume, grows it, never shrinks it', async () => {
      const { datastores } = bench().a;
      await datastores.ensure(root, gibibyte);
      assert.equal(await sizeOf(bench().a, 'shared', root.volume), gibibyte);
      await datastores.ensure(root, 2 * gibibyte);
      assert.equal(await sizeOf(bench().a, 'shared', root.volume), 2 * gibibyte);
      await datastores.ensure(root, gibibyte);
      assert.equal(await sizeOf(bench().a, 'shared', root.volume), 2 * gibibyte);
    });

    test('forgets a volume that is removed, also when it is removed twice', async () => {
      const { datastores } = bench().a;
      await datastores.ensure(root, gibibyte);
      await datastores.remove(root);
      await datastores.remove(root);
      assert.deepEqual(await datastores.list('shared'), []);
    });

    test('is one for all hosts when shared, and one a host when local', async () => {
      const { a, b } = bench();
      await a.datastores.ensure(root, gibibyte);
      await a.datastores.ensure({ ...root, datastore: 'local' }, gibibyte);
      assert.equal(await sizeOf(b, 'shared', root.volume), gibibyte);
      assert.equal(await sizeOf(b, 'local', root.volume), undefined);
      assert.equal(await sizeOf(a, 'local', root.volume), gibibyte);
    });

    test('that nobody attached is not found', async () => {
      const { datastores } = bench().a;
      await refused(datastores.ensure({ datastore: 'nowhere', volume: 'v' }, 1), 'NotFound');
      await refused(datastores.remove({ datastore: 'nowhere', volume: 'v' }), 'NotFound');
      await refused(datastores.list('nowhere'), 'NotFound');
      assert.throws(() => datastores.arbiter('nowhere'), isNo('NotFound'));
    });

    test('that is full says so, and keeps what it has', async () => {
      const { datastores } = bench().a;
      await datastores.ensure(root, gibibyte);
      await refused(datastores.ensure({ datastore: 'shared', volume: 'shop/web-1/data' }, bench().tooLargeBytes), 'DiskFull');
      await refused(datastores.ensure(root, bench().tooLargeBytes), 'DiskFull');
      assert.deepEqual(await datastores.list('shared'), [{ ...root, bytes: gibibyte }]);
    });
  });
}

/** What else they promise stands in the contract of Arbiter. */
function leaseContract(bench: () => HostBench): void {
  test('there are no leases on a local datastore', () => {
    assert.throws(() => bench().a.datastores.arbiter('local'), isNo('NotFound'));
  });
}

function guestContract(bench: () => HostBench): void {
  describe('a guest', () => {
    test('runs once it was started, is found with its spec, and says after a while that it lives', async () => {
      const spec = await started(bench(), 'g1');
      const guest = await guestOf(bench().a, 'g1');
      assert.equal(guest?.state, 'Running');
      assert.deepEqual(guest.spec, spec);
      assert.ok(guest.startedAt > 0);
      await beating(bench(), 'g1');
      assert.equal(await guestOf(bench().b, 'g1'), undefined);
    });

    test('starts only with the word of its own arbiter (rule 1)', async () => {
      const spec = guestSpec(bench(), 'g1', { disks: [] });
      await refused(bench().a.guests.start(spec, { vm: spec.vm.uid, holder: 'another' }), 'NotHolder');
      await refused(bench().a.guests.start(spec, { vm: 'another', holder: spec.id }), 'NotHolder');
      assert.deepEqual(await bench().a.guests.list(), []);
    });

    test('does not start twice, nor without its disks, nor without room', async () => {
      const spec = await started(bench(), 'g1');
      await refused(bench().a.guests.start(spec, tokenFor(spec)), 'Exists');
      const bare = guestSpec(bench(), 'g2');
      await refused(bench().a.guests.start(bare, tokenFor(bare)), 'NotFound');
      const { memoryBytes, cores } = await bench().a.inventory();
      const large = guestSpec(bench(), 'g3', { disks: [], memoryBytes });
      await refused(bench().a.guests.start(large, tokenFor(large)), 'NoRoom');
      const wide = guestSpec(bench(), 'g4', { disks: [], cores: cores + 1 });
      await refused(bench().a.guests.start(wide, tokenFor(wide)), 'NoRoom');
      assert.deepEqual(
        (await bench().a.guests.list()).map((guest) => guest.spec.id),
        ['g1'],
      );
    });

    test('gives its room back when it is powered off, and its disks stay', async () => {
      await started(bench(), 'g1');
      await bench().during(bench().a.guests.stop('g1', 'PowerOff'));
      assert.deepEqual(await bench().a.guests.list(), []);
      assert.equal((await bench().a.datastores.list('shared')).length, 1);
      const { memoryBytes } = await bench().a.inventory();
      assert.ok(memoryBytes >= 2 * bench().guestMemoryBytes);
      await started(bench(), 'g1');
    });

    test('shuts down when asked, and is forgotten then', async () => {
      await started(bench(), 'g1');
      await beating(bench(), 'g1');
      await bench().during(bench().a.guests.stop('g1', 'ShutDown'));
      assert.deepEqual(await bench().a.guests.list(), []);
    });

    test('that is not there is dead already', async () => {
      await bench().during(bench().a.guests.stop('nobody', 'PowerOff'));
      await bench().during(bench().a.guests.stop('nobody', 'ShutDown'));
    });

    test('that is cut while it shuts down is dead for both who asked', async () => {
      await started(bench(), 'g1');
      await beating(bench(), 'g1');
      const asked = bench().a.guests.stop('g1', 'ShutDown');
      const cut = bench().a.guests.stop('g1', 'PowerOff');
      await bench().during(Promise.all([asked, cut]));
      assert.deepEqual(await bench().a.guests.list(), []);
    });

    test('is sampled while it runs', async () => {
      await started(bench(), 'g1');
      await beating(bench(), 'g1');
      const samples = await bench().a.guests.sample();
      assert.deepEqual(
        samples.map((sample) => sample.id),
        ['g1'],
      );
      const [sample] = samples;
      assert.ok(sample !== undefined && sample.milliCores >= 0 && sample.milliCores <= 1000);
      assert.ok(sample.memoryBytes > 0 && sample.memoryBytes <= bench().guestMemoryBytes);
    });

    test('tells what happens to it, until the listener has heard enough', async () => {
      const enough = new AbortController();
      const heard: string[] = [];
      const listening = listen(bench().a.guests.events(enough.signal), heard);
      await started(bench(), 'g1');
      await bench().until(() => Promise.resolve(heard.length >= 2));
      await bench().during(bench().a.guests.stop('g1', 'PowerOff'));
      await bench().until(() => Promise.resolve(heard.length >= 3));
      enough.abort();
      await bench().during(listening);
      assert.deepEqual(heard, ['g1 Started', 'g1 Booted', 'g1 Stopped']);
    });
  });
}

function suspendContract(bench: () => HostBench): void {
  const suspended = async (id: string): Promise<GuestSpec> => {
    const spec = await started(bench(), id);
    await beating(bench(), id);
    await bench().during(bench().a.guests.suspend(id));
    return spec;
  };
  const volumes = async (): Promise<string[]> => (await bench().a.datastores.list('shared')).map((volume) => volume.volume);

  describe('a suspended guest', () => {
    test('is listed, its memory in its memory file, and takes no room', async () => {
      await suspended('g1');
      assert.equal((await guestOf(bench().a, 'g1'))?.state, 'Suspended');
      assert.ok((await volumes()).includes('shop/g1/memory'));
      assert.deepEqual(await bench().a.guests.sample(), []);
      await bench().during(bench().a.guests.suspend('g1'));
    });

    test('goes on from its memory file, which is good for one time', async () => {
      const spec = await suspended('g1');
      await bench().during(bench().a.guests.resume('g1', tokenFor(spec)));
      const guest = await guestOf(bench().a, 'g1');
      assert.equal(guest?.state, 'Running');
      await beating(bench(), 'g1');
      assert.ok(!(await volumes()).includes('shop/g1/memory'));
    });

    test('goes on only with the word of its own arbiter (rule 1)', async () => {
      const spec = await suspended('g1');
      await refused(bench().during(bench().a.guests.resume('g1', { vm: spec.vm.uid, holder: 'another' })), 'NotHolder');
      assert.equal((await guestOf(bench().a, 'g1'))?.state, 'Suspended');
    });

    test('loses its memory file when it is stopped', async () => {
      await suspended('g1');
      await bench().during(bench().a.guests.stop('g1', 'ShutDown'));
      assert.deepEqual(await bench().a.guests.list(), []);
      assert.deepEqual(await volumes(), ['shop/g1/root']);
    });

    test('goes on elsewhere as another guest of its VM, from its memory file, once; there it is gone (rule 1)', async () => {
      const spec = await suspended('g1');
      const next = { ...spec, id: 'g2' };
      await bench().during(bench().b.guests.wake(next, ['g1'], tokenFor(next)));
      await bench().during(bench().b.guests.wake(next, ['g1'], tokenFor(next)));
      assert.equal((await guestOf(bench().b, 'g2'))?.state, 'Running');
      assert.ok(!(await volumes()).includes('shop/g1/memory'));
      await refused(bench().during(bench().a.guests.resume('g1', tokenFor(spec))), 'MemoryLost');
      const third = { ...spec, id: 'g3' };
      await refused(bench().during(bench().a.guests.wake(third, ['g1', 'g2'], tokenFor(third))), 'MemoryLost');
    });

    test('goes on elsewhere only for those who name it, and with the word of their own arbiter', async () => {
      const spec = await suspended('g1');
      const next = { ...spec, id: 'g2' };
      await refused(bench().during(bench().b.guests.wake(next, ['another'], tokenFor(next))), 'MemoryLost');
      await refused(bench().during(bench().b.guests.wake(next, ['g1'], tokenFor(spec))), 'NotHolder');
      await bench().during(bench().a.guests.resume('g1', tokenFor(spec)));
      assert.equal((await guestOf(bench().a, 'g1'))?.state, 'Running');
    });

    test('that goes on elsewhere and sleeps there keeps its file, whatever becomes of the one that it was', async () => {
      const spec = await suspended('g1');
      const next = { ...spec, id: 'g2' };
      await bench().during(bench().b.guests.wake(next, ['g1'], tokenFor(next)));
      await bench().during(bench().b.guests.suspend('g2'));
      await bench().during(bench().a.guests.stop('g1', 'PowerOff'));
      assert.ok((await volumes()).includes('shop/g1/memory'));
      await bench().during(bench().b.guests.resume('g2', tokenFor(next)));
    });

    test('has no memory any more once another guest of its VM has started from the disks', async () => {
      const spec = await suspended('g1');
      const next = { ...spec, id: 'g2' };
      await bench().during(bench().b.guests.start(next, tokenFor(next)));
      assert.ok(!(await volumes()).includes('shop/g1/memory'));
      await refused(bench().during(bench().a.guests.resume('g1', tokenFor(spec))), 'MemoryLost');
    });

    test('is not made of one that is not there', async () => {
      await refused(bench().during(bench().a.guests.suspend('nobody')), 'NotFound');
      await refused(bench().during(bench().a.guests.resume('nobody', { vm: 'vm', holder: 'nobody' })), 'NotFound');
    });
  });
}

async function listen(events: AsyncIterable<GuestEvent>, heard: string[]): Promise<void> {
  for await (const event of events) heard.push(`${event.id} ${event.type}`);
}
