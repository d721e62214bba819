import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../../base/errors.ts';
import type { MemoryDisk } from '../../sim/disk.ts';
import { encode, linesOf } from './records.ts';
import { openStore } from './store.ts';
import { disk, erase, said, settle, still, write } from './test-support.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Three batches in `log.1`. */
async function filled(): Promise<MemoryDisk> {
  const machine = disk();
  const store = await openStore(machine.mount(), still);
  await write(store, '/a', 1);
  await Promise.all([write(store, '/b', 2), write(store, '/c', 3)]);
  await Promise.all([erase(store, '/a'), write(store, '/d', 4), write(store, '/e', 5)]);
  await store.close();
  return machine;
}

/** `snapshot.2` and `log.2`. */
async function compacted(): Promise<MemoryDisk> {
  const machine = await filled();
  const store = await openStore(machine.mount(), still);
  await store.compact(store.revision());
  await write(store, '/f', 6);
  await store.close();
  return machine;
}

/** A crash between the new log and its snapshot: `log.1` and `log.2`. */
async function halfCompacted(): Promise<MemoryDisk> {
  const machine = disk({
    pause: (operation, name) =>
      operation === 'replace' && name === 'snapshot.2' ? new Promise<never>(() => undefined) : Promise.resolve(),
  });
  const store = await openStore(machine.mount(), still);
  await write(store, '/a', 1);
  void store.compact(store.revision());
  await settle();
  await write(store, '/b', 2);
  machine.crash('lost');
  assert.deepEqual(await machine.mount().list(), ['log.1', 'log.2']);
  return machine;
}

function edit(machine: MemoryDisk, name: string, change: (content: Uint8Array) => Uint8Array): void {
  machine.poke(name, change(machine.peek(name) ?? bytes('')));
}

function flipped(content: Uint8Array, at: number, by = 1): Uint8Array {
  const copy = content.slice();
  copy[at] = (copy[at] ?? 0) ^ by;
  return copy;
}

function lineStart(content: Uint8Array, index: number): number {
  return [...linesOf(content)][index]?.start ?? -1;
}

async function files(machine: MemoryDisk): Promise<[string, Uint8Array | undefined][]> {
  return (await machine.mount().list()).map((name) => [name, machine.peek(name)]);
}

async function refuses(machine: MemoryDisk, words: RegExp): Promise<void> {
  const before = await files(machine);
  await assert.rejects(openStore(machine.mount(), still), (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, words);
    return true;
  });
  assert.deepEqual(await files(machine), before);
  // Nor is it held on to.
  await machine.mount().lock();
}

describe('a torn tail is cut', () => {
  test('wherever the last line ends', async () => {
    const whole = (await filled()).peek('log.1') ?? bytes('');
    const start = lineStart(whole, 6);
    for (let length = start; length < whole.length; length++) {
      const machine = disk();
      machine.poke('log.1', whole.slice(0, length));
      const store = await openStore(machine.mount(), still);
      assert.equal(said(store), '/b=2 /c=3 /d=4');
      assert.equal(machine.peek('log.1')?.length, start);
      await store.close();
    }
  });

  test('with the readable rest of its own batch, which nobody was told of', async () => {
    const machine = await filled();
    edit(machine, 'log.1', (content) => flipped(content, lineStart(content, 4) + 3));
    assert.equal(said(await openStore(machine.mount(), still)), '/a=1 /b=2 /c=3');
  });

  test('when it reads as zeros', async () => {
    const machine = await filled();
    edit(machine, 'log.1', (content) => Uint8Array.from([...content, ...new Uint8Array(1000)]));
    assert.equal(said(await openStore(machine.mount(), still)), '/b=2 /c=3 /d=4 /e=5');
  });
});

describe('damage that no crash explains is refused with file, offset and a way out, and nothing is changed:', () => {
  test('a line in the middle of what was acknowledged', async () => {
    const machine = await filled();
    const offset = lineStart(machine.peek('log.1') ?? bytes(''), 2);
    edit(machine, 'log.1', (content) => flipped(content, offset + 20));
    await refuses(machine, new RegExp(`"log.1".*damaged at offset ${String(offset)}:.*Restore`));
  });

  test('a lost line feed before the last batch', async () => {
    const machine = await filled();
    // The line feed of the second batch's last line, and all of the third batch but its first line.
    edit(machine, 'log.1', (content) => flipped(content, lineStart(content, 4) - 1).slice(0, lineStart(content, 5)));
    await refuses(machine, /"log.1".*damaged/);
  });

  test('any byte of any line: what opens has lost no more than the last batch', async () => {
    const whole = (await filled()).peek('log.1') ?? bytes('');
    const last = lineStart(whole, 4);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const machine = disk();
        machine.poke('log.1', flipped(whole, at, by));
        if (at < last) {
          await refuses(machine, /"log.1"/);
          return;
        }
        const store = await openStore(machine.mount(), still);
        assert.match(said(store), /^(\/a=1 \/b=2 \/c=3|\/b=2 \/c=3( \/d=4)?)$/);
      }),
    );
  });

  const table: [string, () => Promise<MemoryDisk>, (machine: MemoryDisk) => void, RegExp][] = [
    ['the end of a log that a later one follows', halfCompacted, (m) => edit(m, 'log.1', (c) => c.slice(0, -1)), /"log.1".*later log/],
    ['a log that is missing', halfCompacted, (m) => void m.mount().remove('log.1'), /"log.1".*missing/],
    ['a log that is missing beside its snapshot', compacted, (m) => void m.mount().remove('log.2'), /"log.2".*missing/],
    [
      'a line of a snapshot',
      compacted,
      (m) => edit(m, 'snapshot.2', (c) => flipped(c, lineStart(c, 1) + 20)),
      /"snapshot.2".*damaged at offset \d+/,
    ],
    [
      'a snapshot without its end',
      compacted,
      (m) => edit(m, 'snapshot.2', (c) => c.slice(0, lineStart(c, 5))),
      /"snapshot.2".*end is missing/,
    ],
    [
      'a snapshot with a line too few',
      compacted,
      (m) => edit(m, 'snapshot.2', (c) => joined(c.slice(0, lineStart(c, 4)), c.slice(lineStart(c, 5)))),
      /"snapshot.2".*end/,
    ],
    [
      'a snapshot with more after its end',
      compacted,
      (m) => edit(m, 'snapshot.2', (c) => joined(c, encode([{ kind: 'put', revision: 9, durable: 0, key: '/z', text: '{}' }]))),
      /"snapshot.2".*unreadable/,
    ],
    ['the first line of a log', filled, (m) => edit(m, 'log.1', (c) => flipped(c, 12)), /"log.1".*does not begin/],
    ['an empty log', filled, (m) => m.poke('log.1', bytes('')), /"log.1".*does not begin/],
    ['a log under another name', compacted, (m) => m.poke('log.3', m.peek('log.2') ?? bytes('')), /"log.3".*once log.2/],
    [
      'lines in an order that never was',
      filled,
      (m) => edit(m, 'log.1', (c) => joined(c, c.slice(lineStart(c, 1)))),
      /"log.1".*does not belong/,
    ],
    [
      'logs that overlap',
      halfCompacted,
      (m) => edit(m, 'log.2', () => encode([{ kind: 'log', format: 1, generation: 2, revision: 1 }])),
      /"log.2".*before the end/,
    ],
  ];
  for (const [name, make, damage, words] of table) {
    test(name, async () => {
      const machine = await make();
      damage(machine);
      await settle();
      await refuses(machine, words);
    });
  }
});

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  return Uint8Array.from([...a, ...b]);
}

describe('what is not a store’s is refused in words, untouched:', () => {
  const newer = encode([{ kind: 'log', format: 2, generation: 1, revision: 1 }]);
  const table: [string, Record<string, Uint8Array>, RegExp][] = [
    ['foreign files', { 'notes.txt': bytes('mine') }, /"notes.txt".*empty directory/],
    [
      'a foreign file beside a store’s',
      { 'log.1': encode([{ kind: 'log', format: 1, generation: 1, revision: 1 }]), 'log.01': bytes('') },
      /"log.01"/,
    ],
    ['a foreign file with a name like ours', { 'log.1': bytes('2026-03-01 started\n2026-03-02 stopped\n') }, /"log.1".*does not begin/],
    ['a newer format', { 'log.1': newer }, /"log.1".*format 2.*reads format 1/],
  ];
  for (const [name, content, words] of table) {
    test(name, async () => {
      const machine = disk();
      for (const [file, its] of Object.entries(content)) machine.poke(file, its);
      await refuses(machine, words);
    });
  }

  test('foreign files, before a lock could leave one more', async () => {
    let locks = 0;
    const machine = disk({
      pause: async (operation) => {
        if (operation === 'lock') locks++;
      },
    });
    machine.poke('notes.txt', bytes('mine'));
    await assert.rejects(openStore(machine.mount(), still), UserError);
    assert.equal(locks, 0);
  });
});
