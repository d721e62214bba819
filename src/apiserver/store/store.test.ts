import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Stopped } from '../../base/errors.ts';
import type { MemoryDisk } from '../../sim/disk.ts';
import { openStore } from './store.ts';
import { disk, drained, erase, gated, said, settle, still, thing, write } from './test-support.ts';
import type { Store, Stored } from './types.ts';
import { Conflict, FutureRevision } from './types.ts';

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
    const store = await openStore(gated(sync.promise, 'sync').mount(), still);
    const watch = store.watch('', store.revision());
    const told: string[] = [];
    const reading = (async () => {
      for await (const changes of watch) told.push(...changes.map(({ key }) => key));
    })();
    const outcomes: string[] = [];
    const first = store.put('/a', 'absent', thing('a', 1)).then(() => outcomes.push('first'));
    const second = store.put('/a', 'absent', thing('a', 2)).catch((error: unknown) => outcomes.push((error as Error).name));
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
    const machine = disk({
      pause: async (operation) => {
        if (operation === 'sync') syncs++;
      },
    });
    const store = await openStore(machine.mount(), still);
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

describe('close', () => {
  test('ends watches, lets writes under way finish, and refuses new ones', async () => {
    const on = disk();
    const store = await open(on);
    const watch = store.watch('', 1);
    const heard = watch[Symbol.asyncIterator]().next();
    const under = store.put('/a', 'absent', thing('a', 1));
    const closing = store.close();
    await assert.rejects(store.put('/b', 'absent', thing('b')), Stopped);
    let settled = false;
    void under.then(() => (settled = true));
    await Promise.all([closing, store.close()]);
    assert.ok(settled);
    assert.deepEqual(await heard, { done: true, value: undefined });
    assert.equal(said(await open(on)), '/a=1');
  });

  test('waits for the compaction that is under way, and keeps the disk until then', async () => {
    const gate = Promise.withResolvers<undefined>();
    const on = gated(gate.promise, 'replace', 'snapshot.2');
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
