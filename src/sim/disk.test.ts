import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { diskContract } from '../../test/contract/disk.ts';
import { DiskFull } from '../base/disk.ts';
import { seededRandom } from '../base/random.ts';
import { memoryDisk } from './disk.ts';

diskContract('the disk in memory', async () => {
  const disk = memoryDisk({ random: seededRandom(1) });
  return { mount: () => disk.mount(), crash: async () => disk.crash('lost'), dispose: async () => undefined };
});

/** Whatever is ready runs. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('a loss of power', () => {
  /** What is left of a log with 1,000 synced ones and 2,000 twos that were not, for many seeds. */
  const outcomes = async (power: 'kept' | 'lost'): Promise<Uint8Array[]> => {
    const left: Uint8Array[] = [];
    for (let seed = 0; seed < 200; seed++) {
      const disk = memoryDisk({ random: seededRandom(seed) });
      const log = await disk.mount().open('a');
      await log.append(new Uint8Array(1000).fill(1));
      await log.sync();
      await log.append(new Uint8Array(1000).fill(2));
      await log.append(new Uint8Array(1000).fill(2));
      disk.crash(power);
      left.push(disk.peek('a') ?? bytes());
    }
    return left;
  };

  test('keeps what was synced, and whatever it likes of the rest: nothing, a part, all, with holes', async () => {
    const left = await outcomes('lost');
    for (const content of left) assert.ok(content.length >= 1000 && content.subarray(0, 1000).every((byte) => byte === 1));
    const kinds = {
      nothing: left.some((content) => content.length === 1000),
      torn: left.some((content) => content.length > 1000 && content.length % 1000 !== 0),
      whole: left.some((content) => content.length === 3000 && content.subarray(1000).every((byte) => byte === 2)),
      holes: left.some((content) => content.at(-1) === 2 && content.subarray(1000).some((byte) => byte !== 2)),
    };
    assert.deepEqual(kinds, { nothing: true, torn: true, whole: true, holes: true });
  });

  test('that is not one loses nothing', async () => {
    for (const content of await outcomes('kept')) assert.equal(content.length, 3000);
  });

  test('may bring back what was cut, unless the cut was synced', async () => {
    const lengths = new Set<number>();
    for (let seed = 0; seed < 50; seed++) {
      const disk = memoryDisk({ random: seededRandom(seed) });
      const log = await disk.mount().open('a');
      await log.append(bytes(1, 2, 3, 4));
      await log.sync();
      await log.truncate(2);
      disk.crash('lost');
      lengths.add(disk.peek('a')?.length ?? -1);
    }
    assert.deepEqual([...lengths].sort(), [2, 4]);
  });

  test('is the same for the same seed', async () => {
    assert.deepEqual(await outcomes('lost'), await outcomes('lost'));
  });
});

test('a crash leaves calls pending for ever, on either side of their effect', async () => {
  for (const [turns, expected] of [
    [1, 0],
    [2, 3],
  ] as const) {
    let pauses = 0;
    let settled = false;
    const reached = Promise.withResolvers<undefined>();
    const disk = memoryDisk({
      random: seededRandom(1),
      pause: async (operation) => {
        if (operation !== 'append' || ++pauses !== turns) return;
        reached.resolve(undefined);
        await new Promise<never>(() => undefined);
      },
    });
    const log = await disk.mount().open('a');
    void log.append(bytes(1, 2, 3)).finally(() => (settled = true));
    await reached.promise;
    disk.crash('kept');
    await settle();
    assert.equal(settled, false);
    assert.equal(disk.peek('a')?.length, expected);
  }
});

test('a call of a process that is gone has no effect', async () => {
  const disk = memoryDisk({ random: seededRandom(1) });
  const mount = disk.mount();
  const log = await mount.open('a');
  disk.crash('kept');
  void log.append(bytes(1));
  void mount.replace('b', bytes(1));
  await settle();
  assert.deepEqual(await disk.mount().list(), ['a']);
  assert.equal(disk.used(), 0);
});

test('a full disk takes what fits, says so, and works again when there is room', async () => {
  const disk = memoryDisk({ random: seededRandom(1) });
  const mount = disk.mount();
  const log = await mount.open('a');
  disk.resize(4);
  await log.append(bytes(1, 2, 3));
  await assert.rejects(log.append(bytes(4, 5)), DiskFull);
  assert.deepEqual(await log.read(), bytes(1, 2, 3, 4));
  await log.truncate(3);
  await assert.rejects(mount.replace('b', bytes(1, 2)), DiskFull);
  await mount.replace('b', bytes(1));
  disk.resize(10);
  await log.append(bytes(4, 5));
  assert.deepEqual(await log.read(), bytes(1, 2, 3, 4, 5));
});

test('what the test refuses does not happen', async () => {
  const disk = memoryDisk({
    random: seededRandom(1),
    refuse: (operation, name) => (operation === 'sync' && name === 'a' ? new DiskFull() : undefined),
  });
  const log = await disk.mount().open('a');
  await log.append(bytes(1));
  await assert.rejects(log.sync(), DiskFull);
});

test('whatever was appended and cut, a log reads as if it were an array', async () => {
  const step = fc.oneof(fc.uint8Array({ maxLength: 700 }), fc.nat(2000));
  await fc.assert(
    fc.asyncProperty(fc.array(step), async (steps) => {
      const log = await memoryDisk({ random: seededRandom(1) })
        .mount()
        .open('a');
      let model: number[] = [];
      for (const step of steps) {
        if (typeof step === 'number') model = model.slice(0, step);
        else model.push(...step);
        await (typeof step === 'number' ? log.truncate(step) : log.append(step));
      }
      assert.deepEqual([...(await log.read())], model);
    }),
    { numRuns: 50 },
  );
});
