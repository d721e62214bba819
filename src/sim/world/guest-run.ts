import { Stopped } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import type { GuestSpec } from '../../ports/guests.ts';
import type { GuestBehaviour } from './behaviour.ts';
import { newGuestNics, type GuestNics } from './network/guest-nic.ts';

/** What a guest is and how far it has come: what goes along when it moves. */
export interface GuestPast {
  readonly spec: GuestSpec;
  readonly behaviour: GuestBehaviour;
  /** Own time at which it has booted. */
  readonly bootMs: number;
  /** Own time at which it goes on; absent: 0. */
  readonly elapsed?: number;
  /** Its network interfaces; absent: new ones. */
  readonly nics?: GuestNics;
  /** For what it stands still; absent: nothing. */
  readonly causes?: Iterable<object>;
}

/** A guest from a start, resume or arrival to its end. It has a time of its own, which stands still while it hangs or is paused. */
export interface GuestRun extends Pick<GuestPast, 'spec' | 'behaviour' | 'bootMs'> {
  /** Milliseconds that it has run. */
  elapsed(): number;
  hangs(): boolean;
  /** For what it stands still. */
  causes(): ReadonlySet<object>;
  /** It stands still until all causes for which it does are gone. */
  hang(cause: object): void;
  recover(cause: object): void;
  /** Share of its processors' time that it gets, above 0 and at most 1: its own time goes so fast. */
  slow(share: number): void;
  over(): boolean;
  end(): void;
  readonly nics: GuestNics;
  /** Calls `act` when it does not hang any more, or is over; at once when that is so. */
  whenRuns(act: () => void): void;
  /** Settles when it has run for `ms` of its own time in all: true; or when it is over: false. */
  reach(ms: number): Promise<boolean>;
  /** Moments of the last sample. */
  sampled: { readonly elapsed: number; readonly monotonic: number };
}

export function newGuestRun(past: GuestPast, clock: Clock): GuestRun {
  const { spec, behaviour, bootMs } = past;
  const ended = new AbortController();
  const causes = new Set(past.causes ?? []);
  let since = clock.monotonic();
  let before = past.elapsed ?? 0;
  let share = 1;
  /** Aborted when its time goes otherwise than until now, so that nobody sleeps towards a moment that moves away. */
  let change = new AbortController();
  let waiting: (() => void)[] = [];

  const stands = (): boolean => causes.size > 0 || ended.signal.aborted;
  const elapsed = (): number => (stands() ? before : before + (clock.monotonic() - since) * share);
  /** Lets `act` change how its time goes. */
  const turn = (act: () => void): void => {
    before = elapsed();
    since = clock.monotonic();
    act();
    change.abort();
    change = new AbortController();
    if (causes.size > 0 && !ended.signal.aborted) return;
    const sleepers = waiting;
    waiting = [];
    for (const sleeper of sleepers) sleeper();
  };
  const pass = (ms: number): Promise<void> =>
    causes.size > 0 ? new Promise((resolve) => waiting.push(resolve)) : sleepOrStop(clock, ms / share, change.signal);

  return {
    spec,
    behaviour,
    bootMs,
    elapsed,
    hangs: () => causes.size > 0,
    causes: () => causes,
    hang: (cause) => {
      turn(() => causes.add(cause));
    },
    recover: (cause) => {
      turn(() => causes.delete(cause));
    },
    slow: (to) => {
      turn(() => {
        share = to;
      });
    },
    over: () => ended.signal.aborted,
    end: () => {
      turn(() => {
        ended.abort();
      });
    },
    reach: async (ms) => {
      while (!ended.signal.aborted && elapsed() < ms) await pass(ms - elapsed());
      return !ended.signal.aborted;
    },
    nics: past.nics ?? newGuestNics(clock),
    whenRuns: (act) => {
      if (causes.size > 0 && !ended.signal.aborted) waiting.push(act);
      else act();
    },
    sampled: { elapsed: before, monotonic: since },
  };
}

async function sleepOrStop(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  }
}
