import type { Clock } from '../base/clock.ts';
import { Stopped, Unreachable } from '../base/errors.ts';

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

interface Timer {
  readonly at: number;
  readonly sequence: number;
  readonly fire: () => void;
}

/** Two timers may be due at once, but this many at one moment is a loop that does not sleep. */
const mostAtOnce = 1_000_000;

/**
 * A virtual clock whose wall clock starts at `start` (milliseconds since 1970) and whose monotonic one starts at 0.
 * @param settle lets microtasks run out. The default takes 2,000 turns of the microtask queue, which is deterministic without any help of the machine,
 *   but slow (1 to 3 ms in a test runner) and too short for longer chains of awaits. Tests use `testClock` of test-support.ts.
 */
export function virtualClock(start: number, settle: () => Promise<void> = microtaskTurns): VirtualClock {
  const timers = timerQueue();
  let elapsed = 0;
  let skew = 0;
  let going = false;

  const run = async (target: number, done: () => boolean): Promise<void> => {
    if (going) throw new Unreachable('the clock is already going on');
    going = true;
    try {
      await settle();
      let fired = 0;
      for (let timer = timers.due(target); timer !== undefined && !done(); timer = timers.due(target)) {
        fired = timer.at > elapsed ? 0 : fired + 1;
        if (fired > mostAtOnce) throw new Unreachable('time stands still: something sleeps for nothing, over and over');
        elapsed = Math.max(elapsed, timer.at);
        timers.take();
        timer.fire();
        await settle();
      }
    } finally {
      going = false;
    }
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
    settle,
    jump: (ms) => {
      skew += ms;
    },
    sleepers: () => timers.size(),
  };
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

interface TimerQueue {
  add(at: number, fire: () => void): Timer;
  /** The first timer, if it is due by `target`. */
  due(target: number): Timer | undefined;
  /** Removes the first timer. */
  take(): void;
  remove(timer: Timer): void;
  size(): number;
}

/** Sorted, the first to fire at the end, so that taking it moves nothing. */
function timerQueue(): TimerQueue {
  const timers: Timer[] = [];
  let made = 0;
  const place = (timer: Timer): number => {
    let low = 0;
    let high = timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = timers[middle];
      if (other !== undefined && isBefore(timer, other)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    add(at, fire) {
      const timer = { at, sequence: made++, fire };
      timers.splice(place(timer), 0, timer);
      return timer;
    },
    due(target) {
      const first = timers.at(-1);
      return first !== undefined && first.at <= target ? first : undefined;
    },
    take: () => void timers.pop(),
    remove(timer) {
      const index = place(timer);
      if (timers[index] === timer) timers.splice(index, 1);
    },
    size: () => timers.length,
  };
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}

async function microtaskTurns(): Promise<void> {
  const done = Promise.resolve();
  for (let turn = 0; turn < 2000; turn++) await done;
}
