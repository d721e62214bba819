/** How fast a guest may go so that its shadow keeps up. */
import { lagIntervals, leastShare, loggedShare, recoveryFactor } from './figures.ts';
import type { Pair } from './pair.ts';

/** Slows a guest whose shadow lags, and lets it recover. */
export function adapt(pair: Pair, tookMs: number): void {
  const { options, run } = pair;
  const most = options.mode === 'Lockstep' ? loggedShare : 1;
  const allowedMs = options.intervalMs * lagIntervals;
  const share = tookMs > allowedMs ? Math.max(leastShare, (pair.share * allowedMs) / tookMs) : Math.min(most, pair.share * recoveryFactor);
  if (share !== pair.share) run.slow(share);
  pair.share = share;
}
