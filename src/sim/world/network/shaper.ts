import type { Shaper } from '../../../api/effective-port.ts';

/**
 * A token bucket that holds frames back rather than dropping them. Nothing waits in it: the moment at which a frame may go follows from those before.
 * In any span of t seconds at most burst + average × t pass, and never faster than peak.
 */
export interface Bucket {
  shaper: Shaper;
  /** Bytes that may pass at once; below 0, what waits. */
  tokens: number;
  /** When `tokens` was so, milliseconds. */
  at: number;
  /** When the last frame has gone by the peak rate, milliseconds. */
  freeAt: number;
}

/** How long a frame may wait; one that would wait longer is dropped. */
export const longestWaitMs = 100;

export function newBucket(shaper: Shaper, now: number): Bucket {
  return { shaper, tokens: shaper.burst, at: now, freeAt: now };
}

/** @returns how long the frame waits, milliseconds; undefined: there are too many before it. */
export function pass(bucket: Bucket, bytes: number, now: number): number | undefined {
  const { average, burst, peak } = bucket.shaper;
  const tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) * average) / 8000);
  const byAverage = ((Math.min(bytes, burst) - tokens) * 8000) / average;
  const start = Math.max(now, bucket.freeAt);
  const wait = Math.max(0, byAverage, start - now);
  if (!(wait <= longestWaitMs)) return undefined;
  bucket.tokens = tokens - bytes;
  bucket.at = now;
  bucket.freeAt = now + wait + (bytes * 8000) / peak;
  return wait;
}
