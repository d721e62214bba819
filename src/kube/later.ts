import type { Clock } from '../base/clock.ts';
import { delays } from './delays.ts';

/** Keys that come up when their time has come. */
export interface Later {
  /** Gives `key` after `ms` milliseconds, or sooner if that was asked for before. */
  add(key: string, ms: number): void;
  readonly remove: (key: string) => void;
}

/** The reason of an abort that nobody asks for the reason of: the usual one is an error with a stack, which costs more than all the rest. */
const over = 'over';

/** Gives each key to `due` when its time has come. One sleep at a time, until the first. */
export function laterQueue(clock: Clock, stop: AbortSignal, due: (key: string) => void): Later {
  const keys = delays();
  let sleep = new AbortController();
  let until = Infinity;
  const arm = (): void => {
    const next = keys.next() ?? Infinity;
    // One that was taken out leaves the sleep as it is: waking for nothing does no harm.
    if (next >= until || stop.aborted) return;
    sleep.abort(over);
    sleep = new AbortController();
    until = next;
    clock.sleep(next - clock.monotonic(), sleep.signal).then(wake, () => undefined);
  };
  const wake = (): void => {
    until = Infinity;
    const now = clock.monotonic();
    for (let key = keys.takeDue(now); key !== undefined; key = keys.takeDue(now)) due(key);
    arm();
  };
  const end = (): void => {
    sleep.abort(over);
  };
  stop.addEventListener('abort', end, { once: true });
  return {
    add(key, ms) {
      keys.set(key, clock.monotonic() + ms);
      arm();
    },
    remove: keys.remove,
  };
}
