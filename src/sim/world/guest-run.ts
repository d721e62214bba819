import { Stopped } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import type { GuestSpec } from '../../ports/guests.ts';
import { behaviourOf, type GuestBehaviour } from './behaviour.ts';

/** A guest whose processors run, from a start or resume to its end. It has a time of its own, which stands still while it hangs. */
export interface GuestRun {
  readonly spec: GuestSpec;
  readonly behaviour: GuestBehaviour;
  /** Own time at which it has booted. */
  readonly bootMs: number;
  /** Milliseconds that it has run. */
  elapsed(): number;
  hangs(): boolean;
  /** Hangs and their ends are counted: it goes on when the last one has ended. */
  hang(): void;
  recover(): void;
  over(): boolean;
  end(): void;
  /** Settles when it has run for `ms` of its own time in all: true; or when it is over: false. */
  reach(ms: number): Promise<boolean>;
  /** Moments of the last sample. */
  sampled: { readonly elapsed: number; readonly monotonic: number };
}

export function newGuestRun(spec: GuestSpec, bootMs: number, clock: Clock): GuestRun {
  const ended = new AbortController();
  let since = clock.monotonic();
  let before = 0;
  let hangs = 0;
  /** Aborted when it hangs, so that nobody sleeps towards a moment that moves away. */
  let standing = new AbortController();
  let waiting: (() => void)[] = [];

  const elapsed = (): number => (hangs > 0 || ended.signal.aborted ? before : before + clock.monotonic() - since);
  const wake = (): void => {
    const sleepers = waiting;
    waiting = [];
    for (const sleeper of sleepers) sleeper();
  };
  const stand = (): void => {
    before = elapsed();
    standing.abort();
  };
  const pass = async (ms: number): Promise<void> => {
    if (hangs > 0) return new Promise((resolve) => waiting.push(resolve));
    try {
      await clock.sleep(ms, standing.signal);
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    }
  };

  return {
    spec,
    behaviour: behaviourOf(spec.id),
    bootMs,
    elapsed,
    hangs: () => hangs > 0,
    hang: () => {
      if (hangs === 0) stand();
      hangs++;
    },
    recover: () => {
      hangs--;
      if (hangs > 0) return;
      since = clock.monotonic();
      standing = new AbortController();
      wake();
    },
    over: () => ended.signal.aborted,
    end: () => {
      stand();
      ended.abort();
      wake();
    },
    reach: async (ms) => {
      while (!ended.signal.aborted && elapsed() < ms) await pass(ms - elapsed());
      return !ended.signal.aborted;
    },
    sampled: { elapsed: 0, monotonic: since },
  };
}
