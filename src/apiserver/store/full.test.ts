import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DiskFull } from '../../base/disk.ts';
import type { Log } from '../../base/log.ts';
import { silentLog } from '../../base/log.ts';
import type { DiskOperation, MemoryDisk } from '../../sim/disk.ts';
import { openStore } from './store.ts';
import { disk, drained, erase, gated, noneGiven, noting, said, settle, still, told, write } from './test-support.ts';
import type { Store } from './types.ts';
import { StorageFailed } from './types.ts';

const failedWith =
  (full: boolean) =>
  (error: unknown): boolean =>
    error instanceof StorageFailed && error.full === full;

interface Refusing {
  readonly machine: MemoryDisk;
  /** The calls that are refused, such as `sync log.1`. */
  readonly refused: Set<string>;
}

function refusing(error: () => Error = () => new Error('I/O error')): Refusing {
  const refused = new Set<string>();
  const machine = disk({ refuse: (operation: DiskOperation, name) => (refused.has(`${operation} ${name}`) ? error() : undefined) });
  return { machine, refused };
}

describe('a full disk', () => {
  test('fails writes in a typed way, shows nothing of them, and serves what it has', async () => {
    const machine = disk();
    const store = await openStore(machine.mount(), still);
    await write(store, '/a', 1);
    const watch = store.watch('', store.revision());
    const length = machine.used();
    machine.resize(length + 10);
    const results = await Promise.allSettled([write(store, '/a', 2), write(store, '/b', 2), erase(store, '/a')]);
    for (const result of results) assert.ok(result.status === 'rejected' && failedWith(true)(result.reason));
    assert.equal(said(store), '/a=1');
    assert.equal(machine.used(), length);
    assert.deepEqual(await drained(watch), []);
  });

  test('works again when there is room; nothing acknowledged is lost, nothing refused comes back', async () => {
    for (const reopen of [false, true]) {
      const machine = disk();
      const given = noneGiven();
      let store = await openStore(noting(machine.mount(), given), still);
      await write(store, '/a', 1);
      machine.resize(machine.used() + 10);
      await assert.rejects(write(store, '/a', 2), failedWith(true));
      await assert.rejects(write(store, '/b', 2), failedWith(true));
      if (reopen) {
        machine.crash('lost');
        store = await openStore(noting(machine.mount(), given), still);
        await assert.rejects(write(store, '/c', 2), failedWith(true));
      }
      machine.resize(Infinity);
      await write(store, '/a', 3);
      await write(store, '/d', 3);
      assert.equal(said(store), '/a=3 /d=3');
      machine.crash('lost');
      assert.equal(said(await openStore(noting(machine.mount(), given), still)), '/a=3 /d=3');
      assert.deepEqual(given.repeated, []);
    }
  });
});

describe('a disk that fails', () => {
  const table: [string, string[]][] = [
    ['to append', ['append log.1']],
    ['to sync', ['sync log.1']],
    ['to sync and to cut back', ['sync log.1', 'truncate log.1']],
  ];
  for (const [name, refusals] of table) {
    test(`${name}: the write is refused, and cut off before the next one`, async () => {
      const { machine, refused } = refusing();
      const given = noneGiven();
      const store = await openStore(noting(machine.mount(), given), still);
      await write(store, '/a', 1);
      for (const refusal of refusals) refused.add(refusal);
      await assert.rejects(write(store, '/a', 2), failedWith(false));
      await assert.rejects(write(store, '/b', 2), failedWith(false));
      refused.clear();
      await write(store, '/c', 3);
      assert.equal(said(store), '/a=1 /c=3');
      machine.crash('lost');
      const again = await openStore(noting(machine.mount(), given), still);
      assert.equal(said(again), '/a=1 /c=3');
      await write(again, '/d', 4);
      assert.deepEqual(given.repeated, []);
    });
  }

  test('to append, again and again: no revision is given twice, also after a crash', async () => {
    const { machine, refused } = refusing();
    const given = noneGiven();
    const store = await openStore(noting(machine.mount(), given), still);
    refused.add('append log.1');
    for (let round = 0; round < 5; round++) {
      const burst = Array.from({ length: 400 }, (_, i) => write(store, `/${String(i)}`, round));
      for (const result of await Promise.allSettled(burst)) assert.ok(result.status === 'rejected' && failedWith(false)(result.reason));
    }
    machine.crash('kept');
    refused.clear();
    const again = await openStore(noting(machine.mount(), given), still);
    await Promise.all(Array.from({ length: 1000 }, (_, i) => write(again, `/${String(i)}`, i)));
    assert.deepEqual(given.repeated, []);
  });

  const rotation: [string, string[], string[]][] = [
    ['to begin a log', ['replace log.2'], ['log.1']],
    ['to open the log that it began', ['open log.2'], ['log.1']],
    ['to write the snapshot', ['replace snapshot.2'], ['log.1', 'log.2']],
    ['to remove what is old', ['remove log.1'], ['log.1', 'log.2', 'snapshot.2']],
  ];
  for (const [name, refusals, left] of rotation) {
    test(`${name}: the compaction fails alone, and the next one works`, async () => {
      const { machine, refused } = refusing(() => new DiskFull());
      const store = await openStore(machine.mount(), still);
      await write(store, '/a', 1);
      for (const refusal of refusals) refused.add(refusal);
      await assert.rejects(store.compact(store.revision()), failedWith(true));
      assert.deepEqual(await machine.mount().list(), left);
      await write(store, '/b', 2);
      refused.clear();
      machine.crash('lost');
      const again = await openStore(machine.mount(), still);
      assert.equal(said(again), '/a=1 /b=2');
      await write(again, '/c', 3);
      await again.compact(again.revision());
      assert.equal((await machine.mount().list()).length, 2);
      machine.crash('lost');
      assert.equal(said(await openStore(machine.mount(), still)), '/a=1 /b=2 /c=3');
    });
  }

  test('to remove the log that it could not begin: no write until it has', async () => {
    const { machine, refused } = refusing();
    const store = await openStore(machine.mount(), still);
    await write(store, '/a', 1);
    refused.add('open log.2').add('remove log.2');
    await assert.rejects(store.compact(store.revision()), failedWith(false));
    // With log.2 in place, what went to log.1 now would look like damage.
    await assert.rejects(write(store, '/b', 2), failedWith(false));
    refused.delete('remove log.2');
    await write(store, '/b', 3);
    machine.crash('lost');
    assert.equal(said(await openStore(machine.mount(), still)), '/a=1 /b=3');
  });
});

describe('compaction', () => {
  const churn = async (store: Store, rounds: number, from = 0): Promise<void> => {
    for (let i = from; i < from + rounds; i++) await write(store, `/${String(i % 5)}`, i);
  };

  test('comes by itself when the log has grown well past the live data, and not before', async () => {
    const machine = disk();
    const store = await openStore(machine.mount(), { ...still, tolerated: 20_000 });
    await churn(store, 60);
    assert.deepEqual(await machine.mount().list(), ['log.1']);
    let most = 0;
    const begun = new Set<string>();
    for (let i = 0; i < 20; i++) {
      await churn(store, 50, i * 50);
      most = Math.max(most, machine.used());
      for (const name of await machine.mount().list()) begun.add(name);
    }
    await settle();
    // 1,000 writes of some 250 bytes: one generation each 20,000 bytes.
    assert.ok(begun.size < 30, `${String(begun.size)} files were seen`);
    const [log, snapshot, ...others] = await machine.mount().list();
    assert.match(`${String(log)} ${String(snapshot)}`, /^log\.(\d+) snapshot\.\1$/);
    assert.deepEqual(others, []);
    assert.ok(most < 40_000, `${String(most)} bytes were used`);
    const before = said(store);
    machine.crash('lost');
    assert.equal(said(await openStore(machine.mount(), still)), before);
  });

  test('leaves a store in peace that has much to keep', async () => {
    const machine = disk();
    const store = await openStore(machine.mount(), { ...still, tolerated: 20_000 });
    for (let i = 0; i < 500; i++) await write(store, `/${String(i)}`, i);
    assert.deepEqual(await machine.mount().list(), ['log.1']);
  });

  test('goes on beside writes', async () => {
    const gate = Promise.withResolvers<undefined>();
    const machine = gated(gate.promise, 'replace', 'snapshot');
    const store = await openStore(machine.mount(), still);
    await write(store, '/a', 1);
    const compacting = store.compact(store.revision());
    await write(store, '/a', 2);
    await erase(store, '/a');
    await write(store, '/b', 3);
    gate.resolve(undefined);
    await compacting;
    assert.deepEqual(await machine.mount().list(), ['log.2', 'snapshot.2']);
    machine.crash('lost');
    const again = await openStore(machine.mount(), still);
    assert.equal(said(again), '/b=3');
    assert.deepEqual(told(await drained(again.watch('', again.compactedAt()))), ['MODIFIED /a=2@3', 'DELETED /a=2@4', 'ADDED /b=3@5']);
  });

  test('is not begun again while it is under way', async () => {
    const gate = Promise.withResolvers<undefined>();
    const machine = gated(gate.promise, 'replace', 'snapshot');
    const store = await openStore(machine.mount(), { ...still, tolerated: 1_000 });
    await churn(store, 100);
    gate.resolve(undefined);
    await settle();
    assert.deepEqual(await machine.mount().list(), ['log.2', 'snapshot.2']);
  });

  test('counts the logs that a failed one left, and those that a restart found', async () => {
    const { machine, refused } = refusing();
    refused.add('replace snapshot.2');
    const store = await openStore(machine.mount(), { ...still, tolerated: 2_000 });
    for (let i = 0; i < 25; i++) await write(store, `/live/${String(i)}`, i);
    while ((await machine.mount().list()).length === 1) await churn(store, 1);
    await settle();
    assert.deepEqual(await machine.mount().list(), ['log.1', 'log.2']);
    machine.crash('lost');
    const again = await openStore(machine.mount(), { ...still, tolerated: 2_000 });
    await write(again, '/a', 1);
    await settle();
    assert.deepEqual(await machine.mount().list(), ['log.3', 'snapshot.3']);
  });

  test('that fails is tried again when the logs have grown a little more, not by as much as the live data', async () => {
    const { machine, refused } = refusing();
    refused.add('replace snapshot.2');
    const store = await openStore(machine.mount(), { ...still, tolerated: 2_000 });
    for (let i = 0; i < 25; i++) await write(store, `/live/${String(i)}`, i);
    while ((await machine.mount().list()).length === 1) await churn(store, 1);
    await churn(store, 15);
    await settle();
    assert.deepEqual(await machine.mount().list(), ['log.3', 'snapshot.3']);
  });

  test('leaves no warning behind when the store is closed first', async () => {
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (message) => void warnings.push(message) };
    const store = await openStore(disk().mount(), { ...still, log, tolerated: 0 });
    for (let i = 0; i < 5; i++) await write(store, `/${String(i)}`);
    // Nothing is left that is worth the log.
    for (let i = 0; i < 5; i++) void erase(store, `/${String(i)}`);
    await store.close();
    assert.deepEqual(warnings, []);
  });

  test('that fails is reported, tried again later, and stands in no write’s way', async () => {
    const { machine, refused } = refusing();
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (message) => void warnings.push(message) };
    const store = await openStore(machine.mount(), { ...still, log, tolerated: 5_000 });
    for (let generation = 2; generation < 100; generation++) refused.add(`replace snapshot.${String(generation)}`);
    await churn(store, 200);
    assert.ok(warnings.length > 1 && warnings.length < 20, `${String(warnings.length)} warnings`);
    refused.clear();
    await churn(store, 100);
    await settle();
    assert.equal((await machine.mount().list()).length, 2);
    // What was put off then is not put off for ever.
    let most = 0;
    for (let round = 0; round < 20; round++) {
      await churn(store, 10);
      await settle();
      most = Math.max(most, machine.used());
    }
    assert.ok(most < 12_000, `${String(most)} bytes were used`);
    const before = said(store);
    machine.crash('lost');
    assert.equal(said(await openStore(machine.mount(), still)), before);
  });
});
