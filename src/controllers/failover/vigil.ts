import type { Clock } from '../../base/clock.ts';

/** Between two looks of a watch that goes on, at most, milliseconds. */
const gapMs = 1_250;

/** How long we have been looking without a break. A process that stood still for a while begins anew: what it has not heard says nothing. */
export class Vigil {
  readonly #clock: Clock;
  #since = 0;
  #last = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Looks once more. @returns for how long, milliseconds. */
  look(): number {
    const now = this.#clock.monotonic();
    if (now - this.#last > gapMs) this.#since = now;
    this.#last = now;
    return now - this.#since;
  }
}
