import type { Clock } from '../base/clock.ts';

/** Figures that change by the second are counted, and so written, at most so often, milliseconds. */
const everyMs = 30_000;

/** What was counted of each object last, and when. */
export class Paced<T> {
  readonly #clock: Clock;
  readonly #last = new Map<string, { readonly at: number; readonly value: T }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The figures, counted anew when their time has come or `isUrgent` says so of the old ones. `again`: in how many milliseconds they may be, where they are old. */
  of(name: string, count: () => T, isUrgent: (before: T, now: T) => boolean): { readonly value: T; readonly again?: number } {
    const now = count();
    const last = this.#last.get(name);
    const age = last === undefined ? Infinity : this.#clock.monotonic() - last.at;
    if (last === undefined || age >= everyMs || isUrgent(last.value, now)) {
      if (last === undefined || JSON.stringify(last.value) !== JSON.stringify(now))
        this.#last.set(name, { at: this.#clock.monotonic(), value: now });
      return { value: now };
    }
    return JSON.stringify(last.value) === JSON.stringify(now) ? { value: now } : { value: last.value, again: everyMs - age };
  }

  forget(name: string): void {
    this.#last.delete(name);
  }
}
