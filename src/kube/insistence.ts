import type { Clock } from '../base/clock.ts';
import { fnv1a } from '../base/hash.ts';

/** How soon one may say again what somebody else has just replaced, milliseconds. */
const patienceMs = 1_000;

/**
 * What was said last of each object. Two that both believe to lead, and see different things, correct each other as fast as the server answers: who
 * would say the same again waits, and says it later if it still holds.
 */
export class Insistence {
  readonly #clock: Clock;
  readonly #said = new Map<string, { readonly what: string; readonly at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds to wait before `what` may be said of the object `key`; zero when it is news. */
  waitMs(key: string, what: unknown): number {
    const last = this.#said.get(key);
    return last?.what === fnv1a(JSON.stringify(what)) ? Math.max(0, last.at + patienceMs - this.#clock.monotonic()) : 0;
  }

  /** `what` has been said: to be called when the server has taken it. */
  said(key: string, what: unknown): void {
    this.#said.set(key, { what: fnv1a(JSON.stringify(what)), at: this.#clock.monotonic() });
  }

  /** The object is gone. */
  forget(key: string): void {
    this.#said.delete(key);
  }
}
