import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Stopped } from '../../base/errors.ts';
import type { MemoryDisk } from '../../sim/disk.ts';
import { openStore } from './store.ts';
import { disk, drained, erase, said, settle, still, stillClock, thing, told, write } from './test-support.ts';
import type { Store, Stored } from './types.ts';
import { Compacted, Conflict, FutureRevision, WatchDropped } from './types.ts';

const open = (on: MemoryDisk = disk()): Promise<Store> => openStore(on.mount(), still);

/** kubernetes-style optimistic concurrency: a write names the revision that it was made from. */
describe('a write', () => {
  test('gets the next revision, says it in the object, and is read back as the JSON that was stored', async () => {
    const store = await open();
    assert.equal(store.revision(), 1);
    const first = await store.put('/a', 'absent', thing('a', 1));
    const second = await store.put('/b', 'absent', thing('b', 2));
    assert.deepEqual([first.revision, second.revision, store.revision()], [2, 3, 3]);
    assert.equal(first.object.metadata.resourceVersion, '2');
    assert.equal(store.get('/a'), first);
    assert.deepEqual(JSON.parse(first.text), first.object);
    assert.equal(store.get('/c'), undefined);
  });

  test('leaves the writer’s object alone', async () => {
    const store = await open();
    const mine = thing('a');
    await store.put('/a', 'absent', mine);
    assert.deepEqual(mine, thing('a'));
  });

  const conflicts: [string, (store: Store, at: number) => Promise<Stored>, boolean][] = [
    ['a creation of what exists', (store) => store.put('/a', 'absent', thing('a')), true],
    ['an update from an older revision', (store, at) => store.put('/a', at - 1, thing('a')), true],
    ['an update from a newer revision', (store, at) => store.put('/a', at + 1, thing('a')), true],
    ['a removal from an older revision', (store, at) => store.remove('/a', at - 1, thing('a')), true],
    ['an update of what does not exist', (store, at) => store.put('/b', at, thing('b')), false],
    ['a removal of what does not exist', (store, at) => store.remove('/b', at, thing('b')), false],
  ];
  for (const [name, attempt, exists] of conflicts) {
    test(`${name} is a conflict that tells what is there, and changes nothing`, async () => {
      const store = await open();
      const there = await store.put('/a', await write(store, '/a', 1), thing('a', 2));
      await assert.rejects(attempt(store, there.revision), (error: unknown) => {
        assert.ok(error instanceof Conflict);
        assert.equal(error.current, exists ? there : undefined);
        return true;
      });
      assert.equal(said(store), '/a=2');
      assert.equal(store.revision(), there.revision);
    });
  }

  test('of many from the same revision, one wins, and the others are told of the winner', async () => {
    const store = await open();
    const base = await write(store, '/a', 0);
    const results = await Promise.allSettled([1, 2, 3].map((n) => store.put('/a', base, thing('a', n))));
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected'],
    );
    for (const result of results) {
      if (result.status === 'rejected') assert.equal((result.reason as Conflict).current, store.get('/a'));
    }
    assert.equal(said(store), '/a=1');
  });

  test('that waits for another of its key goes on from what that one left', async () => {
    const store = await open();
    const base = await write(store, '/a', 0);
    const [removed, made] = await Promise.all([store.remove('/a', base, thing('a')), store.put('/a', 'absent', thing('a', 1))]);
    assert.ok(made.revision > removed.revision);
    assert.equal(said(store), '/a=1');
  });

  test('of what is no JSON fails alone', async () => {
    const store = await open();
    const results = await Promise.allSettled([
      store.put('/a', 'absent', thing('a', 1)),
      store.put('/b', 'absent', { ...thing('b'), n: 1n }),
      store.put('/c', 'absent', thing('c', 3)),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.equal(said(store), '/a=1 /c=3');
    assert.equal(store.revision(), 3);
  });

  for (const key of ['', 'a\tb', 'a\nb']) {
    test(`${JSON.stringify(key)} is no key`, async () => {
      await assert.rejects((await open()).put(key, 'absent', thing('a')), RangeError);
    });
  }
});

test('a removal tells the last state with its own revision, and what stood there before', async () => {
  const store = await open();
  const made = await write(store, '/a', 1);
  const before = store.get('/a');
  const removed = await store.remove('/a', made, thing('a', 2));
  assert.equal(removed.object.metadata.resourceVersion, String(removed.revision));
  assert.equal(store.get('/a'), undefined);
  const [change] = await drained(store.watch('', made));
  assert.deepEqual(change, { type: 'DELETED', revision: removed.revision, key: '/a', object: removed, before });
});

describe('nothing is visible before it is durable', () => {
  test('neither to reads, lists, watches nor conflicts', async () => {
    const sync = Promise.withResolvers<undefined>();
    let held = false;
    const store = await openStore(
      disk({ pause: async (operation) => void (held && operation === 'sync' && (await sync.promise)) }).mount(),
      still,
    );
    held = true;
    const watch = store.watch('', store.revision());
    const told: string[] = [];
    const reading = (async () => {
      for await (const changes of watch) told.push(...changes.map(({ key }) => key));
    })();
    const outcomes: string[] = [];
    const first = store.put('/a', 'absent', thing('a', 1)).then(() => outcomes.push('first'));
    const second = store.put('/a', 'absent', thing('a', 2)).catch((error: unknown) => outcomes.push(String((error as Error).name)));
    await settle();
    assert.deepEqual([store.get('/a'), said(store), store.revision(), told, outcomes], [undefined, '', 1, [], []]);
    sync.resolve(undefined);
    await Promise.all([first, second]);
    assert.deepEqual([said(store), store.revision(), told, outcomes], ['/a=1', 2, ['/a'], ['first', 'Conflict']]);
    watch.cancel();
    await reading;
  });

  test('writes that arrive while one sync is under way share the next one', async () => {
    let syncs = 0;
    const store = await openStore(disk({ pause: async (operation) => void (operation === 'sync' && syncs++) }).mount(), still);
    const before = syncs;
    await Promise.all(Array.from({ length: 100 }, (_, i) => write(store, `/${String(i)}`)));
    // Before and after its effect, a sync pauses: two a sync.
    assert.equal(syncs - before, 2);
  });

  test('more than fit one batch go with several', async () => {
    const store = await open();
    await Promise.all(Array.from({ length: 2500 }, (_, i) => write(store, `/${String(i)}`)));
    assert.equal(store.revision(), 2501);
    assert.equal(store.list('').items.length, 2500);
  });
});

describe('a list', () => {
  const filled = async (): Promise<Store> => {
    const store = await open();
    for (const key of ['/a/2', '/b/1', '/a/1', '/a/3', '/aa/1', '/a/10']) await write(store, key, key);
    return store;
  };
  const keys = (items: readonly Stored[]): string[] => items.map(({ key }) => key);

  test('is what is under the prefix, in the order of keys', async () => {
    const store = await filled();
    assert.deepEqual(keys(store.list('/a/').items), ['/a/1', '/a/10', '/a/2', '/a/3']);
    assert.deepEqual(keys(store.list('').items), ['/a/1', '/a/10', '/a/2', '/a/3', '/aa/1', '/b/1']);
    assert.deepEqual(store.list('/c'), { items: [], revision: 7, remaining: 0 });
  });

  test('in pages, is the state of the first one, whatever is written between', async () => {
    const store = await filled();
    const first = store.list('/a/', { limit: 2 });
    assert.deepEqual([keys(first.items), first.next, first.remaining, first.revision], [['/a/1', '/a/10'], '/a/10', 2, 7]);
    await erase(store, '/a/2');
    await write(store, '/a/11', 'new');
    await write(store, '/a/3', 'changed');
    await erase(store, '/a/10');
    const second = store.list('/a/', { at: first.revision, after: '/a/10', limit: 1 });
    assert.equal(said(second), '/a/2=/a/2');
    assert.deepEqual([second.next, second.remaining, second.revision], ['/a/2', 1, 7]);
    const third = store.list('/a/', { at: first.revision, after: '/a/2', limit: 1 });
    assert.equal(said(third), '/a/3=/a/3');
    assert.deepEqual([third.next, third.remaining], [undefined, 0]);
    assert.equal(said(store.list('/a/')), '/a/1=/a/1 /a/11=new /a/3=changed');
  });

  test('goes on after a key that was never there, and not before the prefix', async () => {
    const store = await filled();
    assert.deepEqual(keys(store.list('/a/', { after: '/a/15' }).items), ['/a/2', '/a/3']);
    assert.deepEqual(keys(store.list('/aa/', { after: '/a/2' }).items), ['/aa/1']);
    assert.deepEqual(keys(store.list('/a/', { after: '/b' }).items), []);
  });

  test('of a revision to come is refused', async () => {
    const store = await filled();
    assert.throws(() => store.list('', { at: 8 }), FutureRevision);
    assert.throws(() => store.watch('', 8), FutureRevision);
    await assert.rejects(store.compact(8), FutureRevision);
  });
});

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

describe('close', () => {
  test('ends watches, lets writes under way finish, and refuses new ones', async () => {
    const on = disk();
    const store = await open(on);
    const watch = store.watch('', 1);
    const reading = (async () => {
      for await (const changes of watch) void changes;
    })();
    const under = store.put('/a', 'absent', thing('a', 1));
    const closing = store.close();
    await assert.rejects(store.put('/b', 'absent', thing('b')), Stopped);
    let settled = false;
    void under.then(() => (settled = true));
    await Promise.all([closing, store.close()]);
    assert.ok(settled);
    await reading;
    assert.equal(said(await open(on)), '/a=1');
  });

  test('waits for the compaction that is under way, and keeps the disk until then', async () => {
    const gate = Promise.withResolvers<undefined>();
    const on = disk({ pause: async (operation, name) => void (operation === 'replace' && name === 'snapshot.2' && (await gate.promise)) });
    const store = await open(on);
    await write(store, '/a');
    const compacting = store.compact(2);
    await settle();
    const closing = store.close();
    await settle();
    await assert.rejects(open(on), /in use/);
    gate.resolve(undefined);
    await Promise.all([compacting, closing]);
    await open(on);
  });

  test('gives the disk back', async () => {
    const on = disk();
    const store = await open(on);
    await assert.rejects(open(on), /in use/);
    await store.close();
    await open(on);
  });
});
