import type { Clock } from '../base/clock.ts';
import { laterQueue } from './later.ts';
import { tokenBucket } from './token-bucket.ts';

/**
 * Keys of work to do. A key waits once however often it is added, is at work with one worker at a time, and comes again when it was added
 * while at work: so nothing is missed and nothing runs twice at once.
 */
export interface WorkQueue {
  add(key: string): void;
  /** Adds `key` after `ms` milliseconds, or sooner if it was asked for sooner. Once taken, a key no longer waits for its time: its worker decides anew. */
  addAfter(key: string, ms: number): void;
  /** Adds `key` after its back-off, which grows with each call, and not before the limit over all keys admits it. @returns after how many milliseconds. */
  retry(key: string): number;
  /** `key` went well: its back-off starts anew. */
  forget(key: string): void;
  /** The next key, as soon as there is one; undefined when the queue has stopped. Who takes a key must call `done`. */
  take(): Promise<string | undefined>;
  done(key: string): void;
  /** How many keys could be taken now. */
  depth(): number;
}

export interface WorkQueueOptions {
  /** Milliseconds before the first retry of a key; each further one doubles it. Default 5. */
  readonly baseDelay?: number;
  /** Default 60,000: after a long outage of the API server, what failed meanwhile does not stand still for longer. */
  readonly maxDelay?: number;
  /** Retries a second over all keys. Default 100. */
  readonly rate?: number;
  /** Retries over all keys that may come at once. Default 1,000. */
  readonly burst?: number;
  /** Told when the depth may have changed. */
  readonly onDepth?: (depth: number) => void;
}

/** @param stop ends it: what waits is dropped, and who waits gets nothing. */
export function workQueue(clock: Clock, stop: AbortSignal, options: WorkQueueOptions = {}): WorkQueue {
  const { onDepth = () => undefined } = options;
  const backOff = backOffs(clock, options);
  const line = fifo();
  const waiting = new Set<string>();
  const atWork = new Set<string>();
  const takers: ((key: string | undefined) => void)[] = [];

  const handOut = (): void => {
    for (let taker = takers[0]; taker !== undefined && line.size() > 0; taker = takers[0]) {
      const key = line.take();
      takers.shift();
      if (key === undefined) return;
      waiting.delete(key);
      later.remove(key);
      atWork.add(key);
      taker(key);
    }
    onDepth(line.size());
  };
  const add = (key: string): void => {
    if (stop.aborted || waiting.has(key)) return;
    waiting.add(key);
    if (atWork.has(key)) return;
    line.put(key);
    handOut();
  };
  const later = laterQueue(clock, stop, add);
  stop.addEventListener('abort', () => takers.splice(0).forEach((taker) => taker(undefined)), { once: true });

  return {
    add,
    addAfter(key, ms) {
      if (ms <= 0) add(key);
      else later.add(key, ms);
    },
    retry(key) {
      const ms = backOff.next(key);
      later.add(key, ms);
      return ms;
    },
    forget: backOff.forget,
    take: () =>
      new Promise((resolve) => {
        if (stop.aborted) {
          resolve(undefined);
          return;
        }
        takers.push(resolve);
        handOut();
      }),
    done(key) {
      atWork.delete(key);
      if (!waiting.has(key)) return;
      line.put(key);
      handOut();
    },
    depth: () => line.size(),
  };
}

interface BackOffs {
  /** Milliseconds before the next retry of `key`. */
  readonly next: (key: string) => number;
  readonly forget: (key: string) => void;
}

function backOffs(clock: Clock, options: WorkQueueOptions): BackOffs {
  const { baseDelay = 5, maxDelay = 60_000, rate = 100, burst = 1000 } = options;
  const limit = tokenBucket(clock, rate, burst);
  const failures = new Map<string, number>();
  return {
    next(key) {
      const failed = failures.get(key) ?? 0;
      failures.set(key, failed + 1);
      return Math.max(Math.min(maxDelay, baseDelay * 2 ** failed), limit.reserve());
    },
    forget: (key) => {
      failures.delete(key);
    },
  };
}

interface Fifo {
  put(key: string): void;
  take(): string | undefined;
  size(): number;
}

/** Not `shift`, which moves all the others. */
function fifo(): Fifo {
  let keys: string[] = [];
  let from = 0;
  return {
    put: (key) => void keys.push(key),
    take() {
      const key = keys[from++];
      if (from > 1000 && from * 2 > keys.length) {
        keys = keys.slice(from);
        from = 0;
      }
      return key;
    },
    size: () => keys.length - from,
  };
}
