/** Whether rounds come to an end, and what is done when they do not: QEMU's auto-converge, counted in rounds instead of seconds. */
import type { MoveMode } from '../../ports/moves.ts';
import type { ThrottleSettings } from './settings.ts';

export interface Round {
  readonly sentBytes: number;
  /** Meanwhile. */
  readonly dirtiedBytes: number;
}

/** What to do after a round that left too much. */
export type Advice = 'GoOn' | 'Throttle' | 'GiveUp';

export interface Convergence {
  after(round: Round): Advice;
  /** Percent of its processors that are to be withheld from the guest. */
  percent(): number;
}

/** A round that leaves more than this share of what it sent is poor (QEMU's throttle-trigger-threshold). */
const poorShare = 0.5;
/** At the strongest throttle, one that leaves more than this share is hopeless: what comes after it is hardly less. */
const hopelessShare = 0.9;
/** As many as that of a kind are believed. */
const enough = 2;

/** @param mode Auto has a better way out than to slow the guest down for long. */
export function convergence(mode: MoveMode, { firstPercent, mostPercent, mostRounds, stepPercent }: ThrottleSettings): Convergence {
  const most = mode === 'Auto' ? Math.min(firstPercent, mostPercent) : mostPercent;
  let percent = 0;
  let rounds = 0;
  let poor = 0;
  let hopeless = 0;
  return {
    percent: () => percent,
    after: ({ dirtiedBytes, sentBytes }) => {
      rounds++;
      if (rounds >= mostRounds) return 'GiveUp';
      if (percent >= most) {
        hopeless = dirtiedBytes > hopelessShare * sentBytes ? hopeless + 1 : 0;
        return hopeless >= enough ? 'GiveUp' : 'GoOn';
      }
      poor = dirtiedBytes > poorShare * sentBytes ? poor + 1 : 0;
      if (poor < enough) return 'GoOn';
      poor = 0;
      percent = percent === 0 ? Math.min(firstPercent, most) : Math.min(percent + stepPercent, most);
      return 'Throttle';
    },
  };
}
