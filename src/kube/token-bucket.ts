import type { Clock } from '../base/clock.ts';

/** A limit of so many a second over time, and of so many at once. */
export interface TokenBucket {
  /** Takes one, if need be ahead of time. @returns how many milliseconds to wait for it: those who wait keep their turn. */
  readonly reserve: () => number;
  /** Takes one if there is one. */
  readonly take: () => boolean;
}

/** @param rate tokens a second. @param burst how many there are at most, and at first. */
export function tokenBucket(clock: Clock, rate: number, burst: number): TokenBucket {
  let tokens = burst;
  let at = clock.monotonic();
  const refill = (): void => {
    const now = clock.monotonic();
    tokens = Math.min(burst, tokens + ((now - at) * rate) / 1000);
    at = now;
  };
  return {
    reserve() {
      refill();
      tokens--;
      return tokens >= 0 ? 0 : (-tokens * 1000) / rate;
    },
    take() {
      refill();
      if (tokens < 1) return false;
      tokens--;
      return true;
    },
  };
}
