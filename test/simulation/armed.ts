import type { Clock } from '../../src/base/clock.ts';
import type { Strike } from './plan.ts';
import type { Trace } from './scheduler.ts';

/** The faults that wait for their step, and how often each kind met each step. */
export interface Armed {
  /** The fault for this very call, if one waits for it. It is met once. */
  take(who: string, role: string, step: string): Strike | undefined;
  /** Notes a fault that came by its time. */
  happened(what: string): void;
  /** Whether something came that may have taken a guest's memory: its host, or the way between two. */
  cost(): boolean;
  /** From now on none comes. */
  disarm(): void;
  /** `kind @ role step` → how often. */
  readonly met: ReadonlyMap<string, number>;
}

const costly = /^(PowerLoss|DoublePowerLoss|HostHang|WorldPowerCut|MigrationPartition|SlowMigration|power-)/;

export function armed(strikes: readonly Strike[], clock: Clock, trace: Trace): Armed {
  /** By role and step, the first to come first. */
  const waiting = new Map<string, Strike[]>();
  for (const strike of strikes) {
    const key = `${strike.role} ${strike.step}`;
    waiting.set(key, [...(waiting.get(key) ?? []), strike]);
  }
  const met = new Map<string, number>();
  let on = true;
  const count = (what: string): void => void met.set(what, (met.get(what) ?? 0) + 1);
  return {
    take: (who, role, step) => {
      const line = on ? waiting.get(`${role} ${step}`) : undefined;
      const next = line?.[0];
      if (next === undefined || next.at > clock.monotonic()) return undefined;
      line?.shift();
      trace.note(`! ${next.kind} at ${step} of ${who}`);
      count(`${next.kind} @ ${role} ${step}`);
      return next;
    },
    happened: (what) => {
      trace.note(`! ${what}`);
      count(what.split(' ')[0] ?? what);
    },
    cost: () => [...met.keys()].some((what) => costly.test(what)),
    disarm: () => {
      on = false;
    },
    met,
  };
}
