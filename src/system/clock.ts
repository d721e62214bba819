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
        const stop = (): void => {
          cancel();
          reject(new Stopped());
        };
        const cancel = after(ms, () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        });
        signal?.addEventListener('abort', stop, { once: true });
      }),
    after,
  };
}

/** Never early, unlike the machine's own timers, which cut fractions off: who is called at the end of a while takes it for over. */
function after(ms: number, act: () => void): () => void {
  const end = performance.now() + ms;
  let timer: NodeJS.Timeout;
  const wait = (rest: number): void => {
    timer = setTimeout(
      () => {
        const left = end - performance.now();
        if (left > 0) wait(left);
        else act();
      },
      Math.min(Math.max(Math.ceil(rest), 0), longestTimer),
    );
  };
  wait(ms);
  return () => {
    clearTimeout(timer);
  };
}
