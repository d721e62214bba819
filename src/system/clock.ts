import type { Clock } from '../base/clock.ts';
import { Stopped } from '../base/errors.ts';

/** What a timer of this machine can hold; a longer one would fire at once. */
const longestTimer = 2 ** 31 - 1;

/** This machine's clock. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(new Stopped());
          return;
        }
        const end = performance.now() + ms;
        let timer: NodeJS.Timeout;
        const stop = (): void => {
          clearTimeout(timer);
          reject(new Stopped());
        };
        const wait = (rest: number): void => {
          timer = setTimeout(
            () => {
              if (rest > longestTimer) {
                wait(end - performance.now());
                return;
              }
              signal?.removeEventListener('abort', stop);
              resolve();
            },
            Math.min(Math.max(rest, 0), longestTimer),
          );
        };
        signal?.addEventListener('abort', stop, { once: true });
        wait(ms);
      }),
  };
}
