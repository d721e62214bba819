import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Disk } from '../../src/base/disk.ts';
import { UserError } from '../../src/base/errors.ts';

/** One machine's disk, as the suite handles it. */
export interface DiskBench {
  /** The disk as a process finds it. */
  mount(): Disk;
  /** The process that has the disk ends without a word, and so does the machine if the bench can do that. */
  crash(): Promise<void>;
  dispose(): Promise<void>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array | undefined): string | undefined =>
  content === undefined ? undefined : new TextDecoder().decode(content);

async function* pieces(...parts: string[]): AsyncGenerator<Uint8Array, void> {
  for (const part of parts) yield bytes(part);
}

async function* broken(): AsyncGenerator<Uint8Array, void> {
  yield bytes('half');
  throw new RangeError('no more');
}

/** What `Disk` and `LogFile` in src/base/disk.ts promise, held against one implementation. */
export function diskContract(name: string, make: () => Promise<DiskBench>): void {
  describe(`${name} keeps the contract of Disk`, () => {
    let bench: DiskBench;
    let disk: Disk;
    beforeEach(async () => {
      bench = await make();
      disk = bench.mount();
    });
    afterEach(() => bench.dispose());

    test('before it is locked it is empty, and looking at it makes nothing', async () => {
      assert.deepEqual(await disk.list(), []);
      assert.equal(await disk.read('a').catch(() => undefined), undefined);
    });

    describe('a log', () => {
      beforeEach(() => disk.lock());

      test('is made when it is opened, empty', async () => {
        const log = await disk.open('b');
        assert.equal(text(await log.read()), '');
        await log.close();
        assert.deepEqual(await disk.list(), ['b']);
        assert.equal(text(await disk.read('b')), '');
      });

      test('takes appends in the order of the calls, also when nobody waits', async () => {
        const log = await disk.open('a');
        const parts = Array.from({ length: 100 }, (_, i) => `${String(i)};`);
        await Promise.all([...parts.map((part) => log.append(bytes(part))), log.sync()]);
        assert.equal(text(await log.read()), parts.join(''));
        await log.close();
      });

      test('is appended to where it ended when it is opened again', async () => {
        const first = await disk.open('a');
        await first.append(bytes('one'));
        await first.close();
        const second = await disk.open('a');
        await second.append(bytes('two'));
        assert.equal(text(await second.read()), 'onetwo');
        await second.close();
      });

      test('is cut, and goes on from there', async () => {
        const log = await disk.open('a');
        await log.append(bytes('onetwo'));
        await log.truncate(3);
        await log.append(bytes('three'));
        assert.equal(text(await log.read()), 'onethree');
        assert.equal(text(await disk.read('a')), 'onethree');
        await log.close();
      });

      test('keeps what was synced over a crash', async () => {
        const log = await disk.open('a');
        await log.append(bytes('kept'));
        await log.sync();
        await bench.crash();
        assert.equal(text(await bench.mount().read('a')), 'kept');
      });

      test('keeps a synced cut over a crash', async () => {
        const log = await disk.open('a');
        await log.append(bytes('kept, not this'));
        await log.sync();
        await log.truncate(4);
        await log.sync();
        await bench.crash();
        assert.equal(text(await bench.mount().read('a')), 'kept');
      });

      test('takes nothing more once it is closed, but all that was called before', async () => {
        const log = await disk.open('a');
        const before = log.append(bytes('one'));
        await log.close();
        await before;
        await assert.rejects(log.append(bytes('two')));
        await assert.rejects(log.sync());
        assert.equal(text(await disk.read('a')), 'one');
      });

      test('does not hold on to the bytes that it was given', async () => {
        const log = await disk.open('a');
        const mine = bytes('kept');
        await log.append(mine);
        mine.fill(0);
        assert.equal(text(await log.read()), 'kept');
        await log.close();
      });
    });

    describe('replace', () => {
      beforeEach(() => disk.lock());

      test('makes a file, and puts another in its place, durably', async () => {
        await disk.replace('a', bytes('one'));
        assert.equal(text(await disk.read('a')), 'one');
        await disk.replace('a', bytes('2'));
        await bench.crash();
        assert.equal(text(await bench.mount().read('a')), '2');
        assert.deepEqual(await bench.mount().list(), ['a']);
      });

      test('takes content piece by piece', async () => {
        await disk.replace('a', pieces('one', '', 'two'));
        assert.equal(text(await disk.read('a')), 'onetwo');
      });

      test('leaves the old file alone when the content fails, and throws what it threw', async () => {
        await disk.replace('a', bytes('one'));
        await assert.rejects(disk.replace('a', broken()), RangeError);
        await assert.rejects(disk.replace('b', broken()), RangeError);
        assert.equal(text(await disk.read('a')), 'one');
        assert.deepEqual(await disk.list(), ['a']);
      });

      test('makes a log that can be appended to', async () => {
        await disk.replace('a', bytes('one'));
        const log = await disk.open('a');
        await log.append(bytes('two'));
        assert.equal(text(await log.read()), 'onetwo');
        await log.close();
      });
    });

    test('files are listed in order, and removed durably', async () => {
      await disk.lock();
      for (const name of ['b', 'c.2', 'a', 'c.10']) await disk.replace(name, bytes(name));
      assert.deepEqual(await disk.list(), ['a', 'b', 'c.10', 'c.2']);
      await disk.remove('b');
      await disk.remove('b');
      await bench.crash();
      assert.deepEqual(await bench.mount().list(), ['a', 'c.10', 'c.2']);
      assert.equal(await bench.mount().read('b'), undefined);
    });

    test('a path is not a name', async () => {
      await disk.lock();
      await assert.rejects(async () => disk.replace('a/b', bytes('')), RangeError);
      await assert.rejects(async () => disk.open('../a'), RangeError);
    });

    describe('the lock', () => {
      test('refuses a second holder in words, and only while there is a first', async () => {
        await disk.lock();
        const second = bench.mount();
        await assert.rejects(
          second.lock(),
          (error: unknown) => error instanceof UserError && /in use by another process.*stop it first/.test(error.message),
        );
        await disk.unlock();
        await second.lock();
        await assert.rejects(disk.lock(), UserError);
        await second.unlock();
      });

      test('is not given back by who has not got it', async () => {
        await disk.lock();
        await bench.mount().unlock();
        await assert.rejects(bench.mount().lock(), UserError);
        await disk.unlock();
        await disk.unlock();
      });

      test('goes with its holder', async () => {
        await disk.lock();
        await bench.crash();
        await bench.mount().lock();
      });
    });
  });
}
