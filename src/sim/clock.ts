import type { Clock } from '../base/clock.ts';
import { messageOf, Stopped, Unreachable } from '../base/errors.ts';
import { timerQueue, type TimerQueue } from './timer-queue.ts';

/** A clock that stands still until told to go on. */
export interface VirtualClock extends Clock {
  /** Goes on by `ms`: fires what falls due, one timer at a time in order of time, then of its making, and lets everything settle after each. */
  advance(ms: number): Promise<void>;
  /** Goes on timer by timer until `done()`; by then the clock stands at the moment when it came true. @throws {Unreachable} when `limit` milliseconds did not do. */
  until(done: () => boolean, limit: number): Promise<void>;
  /** Lets everything that needs no time happen. */
  settle(): Promise<void>;
  /** Sets the wall clock forward or back by `ms`; the monotonic one stays. */
  jump(ms: number): void;
  /** How many sleeps are under way. */
  sleepers(): number;
}

/** Two timers may be due at once, but this many at one moment is a loop that does not sleep. */
const mostAtOnce = 1_000_000;

/**
 * A virtual clock whose wall clock starts at `start` (milliseconds since 1970) and whose monotonic one starts at 0.
 * @param settle calls back once no microtask is left. The default takes 2,000 turns of the microtask queue, which is deterministic without any help of the
 *   machine, but slow (1 to 3 ms in a test runner) and too short for longer chains of awaits. Tests use `testClock` of test-support.ts.
 */
export function virtualClock(start: number, settle: (done: () => void) => void = microtaskTurns): VirtualClock {
  const timers = timerQueue();
  let elapsed = 0;
  let skew = 0;
  let going = false;
  /** How many fired at this very moment, after the first. */
  let fired = 0;

  /** @returns whether there was anything to do. */
  const fireNext = (target: number, done: () => boolean): boolean => {
    const timer = timers.due(target);
    if (timer === undefined || done()) return false;
    fired = timer.at > elapsed ? 0 : fired + 1;
    if (fired > mostAtOnce) throw new Unreachable('time stands still: something sleeps for nothing, over and over');
    elapsed = Math.max(elapsed, timer.at);
    timers.take();
    timer.fire();
    return true;
  };
  const run = (target: number, done: () => boolean): Promise<void> => {
    if (going) return Promise.reject(new Unreachable('the clock is already going on'));
    going = true;
    fired = 0;
    return repeatedly(settle, () => fireNext(target, done)).finally(() => {
      going = false;
    });
  };

  return {
    now: () => start + skew + elapsed,
    monotonic: () => elapsed,
    sleep: (ms, signal) => sleepOn(timers, elapsed + (ms > 0 ? ms : 0), signal),
    after: (ms, act) => {
      const timer = timers.add(elapsed + (ms > 0 ? ms : 0), act);
      return () => {
        timers.remove(timer);
      };
    },
    async advance(ms) {
      const target = elapsed + ms;
      await run(target, () => false);
      elapsed = target;
    },
    async until(done, limit) {
      const from = elapsed;
      await run(from + limit, done);
      if (!done()) throw new Unreachable(`not so within ${String(limit)} ms of virtual time`);
    },
    settle: () =>
      new Promise((resolve) => {
        settle(resolve);
      }),
    jump: (ms) => {
      skew += ms;
    },
    sleepers: () => timers.size(),
  };
}

/** Lets all settle and calls `act`, over and over until that gives false. By calls instead of awaits: an hour of a fleet at rest is a hundred thousand of them. */
function repeatedly(settle: (done: () => void) => void, act: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const step = (): void => {
      try {
        if (act()) settle(step);
        else resolve();
      } catch (error) {
        reject(error instanceof Error ? error : new Error(messageOf(error)));
      }
    };
    settle(step);
  });
}

function sleepOn(timers: TimerQueue, at: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new Stopped());
      return;
    }
    const stop = (): void => {
      timers.remove(timer);
      reject(new Stopped());
    };
    const timer = timers.add(at, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function microtaskTurns(done: () => void): void {
  let turns = 0;
  const turn = (): void => {
    if (++turns > 2000) done();
    else void settled.then(turn);
  };
  turn();
}

const settled = Promise.resolve();
