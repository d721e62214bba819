import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, test } from 'node:test';
import { Stopped } from '../base/errors.ts';
import { systemClock } from './clock.ts';
import { pinoLog } from './log.ts';
import { systemRandom } from './random.ts';
import { systemRuntime } from './runtime.ts';

describe('the machine’s clock', () => {
  test('sleeps, and leaves no listener behind', async () => {
    const { signal } = new AbortController();
    const clock = systemClock();
    const before = clock.monotonic();
    const nap = clock.sleep(2, signal);
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    await nap;
    assert.ok(clock.monotonic() > before);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });

  test('a sleep ends with Stopped as soon as its signal is aborted, and leaves neither listener nor timer behind', async () => {
    const stop = new AbortController();
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const nap = systemClock().sleep(1_000_000, stop.signal);
    assert.equal(timers(), before + 1);
    stop.abort();
    await assert.rejects(nap, Stopped);
    assert.equal(timers(), before);
    assert.equal(getEventListeners(stop.signal, 'abort').length, 0);
  });

  test('a sleep on a signal that is aborted already does not begin', async () => {
    await assert.rejects(systemClock().sleep(1_000_000, AbortSignal.abort()), Stopped);
  });

  test('a sleep longer than a timer can hold does not end at once', async () => {
    const stop = new AbortController();
    const clock = systemClock();
    const nap = clock.sleep(2 ** 31, stop.signal);
    await clock.sleep(5);
    stop.abort();
    await assert.rejects(nap, Stopped);
  });

  test('calls after a while, unless that is taken back, and then keeps no timer', async () => {
    const clock = systemClock();
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const cancel = clock.after(1_000_000, () => assert.fail('called'));
    assert.equal(timers(), before + 1);
    cancel();
    assert.equal(timers(), before);
    await new Promise<void>((resolve) => clock.after(1, resolve));
  });

  test('never calls early: who waits for the end of a silence would look at it a moment before it is one', async () => {
    const clock = systemClock();
    const leftOver = async (ms: number): Promise<number> => {
      const due = clock.monotonic() + ms;
      await new Promise<void>((resolve) => clock.after(ms, resolve));
      return due - clock.monotonic();
    };
    const left = await Promise.all(Array.from({ length: 400 }, (_, index) => leftOver((index % 50) + index / 400)));
    assert.deepEqual(
      left.filter((ms) => ms > 0),
      [],
    );
  });

  test('now is the wall clock', () => {
    assert.ok(Math.abs(systemClock().now() - Date.now()) < 60_000);
  });
});

describe('the machine’s chance', () => {
  test('stays in its ranges, and does not repeat itself', () => {
    const random = systemRandom();
    const drawn = Array.from({ length: 2000 }, () => random.next());
    assert.ok(drawn.every((value) => value >= 0 && value < 1));
    assert.ok(new Set(drawn).size > 1900);
    const dice = new Set(Array.from({ length: 2000 }, () => random.integer(6)));
    assert.deepEqual([...dice].sort(), [0, 1, 2, 3, 4, 5]);
    assert.match(random.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.notEqual(random.uuid(), systemRandom().uuid());
  });
});

describe('the log', () => {
  const lines: string[] = [];
  const parsed = (): Record<string, unknown>[] => lines.splice(0).map((line) => JSON.parse(line) as Record<string, unknown>);

  test('is one JSON object a line, with its level, message and fields, children’s fields too', () => {
    const log = pinoLog({ to: { write: (line) => void lines.push(line) } });
    log.debug('unheard');
    log.child({ room: 'store' }).warn('slow', { ms: 5 });
    log.error('failed', { error: new Error('why') });
    const [slow, failed, ...others] = parsed();
    assert.partialDeepStrictEqual(slow, { level: 'warn', msg: 'slow', room: 'store', ms: 5 });
    assert.match(String(slow?.['time']), /^\d{4}-\d\d-\d\dT/);
    assert.partialDeepStrictEqual(failed, { level: 'error', msg: 'failed', error: { type: 'Error', message: 'why' } });
    assert.deepEqual(others, []);
  });

  test('of a runtime says whose it is', () => {
    const stop = new AbortController();
    const runtime = systemRuntime(
      'operator-0-7f3a',
      stop.signal,
      pinoLog({ level: 'debug', to: { write: (line) => void lines.push(line) } }),
    );
    runtime.log.debug('here');
    assert.partialDeepStrictEqual(parsed()[0], { id: 'operator-0-7f3a', msg: 'here' });
    assert.equal(runtime.id, 'operator-0-7f3a');
    assert.equal(runtime.stopping, stop.signal);
  });
});
