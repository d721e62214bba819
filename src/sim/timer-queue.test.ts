import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, type Random } from '../base/random.ts';
import { timerQueue, type Timer, type TimerQueue } from './timer-queue.ts';

test('whatever is added, taken and taken back, the first is the soonest, and of several at once the oldest', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed);
    const queue = timerQueue();
    let model: Timer[] = [];
    for (let step = 0; step < 2000; step++) {
      // Now more come than go, now fewer, so that it grows, shrinks and is tidied.
      const isAdded = random.integer(10) < (step % 400 < 200 ? 7 : 3);
      if (isAdded) model.push(queue.add(random.integer(50), () => undefined));
      else model = random.integer(3) === 0 ? withoutFirst(queue, model) : withoutAny(queue, model, random);
      assert.equal(queue.size(), model.length);
    }
  }
});

function withoutFirst(queue: TimerQueue, model: readonly Timer[]): Timer[] {
  const [soonest] = model.toSorted((a, b) => a.at - b.at || a.sequence - b.sequence);
  assert.equal(queue.due(Infinity), soonest);
  queue.take();
  return model.filter((timer) => timer !== soonest);
}

function withoutAny(queue: TimerQueue, model: readonly Timer[], random: Random): Timer[] {
  const gone = model[random.integer(Math.max(1, model.length))];
  if (gone !== undefined) queue.remove(gone);
  return model.filter((timer) => timer !== gone);
}

test('what is not due yet is not there; what was taken is not taken back', () => {
  const queue = timerQueue();
  const late = queue.add(20, () => undefined);
  const soon = queue.add(10, () => undefined);
  assert.equal(queue.due(9), undefined);
  assert.equal(queue.due(10), soon);
  queue.take();
  queue.remove(soon);
  assert.equal(queue.size(), 1);
  queue.remove(late);
  queue.remove(late);
  assert.equal(queue.size(), 0);
  assert.equal(queue.due(Infinity), undefined);
});
