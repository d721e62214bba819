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
  /** It stands still until all for which it was paused are gone, and nobody takes it for hanging. */
  pause(cause: object): void;
  unpause(cause: object): void;
  paused(): boolean;
  over(): boolean;
  end(): void;
  nics: GuestNics;
  /** Calls `act` when it does not stand still any more, or is over; at once when that is so. */
  whenRuns(act: () => void): void;
  /** Settles when it has run for `ms` of its own time in all: true; or when it is over: false. */
  reach(ms: number): Promise<boolean>;
  /** Moments of the last sample. */
  sampled: { readonly elapsed: number; readonly monotonic: number };
}

export function newGuestRun(past: GuestPast, clock: Clock): GuestRun {
  const { spec, behaviour, bootMs } = past;
  const causes = new Set(past.causes ?? []);
  const pauses = new Set<object>();
  const time = newOwnTime(clock, past.elapsed ?? 0, () => causes.size > 0 || pauses.size > 0);
  const { turn } = time;
  return {
    spec,
    behaviour,
    bootMs,
    elapsed: time.elapsed,
    hangs: () => causes.size > 0,
    causes: () => causes,
    hang: (cause) => {
      turn(() => causes.add(cause));
    },
    recover: (cause) => {
      turn(() => causes.delete(cause));
    },
    slow: time.slow,
    pause: (cause) => {
      turn(() => pauses.add(cause));
    },
    unpause: (cause) => {
      if (pauses.has(cause)) turn(() => pauses.delete(cause));
    },
    paused: () => pauses.size > 0,
    over: time.over,
    end: time.end,
    reach: time.reach,
    nics: past.nics ?? newGuestNics(clock),
    whenRuns: time.whenRuns,
    sampled: { elapsed: past.elapsed ?? 0, monotonic: clock.monotonic() },
  };
}

/** A guest's own time. */
interface OwnTime {
  readonly elapsed: () => number;
  /** Lets `act` change how it goes. */
  readonly turn: (act: () => void) => void;
  readonly slow: (share: number) => void;
  readonly over: () => boolean;
  readonly end: () => void;
  readonly whenRuns: (act: () => void) => void;
  readonly reach: (ms: number) => Promise<boolean>;
}

function newOwnTime(clock: Clock, from: number, still: () => boolean): OwnTime {
  let ended = false;
  let since = clock.monotonic();
  let before = from;
  let share = 1;
  const bed = newBed(clock);
  let waiting: (() => void)[] = [];

  const over = (): boolean => ended;
  const elapsed = (): number => (still() || over() ? before : before + (clock.monotonic() - since) * share);
  const turn = (act: () => void): void => {
    before = elapsed();
    since = clock.monotonic();
    act();
    // Nobody sleeps towards a moment that moves away.
    bed.wake();
    if (still() && !over()) return;
    const sleepers = waiting;
    waiting = [];
    for (const sleeper of sleepers) sleeper();
  };
  const pass = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (still()) waiting.push(resolve);
      else bed.sleep(ms / share, resolve);
    });
  return {
    elapsed,
    turn,
    over,
    slow: (to) => {
      turn(() => {
        share = to;
      });
    },
    end: () => {
      turn(() => {
        ended = true;
      });
    },
    reach: async (ms) => {
      while (!over() && elapsed() < ms) await pass(ms - elapsed());
      return !over();
    },
    whenRuns: (act) => {
      if (still() && !over()) waiting.push(act);
      else act();
    },
  };
}

/** Those who sleep for a while, unless all are woken before. */
function newBed(clock: Clock): { sleep(ms: number, woken: () => void): void; wake(): void } {
  let asleep = new Set<() => void>();
  return {
    sleep: (ms, woken) => {
      const rise = (): void => {
        cancel();
        woken();
      };
      const cancel = clock.after(ms, () => {
        asleep.delete(rise);
        woken();
      });
      asleep.add(rise);
    },
    wake: () => {
      const all = asleep;
      if (all.size === 0) return;
      asleep = new Set();
      for (const rise of all) rise();
    },
  };
}
