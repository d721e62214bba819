import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { Stopped } from '../base/errors.ts';
import { testClock } from '../sim/test-support.ts';
import { branch, NoAnswerInTime, pump, withDeadline } from './signals.ts';

function body(...chunks: number[]): { body: AsyncIterable<Uint8Array>; returned: () => boolean } {
  let returned = false;
  const next = (): Promise<IteratorResult<Uint8Array>> => {
    const chunk = chunks.shift();
    return chunk === undefined ? new Promise(() => undefined) : Promise.resolve({ done: false, value: new Uint8Array(chunk) });
  };
  const end = (): Promise<IteratorResult<Uint8Array>> => {
    returned = true;
    return Promise.resolve({ done: true, value: undefined });
  };
  return { body: { [Symbol.asyncIterator]: () => ({ next, return: end }) }, returned: () => returned };
}

test('a branch follows its parent until it is released', () => {
  const parent = new AbortController();
  const kept = branch(parent.signal);
  const released = branch(parent.signal);
  released.release();
  parent.abort();
  assert.deepEqual([kept.signal.aborted, released.signal.aborted, branch(parent.signal).signal.aborted], [true, false, true]);
});

test('a deadline ends what heeds no signal, tells it so, and leaves nothing behind', async () => {
  const clock = testClock();
  const parent = new AbortController();
  let told: AbortSignal | undefined;
  const waiting = withDeadline(clock, 5_000, parent.signal, (signal) => {
    told = signal;
    return new Promise(() => undefined);
  });
  const ended = assert.rejects(waiting, (error) => error instanceof NoAnswerInTime && error.message === 'no answer within 5 s');
  await clock.advance(5_000);
  await ended;
  assert.equal(told?.aborted, true);
  assert.equal(getEventListeners(parent.signal, 'abort').length, 0);
});

test('what ends in time, well or not, keeps no timer; nothing begins for one who has stopped', async () => {
  const clock = testClock();
  const parent = new AbortController();
  assert.equal(await withDeadline(clock, 5_000, parent.signal, () => Promise.resolve(7)), 7);
  await assert.rejects(
    withDeadline(clock, 5_000, parent.signal, () => Promise.reject(new Error('no'))),
    /no/,
  );
  assert.equal(clock.sleepers(), 0);
  assert.equal(getEventListeners(parent.signal, 'abort').length, 0);
  parent.abort();
  await assert.rejects(
    withDeadline(clock, 5_000, parent.signal, () => assert.fail('begun')),
    Stopped,
  );
});

test('a body is let go of when its reader is interrupted, or fails; and is not read for one who has stopped', async () => {
  const stop = new AbortController();
  const endless = body(1, 2);
  const sizes: number[] = [];
  const reading = pump(endless.body, stop.signal, (chunk) => sizes.push(chunk.length));
  const ended = assert.rejects(reading, Stopped);
  await testClock().settle();
  assert.equal(endless.returned(), false);
  stop.abort();
  await ended;
  assert.deepEqual(sizes, [1, 2]);
  assert.equal(endless.returned(), true);
  assert.equal(getEventListeners(stop.signal, 'abort').length, 0);
  const failing = body(1);
  const going = new AbortController();
  await assert.rejects(
    pump(failing.body, going.signal, () => {
      throw new Error('mine');
    }),
    /mine/,
  );
  assert.equal(failing.returned(), true);
  assert.equal(getEventListeners(going.signal, 'abort').length, 0);
  const unread = body(1);
  await assert.rejects(
    pump(unread.body, stop.signal, () => assert.fail('read')),
    Stopped,
  );
});
