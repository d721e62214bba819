/** Something that beats each second at an instant of its own, or does not any more. Nothing is sent: when it beat last follows from when it ended. */

const everyMs = 1_000;

export class Beat {
  readonly #phase: number;
  #isOpen = false;
  /** When it opened or, closed, when it beat last; undefined: it never did. Monotonic milliseconds. */
  #since: number | undefined;

  /** @param phase milliseconds after a whole second. */
  constructor(phase: number) {
    this.#phase = phase % everyMs;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** @returns what changed. */
  turn(isOpen: boolean, now: number): 'Opened' | 'Closed' | undefined {
    if (this.#isOpen === isOpen) return undefined;
    this.#since = isOpen ? now : this.#lastBy(now);
    this.#isOpen = isOpen;
    return isOpen ? 'Opened' : 'Closed';
  }

  /** When it beat last; undefined: it never did. */
  last(now: number): number | undefined {
    return this.#isOpen ? this.#lastBy(now) : this.#since;
  }

  #lastBy(now: number): number {
    const sinceBeat = (((now - this.#phase) % everyMs) + everyMs) % everyMs;
    return Math.max(this.#since ?? -Infinity, now - sinceBeat);
  }
}
