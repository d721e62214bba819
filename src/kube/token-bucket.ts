import type { Clock } from '../base/clock.ts';

/**
 * A limit of `rate` a second over time, and of `burst` at once. Each call takes one and returns how many milliseconds to wait for it:
 * those who wait keep their turn.
 */
export function tokenBucket(clock: Clock, rate: number, burst: number): () => number {
  let tokens = burst;
  let at = clock.monotonic();
  return () => {
    const now = clock.monotonic();
    tokens = Math.min(burst, tokens + ((now - at) * rate) / 1000) - 1;
    at = now;
    return tokens >= 0 ? 0 : (-tokens * 1000) / rate;
  };
}
