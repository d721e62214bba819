import type { Clock } from '../../../base/clock.ts';
import type { Save } from './endpoint.ts';

/** What a guest's programs wait for. It goes along with the guest's state. */
export interface Timers {
  /** Calls `act` after that time; while the guest stands still, once it goes on. @returns how to take it back. */
  readonly after: (ms: number, act: () => void) => () => void;
  readonly save: Save;
}

interface Timer {
  readonly act: () => void;
  /** Monotonic milliseconds. */
  due: number;
  stop: () => void;
}

/** @param hold keeps what is due while the guest stands still, until it goes on. */
export function newTimers(clock: Clock, isAwake: () => boolean, hold: (act: () => void) => void): Timers {
  const wanted = new Set<Timer>();
  const fire = (timer: Timer, due: number): void => {
    // It was taken back, or waits anew, since.
    if (!wanted.has(timer) || timer.due !== due) return;
    if (!isAwake()) {
      hold(() => {
        fire(timer, due);
      });
      return;
    }
    wanted.delete(timer);
    timer.act();
  };
  const arm = (timer: Timer, ms: number): void => {
    const due = clock.monotonic() + ms;
    wanted.add(timer);
    timer.due = due;
    timer.stop = clock.after(ms, () => {
      fire(timer, due);
    });
  };
  const drop = (timer: Timer): void => {
    wanted.delete(timer);
    timer.stop();
  };
  return {
    after: (ms, act) => {
      const timer: Timer = { act, due: 0, stop: () => undefined };
      arm(timer, ms);
      return () => {
        drop(timer);
      };
    },
    save: () => {
      const now = clock.monotonic();
      const left = [...wanted].map((timer) => [timer, Math.max(0, timer.due - now)] as const);
      return () => {
        for (const timer of [...wanted]) drop(timer);
        for (const [timer, ms] of left) arm(timer, ms);
      };
    },
  };
}
