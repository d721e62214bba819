import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import type { MemoryDisk } from '../../sim/disk.ts';
import { memoryDisk } from '../../sim/disk.ts';
import { openStore } from './store.ts';
import type { Given } from './test-support.ts';
import { disk, erase, noneGiven, noting, said, settle, standing, still, write } from './test-support.ts';
import type { Store } from './types.ts';

type Power = 'kept' | 'lost';

interface Attempt {
  readonly key: string;
  /** Undefined: removed. */
  readonly n: number | undefined;
}

/** A disk whose process dies at the pause number `at`, before or after an effect. */
interface Doomed {
  readonly machine: MemoryDisk;
  /** Dies at that pause from now on; settles when it has. */
  doom(at: number, power: Power): Promise<'dead'>;
}

function doomed(seed: number): Doomed {
  let left = Infinity;
  let power: Power = 'kept';
  let die: (how: 'dead') => void = () => undefined;
  const machine = memoryDisk({
    random: seededRandom(seed),
    pause: async () => {
      if (--left > 0) return;
      left = Infinity;
      machine.crash(power);
      die('dead');
      await new Promise<never>(() => undefined);
    },
  });
  return {
    machine,
    doom: (at, how) => {
      left = at;
      power = how;
      return new Promise((resolve) => (die = resolve));
    },
  };
}

/** A life with single writes, batches, compactions beside them, and an end. */
async function live(store: Store, attempts: Attempt[]): Promise<void> {
  const put = (key: string, n: number): Promise<unknown> => {
    attempts.push({ key, n });
    return write(store, key, n);
  };
  const remove = (key: string): Promise<unknown> => {
    attempts.push({ key, n: undefined });
    return erase(store, key);
  };
  await put('/a', 1);
  await Promise.all([put('/b', 2), put('/c', 3), put('/d', 4)]);
  await store.compact(store.revision());
  await Promise.all([put('/a', 5), remove('/b'), put('/e', 6)]);
  await Promise.all([store.compact(store.revision()), put('/a', 7), put('/f', 8)]);
  await remove('/c');
  await store.close();
}

/** Everything visible is there; what nobody was told of is there as it was meant, or not at all. */
function checkSurvivor(after: Store, visible: ReadonlyMap<string, unknown>, attempts: readonly Attempt[]): void {
  const found = standing(after);
  for (const key of new Set([...visible.keys(), ...found.keys()])) {
    const meant = attempts.filter((attempt) => attempt.key === key).map(({ n }) => n);
    // Attempts on one key come one after the other here: what is found is what was visible, or what came next.
    const possible = meant.slice(visible.has(key) ? meant.indexOf(visible.get(key) as number) : 0, undefined);
    assert.ok(
      found.get(key) === visible.get(key) || possible.includes(found.get(key) as number | undefined),
      `${key} is ${String(found.get(key))}`,
    );
  }
}

/** Lives until the crash at pause `at`. @returns false when it lived to the end. */
async function liveAndDie({ machine, doom }: Doomed, at: number, power: Power, given: Given): Promise<boolean> {
  const attempts: Attempt[] = [];
  let store: Store | undefined;
  const death = doom(at, power);
  const life = (async () => {
    store = await openStore(noting(machine.mount(), given), still);
    await live(store, attempts);
  })();
  const dead = (await Promise.race([life, death])) === 'dead';
  const visible = store === undefined ? new Map<string, unknown>() : standing(store);
  void doom(Infinity, 'kept');
  const after = await openStore(noting(machine.mount(), given), still);
  checkSurvivor(after, visible, attempts);
  assert.ok(after.revision() >= (store?.revision() ?? 1));
  await write(after, '/after', 9);
  assert.equal(standing(after).get('/after'), 9);
  await after.close();
  assert.deepEqual(given.repeated, []);
  return dead;
}

describe('a crash at any step of any call to the disk', () => {
  for (const power of ['kept', 'lost'] as const) {
    test(`loses nothing that was visible, and gives no revision twice, with power ${power}`, async () => {
      let steps = 0;
      for (let alive = false; !alive; steps++) {
        // A loss of power is a matter of luck: try each step with several.
        for (let seed = 0; seed < (power === 'lost' ? 12 : 1); seed++)
          alive = !(await liveAndDie(doomed(seed), steps + 1, power, noneGiven()));
      }
      assert.ok(steps > 60, `only ${String(steps)} steps were tried`);
    });

    test(`also in the middle of the recovery from another one, with power ${power}`, async () => {
      for (let step = 1; step < 90; step += 3) {
        for (let recovery = 1; recovery < 30; recovery += 2) await dieTwice(step, recovery, power);
      }
    });
  }
});

async function dieTwice(step: number, recovery: number, power: Power): Promise<void> {
  const subject = doomed(step * 100 + recovery);
  const { machine, doom } = subject;
  const attempts: Attempt[] = [];
  const given = noneGiven();
  let store: Store | undefined;
  const first = doom(step, power);
  const life = (async () => {
    store = await openStore(noting(machine.mount(), given), still);
    await live(store, attempts);
  })();
  await Promise.race([life, first]);
  const visible = store === undefined ? new Map<string, unknown>() : standing(store);
  const second = doom(recovery, power);
  const again = (async () => write(await openStore(noting(machine.mount(), given), still), '/after', 9))();
  await Promise.race([again, second]);
  attempts.push({ key: '/after', n: 9 });
  machine.crash(power);
  void doom(Infinity, 'kept');
  const after = await openStore(noting(machine.mount(), given), still);
  checkSurvivor(after, visible, attempts);
  await write(after, '/last', 10);
  assert.deepEqual(given.repeated, []);
}

/** A machine that never comes to the end of a sync, when it stalls. */
interface Stalling {
  readonly machine: MemoryDisk;
  readonly given: Given;
  open(): Promise<Store>;
  /** From now on; settles when a sync has been called. */
  stall(): Promise<undefined>;
  /** Crashes; of the log, only its first `length` bytes are left. */
  lose(length: number): void;
}

function stalling(): Stalling {
  const given = noneGiven();
  let stuck: PromiseWithResolvers<undefined> | undefined;
  const machine = disk({
    pause: async (operation) => {
      if (stuck === undefined || operation !== 'sync') return;
      stuck.resolve(undefined);
      await new Promise<never>(() => undefined);
    },
  });
  return {
    machine,
    given,
    open: () => openStore(noting(machine.mount(), given), still),
    stall: () => {
      stuck = Promise.withResolvers();
      return stuck.promise;
    },
    lose: (length) => {
      stuck = undefined;
      machine.crash('kept');
      machine.poke('log.1', (machine.peek('log.1') ?? new Uint8Array()).slice(0, length));
    },
  };
}

describe('no revision is given twice', () => {
  test('when all of a burst larger than a batch was lost', async () => {
    const { machine, given, open, stall, lose } = stalling();
    const store = await open();
    const length = machine.used();
    const stuck = stall();
    for (let i = 0; i < 2500; i++) void write(store, `/${String(i)}`, i);
    await stuck;
    lose(length);
    assert.ok(given.seen.size > 100);
    const again = await open();
    await Promise.all(Array.from({ length: 2500 }, (_, i) => write(again, `/${String(i)}`, i)));
    assert.deepEqual(given.repeated, []);
  });

  test('when the first writes after each of several restarts were lost', async () => {
    const { machine, given, open, stall, lose } = stalling();
    await write(await open(), '/a', 1);
    for (let life = 0; life < 4; life++) {
      lose(machine.used());
      const length = machine.used();
      const store = await open();
      const stuck = stall();
      void write(store, '/b', life);
      await stuck;
      lose(length);
    }
    await write(await open(), '/b', 5);
    assert.deepEqual(given.repeated, []);
  });
});

test('what was read back after the end of a process outlives a loss of power', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const stuck = Promise.withResolvers<undefined>();
    let syncs = true;
    const machine = memoryDisk({
      random: seededRandom(seed),
      pause: async (operation) => {
        if (syncs || operation !== 'sync') return;
        stuck.resolve(undefined);
        await new Promise<never>(() => undefined);
      },
    });
    const store = await openStore(machine.mount(), still);
    syncs = false;
    void write(store, '/a', 1);
    await stuck.promise;
    machine.crash('kept');
    syncs = true;
    // The write is in the machine's cache, so whoever opens the store sees it.
    assert.equal(said(await openStore(machine.mount(), still)), '/a=1');
    machine.crash('lost');
    assert.equal(said(await openStore(machine.mount(), still)), '/a=1');
  }
});

test('a watch goes on after a restart where it was', async () => {
  const machine = disk();
  const store = await openStore(machine.mount(), still);
  const from = await write(store, '/a', 1);
  await write(store, '/b', 2);
  await erase(store, '/a');
  machine.crash('lost');
  const again = await openStore(machine.mount(), still);
  assert.equal(said(again.list('', { at: from })), '/a=1');
  for await (const changes of again.watch('', from)) {
    assert.deepEqual(
      changes.map(({ type, key, before }) => [type, key, before?.key]),
      [
        ['ADDED', '/b', undefined],
        ['DELETED', '/a', '/a'],
      ],
    );
    break;
  }
});

test('what a crash in a compaction left behind goes when the store is opened', async () => {
  const machine = disk({ pause: (operation) => (operation === 'remove' ? new Promise<never>(() => undefined) : Promise.resolve()) });
  const store = await openStore(machine.mount(), still);
  await write(store, '/a', 1);
  void store.compact(store.revision());
  await settle();
  assert.deepEqual(await machine.mount().list(), ['log.1', 'log.2', 'snapshot.2']);
  const sound = disk();
  for (const name of await machine.mount().list()) sound.poke(name, machine.peek(name) ?? new Uint8Array());
  assert.equal(said(await openStore(sound.mount(), still)), '/a=1');
  assert.deepEqual(await sound.mount().list(), ['log.2', 'snapshot.2']);
});

test('opening and closing writes nothing', async () => {
  const machine = disk();
  const store = await openStore(machine.mount(), still);
  await write(store, '/a', 1);
  await store.close();
  const before = machine.used();
  for (let i = 0; i < 3; i++) await (await openStore(machine.mount(), still)).close();
  assert.equal(machine.used(), before);
});
