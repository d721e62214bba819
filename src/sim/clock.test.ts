import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stopped } from '../base/errors.ts';
import { virtualClock } from './clock.ts';

test('fires in order of time, then of making, and stands at each timer as it fires', async () => {
  const clock = virtualClock(1000);
  const seen: string[] = [];
  const note = (name: string, ms: number): void => void clock.sleep(ms).then(() => seen.push(`${name}@${String(clock.monotonic())}`));
  note('c', 20);
  note('a', 10);
  note('b', 10);
  note('late', 31);
  await clock.advance(30);
  assert.deepEqual(seen, ['a@10', 'b@10', 'c@20']);
  assert.equal(clock.monotonic(), 30);
  assert.equal(clock.now(), 1030);
  assert.equal(clock.sleepers(), 1);
});

test('what one timer sets off settles before the next one fires, and its own sleeps count', async () => {
  const clock = virtualClock(0);
  const seen: string[] = [];
  const chain = async (): Promise<void> => {
    await clock.sleep(10);
    for (let i = 0; i < 100; i++) await Promise.resolve();
    seen.push('chain');
    await clock.sleep(1);
    seen.push(`again@${String(clock.monotonic())}`);
  };
  void chain();
  void clock.sleep(10).then(() => seen.push('second'));
  await clock.advance(11);
  assert.deepEqual(seen, ['chain', 'second', 'again@11']);
});

test('an aborted sleep rejects with Stopped at once and leaves nothing behind', async () => {
  const clock = virtualClock(0);
  const stop = new AbortController();
  const sleep = clock.sleep(10, stop.signal);
  void clock.sleep(10);
  stop.abort();
  await assert.rejects(sleep, Stopped);
  assert.equal(clock.sleepers(), 1);
  await assert.rejects(clock.sleep(10, stop.signal), Stopped);
});

test('what is to be done after a while is done in its turn, and not when it was taken back', async () => {
  const clock = virtualClock(0);
  const seen: string[] = [];
  clock.after(10, () => seen.push(`after@${String(clock.monotonic())}`));
  void clock.sleep(10).then(() => seen.push('slept'));
  clock.after(10, () => assert.fail('done'))();
  assert.equal(clock.sleepers(), 2);
  await clock.advance(10);
  assert.deepEqual(seen, ['after@10', 'slept']);
});

test('until stops at the moment when it is so, and says so when it never is', async () => {
  const clock = virtualClock(0);
  let count = 0;
  const tick = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(7);
      count++;
    }
  };
  void tick();
  await clock.until(() => count === 3, 1000);
  assert.equal(clock.monotonic(), 21);
  await assert.rejects(
    clock.until(() => count < 0, 70),
    /not so within 70 ms/,
  );
});

test('the wall clock may jump; spans do not', async () => {
  const clock = virtualClock(1_000_000);
  clock.jump(-500_000);
  await clock.advance(5);
  assert.equal(clock.now(), 500_005);
  assert.equal(clock.monotonic(), 5);
});
