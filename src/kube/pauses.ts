import type { Random } from '../base/random.ts';

export interface Outcome {
  /** Rounds in a row, this one included, that ended too soon. */
  readonly failures: number;
  /** Milliseconds that the server asked for. */
  readonly asked: number | undefined;
}

const longest = 30_000;
const longestAsked = 60_000;

/** Milliseconds to pause before the next round: none to speak of after a good one, then from 0.1 s to 30 s, spread so that clients do not march in step. */
export function pauseAfter(outcome: Outcome, random: Random): number {
  if (outcome.failures === 0) return 50 * random.next();
  const pause = Math.min(longest, 100 * 2 ** (outcome.failures - 1)) * (0.5 + random.next() / 2);
  return Math.max(pause, Math.min(outcome.asked ?? 0, longestAsked));
}
