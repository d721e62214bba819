import type { Clock } from '../base/clock.ts';
import { tokenBucket, type TokenBucket } from './token-bucket.ts';

interface Memory {
  what: string | undefined;
  /** Absent until something new is said of the object: of most nothing ever is. */
  limit?: TokenBucket;
}

const atOnce = 25;
const perSecond = 1 / 60;

/** What was said last of each object: of the `most` objects that were spoken of most lately. */
export class Said {
  readonly #clock: Clock;
  readonly #most: number;
  /** By uid, the least lately spoken of first. */
  readonly #memories = new Map<string, Memory>();

  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#most = most;
  }

  /** Whether `what` may be said of the object `uid` now: `again` when it is what was said last, `tooMuch` past 25 at once and one a minute. */
  say(uid: string, what: string): 'new' | 'again' | 'tooMuch' {
    const known = this.#memories.get(uid);
    const memory = known ?? { what: undefined };
    this.#remember(uid, memory);
    if (memory.what === what) return 'again';
    if (known !== undefined) {
      memory.limit ??= tokenBucket(this.#clock, perSecond, atOnce);
      if (!memory.limit.take()) return 'tooMuch';
    }
    memory.what = what;
    return 'new';
  }

  /** `what` was not said after all, so that it may be tried again. */
  unsay(uid: string, what: string): void {
    const memory = this.#memories.get(uid);
    if (memory?.what === what) memory.what = undefined;
  }

  #remember(uid: string, memory: Memory): void {
    this.#memories.delete(uid);
    this.#memories.set(uid, memory);
    if (this.#memories.size <= this.#most) return;
    for (const [oldest] of this.#memories) {
      this.#memories.delete(oldest);
      return;
    }
  }
}
