import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../base/random.ts';
import type { VirtualClock } from '../sim/clock.ts';
import { testClock } from '../sim/test-support.ts';
import { workQueue, type WorkQueue, type WorkQueueOptions } from './work-queue.ts';

function queueOf(options?: WorkQueueOptions): { queue: WorkQueue; clock: VirtualClock; stop: () => void } {
  const clock = testClock(0);
  const stopping = new AbortController();
  return {
    queue: workQueue(clock, stopping.signal, options),
    clock,
    stop: () => {
      stopping.abort();
    },
  };
}

/** Takes whatever there is to take now, and is done with it at once. */
async function drain(queue: WorkQueue): Promise<string[]> {
  const keys: string[] = [];
  while (queue.depth() > 0) {
    const key = (await queue.take()) ?? '';
    keys.push(key);
    queue.done(key);
  }
  return keys;
}

test('gives keys in order, each once however often it was added', async () => {
  const { queue } = queueOf();
  for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
  assert.equal(queue.depth(), 3);
  assert.deepEqual(await drain(queue), ['a', 'b', 'c']);
});

test('a key is at work with one worker at a time, and comes again when it was added meanwhile', async () => {
  const { queue, clock } = queueOf();
  queue.add('a');
  assert.equal(await queue.take(), 'a');
  queue.add('a');
  queue.add('a');
  let second: string | undefined;
  void queue.take().then((key) => (second = key));
  await clock.settle();
  assert.equal(second, undefined);
  queue.done('a');
  await clock.settle();
  assert.equal(second, 'a');
  queue.done('a');
  assert.equal(queue.depth(), 0);
});

test('those who wait get keys in the order in which they came', async () => {
  const { queue, clock } = queueOf();
  const got: string[] = [];
  for (const worker of [1, 2, 3]) void queue.take().then((key) => got.push(`${String(worker)}:${String(key)}`));
  queue.add('a');
  queue.add('b');
  await clock.settle();
  assert.deepEqual(got, ['1:a', '2:b']);
});

test('a delayed key comes when its time has come; of two times the earlier counts', async () => {
  const { queue, clock } = queueOf();
  queue.addAfter('late', 100);
  queue.addAfter('a', 50);
  queue.addAfter('a', 20);
  queue.addAfter('a', 80);
  queue.addAfter('now', 0);
  assert.equal(clock.sleepers(), 1, 'one sleep at a time');
  assert.deepEqual(await drain(queue), ['now']);
  await clock.advance(19);
  assert.deepEqual(await drain(queue), []);
  await clock.advance(1);
  assert.deepEqual(await drain(queue), ['a']);
  await clock.advance(79);
  assert.deepEqual(await drain(queue), []);
  await clock.advance(1);
  assert.deepEqual(await drain(queue), ['late']);
  assert.equal(clock.sleepers(), 0);
});

test('a key that is taken before its time does not come again for it: its worker has decided anew', async () => {
  const { queue, clock } = queueOf();
  queue.addAfter('a', 100);
  queue.add('a');
  assert.deepEqual(await drain(queue), ['a']);
  await clock.advance(1000);
  assert.equal(queue.depth(), 0);
  queue.add('a');
  await queue.take();
  queue.addAfter('a', 100);
  queue.done('a');
  await clock.advance(100);
  assert.deepEqual(await drain(queue), ['a']);
});

test('backs off from 5 ms, doubling, to a minute, each key by itself, until it is forgotten', () => {
  const { queue } = queueOf();
  const waits = Array.from({ length: 21 }, () => queue.retry('a'));
  assert.deepEqual(waits.slice(0, 5), [5, 10, 20, 40, 80]);
  assert.deepEqual(waits.slice(-3), [60_000, 60_000, 60_000]);
  assert.equal(queue.retry('b'), 5);
  queue.forget('a');
  assert.equal(queue.retry('a'), 5);
});

test('retries of all keys together keep to a rate once their burst is used up', async () => {
  const { queue, clock } = queueOf({ rate: 10, burst: 3 });
  const waits = Array.from({ length: 6 }, (_, index) => queue.retry(`k${String(index)}`));
  assert.deepEqual(waits, [5, 5, 5, 100, 200, 300]);
  await clock.advance(600);
  assert.equal((await drain(queue)).length, 6);
  assert.equal(queue.retry('later'), 5);
});

test('is stopped: who waits is told, nothing more comes, nothing sleeps on', async () => {
  const { queue, clock, stop } = queueOf();
  const waiting = queue.take();
  queue.addAfter('a', 10);
  stop();
  assert.equal(await waiting, undefined);
  queue.add('b');
  assert.equal(await queue.take(), undefined);
  await clock.advance(100);
  assert.equal(queue.depth(), 0);
  assert.equal(clock.sleepers(), 0);
});

test('keeps its order over many keys', async () => {
  const { queue } = queueOf();
  const keys = Array.from({ length: 5000 }, (_, index) => `k${String(index)}`);
  const got: string[] = [];
  for (const key of keys) {
    queue.add(key);
    if (got.length < 2500 && queue.depth() > 1) {
      const first = (await queue.take()) ?? '';
      got.push(first);
      queue.done(first);
    }
  }
  assert.deepEqual([...got, ...(await drain(queue))], keys);
});

test('whatever is added is taken afterwards, and no key is ever with two workers', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed);
    const { queue, clock } = queueOf();
    const keyOf = (): string => `k${String(random.integer(6))}`;
    const atWork = new Set<string>();
    /** Keys of which something is not known to any worker yet. */
    const owed = new Set<string>();
    const work = async (): Promise<void> => {
      for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
        assert.ok(!atWork.has(key), `${key} is with two workers`);
        atWork.add(key);
        owed.delete(key);
        if (random.integer(2) === 0) await clock.sleep(random.integer(30));
        atWork.delete(key);
        if (random.integer(4) === 0) queue.retry(key);
        else queue.forget(key);
        queue.done(key);
      }
    };
    for (let worker = 0; worker < 3; worker++) void work();
    for (let step = 0; step < 300; step++) {
      const key = keyOf();
      owed.add(key);
      if (random.integer(3) === 0) queue.addAfter(key, random.integer(40));
      else queue.add(key);
      if (random.integer(3) === 0) await clock.advance(random.integer(20));
    }
    await clock.advance(10_000);
    assert.deepEqual([...owed], [], `seed ${String(seed)}`);
    assert.equal(queue.depth(), 0);
    assert.equal(clock.sleepers(), 0);
  }
});
