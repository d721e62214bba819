import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MemoryDisk } from '../../sim/disk.ts';
import { openStore } from './store.ts';
import { disk, drained, erase, said, still, stillClock, thing, told, write } from './test-support.ts';
import { Compacted, type Store, WatchDropped } from './types.ts';

const open = (on: MemoryDisk = disk()): Promise<Store> => openStore(on.mount(), still);

describe('a watch', () => {
  test('tells each change under its prefix once, in order, past and to come', async () => {
    const store = await open();
    await write(store, '/a/1', 1);
    const from = await write(store, '/a/1', 2);
    await write(store, '/b/1', 3);
    await write(store, '/a/2', 4);
    const watch = store.watch('/a/', from);
    await write(store, '/a/1', 5);
    await erase(store, '/a/2');
    await write(store, '/a/2', 6);
    assert.deepEqual(told(await drained(watch)), ['ADDED /a/2=4@5', 'MODIFIED /a/1=5@6', 'DELETED /a/2=4@7', 'ADDED /a/2=6@8']);
  });

  test('tells what stood there before', async () => {
    const store = await open();
    const first = await store.put('/a', 'absent', thing('a', 1));
    await store.put('/a', first.revision, thing('a', 2));
    const changes = await drained(store.watch('', 1));
    assert.deepEqual(
      changes.map(({ before }) => before),
      [undefined, first],
    );
  });

  test('gives the same change to all, so that it need be encoded only once', async () => {
    const store = await open();
    const watches = [store.watch('/a', 1), store.watch('/a', 1), store.watch('', 1)];
    await write(store, '/a');
    const [one, ...others] = (await Promise.all(watches.map(drained))).flat();
    assert.equal(others.length, 2);
    for (const other of others) assert.equal(other, one);
  });

  test('has seen everything when nothing waits, and no more than it handed over when something does', async () => {
    const store = await open();
    const watch = store.watch('/a', 1);
    assert.equal(watch.seen(), 1);
    await write(store, '/b');
    assert.equal(watch.seen(), 2);
    await write(store, '/a', 1);
    await write(store, '/a', 2);
    assert.equal(watch.seen(), 1);
    const iterator = watch[Symbol.asyncIterator]();
    assert.deepEqual(told((await iterator.next()).value ?? []), ['ADDED /a=1@3']);
    assert.equal(watch.seen(), 3);
    await iterator.next();
    assert.equal(watch.seen(), 4);
    await write(store, '/b');
    assert.equal(watch.seen(), 5);
    watch.cancel();
    await write(store, '/a', 3);
    assert.equal(watch.seen(), 4);
  });

  test('is over when it is cancelled, or its consumer turns away', async () => {
    const store = await open();
    const cancelled = store.watch('', 1);
    cancelled.cancel();
    await write(store, '/a');
    assert.deepEqual(await drained(cancelled), []);
    let turns = 0;
    const left = store.watch('', 1);
    for await (const changes of left) {
      turns += changes.length;
      break;
    }
    assert.equal(turns, 1);
    await write(store, '/b');
    assert.deepEqual(await left[Symbol.asyncIterator]().next(), { done: true, value: undefined });
  });

  test('whose consumer lags too far behind is dropped with a reason; the others go on', async () => {
    const store = await openStore(disk().mount(), { ...still, backlog: 2000 });
    const slow = store.watch('/a', 1);
    const quick = store.watch('/a', 1);
    const heard: number[] = [];
    const reading = (async () => {
      for await (const changes of quick) heard.push(...changes.map(({ revision }) => revision));
    })();
    for (let i = 0; i < 20; i++) await write(store, '/a', i);
    await assert.rejects(drained(slow), { name: 'WatchDropped', message: /2000 characters/ });
    assert.deepEqual(await drained(slow), []);
    assert.equal(heard.length, 20);
    store.watch('/b', 1).cancel();
    quick.cancel();
    await reading;
  });

  test('is not dropped for a long past, only for what piles up since', async () => {
    const store = await openStore(disk().mount(), { ...still, backlog: 2000 });
    for (let i = 0; i < 20; i++) await write(store, '/a', i);
    const watch = store.watch('', 1);
    await write(store, '/a', 20);
    const iterator = watch[Symbol.asyncIterator]();
    assert.equal((await iterator.next()).value?.length, 20);
    for (let i = 0; i < 20; i++) await write(store, '/a', i);
    await assert.rejects(iterator.next(), WatchDropped);
  });

  test('loses nothing of what comes while its consumer is busy', async () => {
    const store = await open();
    const iterator = store.watch('', 1)[Symbol.asyncIterator]();
    const first = iterator.next();
    for (let i = 0; i < 3; i++) await write(store, '/a', i);
    const rest = [await first, await iterator.next(), await iterator.next()];
    assert.deepEqual(
      rest.flatMap(({ value }) => told(value ?? [])),
      ['ADDED /a=0@2', 'MODIFIED /a=1@3', 'MODIFIED /a=2@4'],
    );
  });

  test('whose consumer keeps up is not dropped, however much passes', async () => {
    const store = await openStore(disk().mount(), { ...still, backlog: 2000 });
    const iterator = store.watch('', 1)[Symbol.asyncIterator]();
    for (let i = 0; i < 50; i++) {
      await write(store, '/a', i);
      await write(store, '/b', i);
      await iterator.next();
      await iterator.next();
    }
    assert.equal(store.revision(), 101);
  });
});

describe('history', () => {
  /** Which of the revisions from 1 to the newest can be watched and listed. */
  const kept = (store: Store): number[] => {
    const revisions: number[] = [];
    for (let at = 1; at <= store.revision(); at++) {
      try {
        store.list('', { at });
        store.watch('', at).cancel();
        revisions.push(at);
      } catch (error) {
        assert.ok(error instanceof Compacted);
        assert.equal(error.compactedAt, store.compactedAt());
      }
    }
    return revisions;
  };
  const rows: [string, { changes: number; milliseconds: number; most: number }, number, number[]][] = [
    ['so many changes', { changes: 3, milliseconds: 0, most: 100 }, 1000, [8, 9, 10, 11]],
    ['more when they are young', { changes: 3, milliseconds: 5000, most: 100 }, 1000, [6, 7, 8, 9, 10, 11]],
    ['never more than the most', { changes: 3, milliseconds: 5000, most: 4 }, 1000, [7, 8, 9, 10, 11]],
    ['all that it has', { changes: 20, milliseconds: 0, most: 100 }, 1000, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
  ];
  for (const [name, history, step, expected] of rows) {
    test(`keeps ${name}`, async () => {
      const clock = stillClock();
      const store = await openStore(disk().mount(), { clock, history });
      for (let i = 0; i < 10; i++) {
        clock.time += step;
        await write(store, '/a', i);
      }
      assert.deepEqual(kept(store), expected);
    });
  }

  test('lists each kept revision as it was', async () => {
    const store = await openStore(disk().mount(), { ...still, history: { changes: 3, milliseconds: 0, most: 100 } });
    await write(store, '/a', 1);
    await write(store, '/b', 1);
    const states = new Map<number, string>();
    for (const change of [() => write(store, '/a', 2), () => erase(store, '/a'), () => write(store, '/a', 3), () => erase(store, '/b')]) {
      states.set(await change(), said(store));
    }
    for (const [at, state] of states) assert.equal(said(store.list('', { at })), state);
    assert.deepEqual([...states.keys()], [4, 5, 6, 7]);
    assert.equal(store.compactedAt(), 4);
  });

  test('is forgotten on demand, in memory and over a restart; running watches go on', async () => {
    const on = disk();
    const store = await open(on);
    for (let i = 0; i < 5; i++) await write(store, '/a', i);
    const watch = store.watch('', 2);
    await store.compact(4);
    assert.deepEqual(kept(store), [4, 5, 6]);
    const files = await on.mount().list();
    await store.compact(3);
    assert.equal(store.compactedAt(), 4);
    assert.deepEqual(await on.mount().list(), files);
    assert.equal((await drained(watch)).length, 4);
    await store.close();
    const again = await open(on);
    assert.ok(again.compactedAt() >= 4);
    assert.equal(said(again), '/a=4');
  });
});
