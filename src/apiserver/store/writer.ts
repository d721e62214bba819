import { Stopped } from '../../base/errors.ts';
import type { UnknownObject } from '../../meta/objects.ts';
import type { Journal } from './journal.ts';
import type { Write as WriteRecord } from './records.ts';
import { storedAt } from './stored.ts';
import type { Stored } from './types.ts';

export interface Write {
  readonly kind: 'put' | 'remove';
  readonly key: string;
  readonly object: UnknownObject;
}

/** Gives revisions and makes writes durable, all that arrive while one sync is under way with the next one. */
export interface Writer {
  /** Settles when it is durable and was handed to `visible`. @throws {StorageFailed} and {Stopped}. */
  write(write: Write): Promise<Stored>;
  /** Runs `task` between two batches; it gets the newest revision given. */
  between<T>(task: (revision: number) => Promise<T>): Promise<T>;
  /** Refuses new writes, and settles when those under way have. */
  close(): Promise<void>;
}

export interface Written {
  readonly stored: Stored;
  readonly gone: boolean;
}

interface Waiting {
  readonly write: Write;
  readonly resolve: (stored: Stored) => void;
  readonly reject: (error: unknown) => void;
}

/** Also how many revisions a crash can at most hide: those of one batch that left no trace. */
export const batchRecords = 1000;
const batchText = 4_000_000;

/** `given`: the newest revision given, with all that were given since on record. `visible` is called with what has become durable. */
export function writer(
  log: Journal,
  start: { readonly revision: number; readonly fresh: boolean },
  visible: (batch: readonly Written[]) => void,
): Writer {
  const queue: Waiting[] = [];
  const tasks: (() => Promise<void>)[] = [];
  /** After a crash, leaves out the revisions that may have been given to what was lost. */
  let given = start.fresh ? start.revision : start.revision + batchRecords;
  /** The disk knows that everything up to `given` is spent but for the last batch. */
  let marked = start.fresh;
  let closed = false;
  let running: Promise<void> | undefined;

  const commit = async (): Promise<void> => {
    if (!marked) {
      const waiting = queue.splice(0);
      try {
        await log.append([{ kind: 'mark', revision: given, durable: log.durable() }]);
        marked = true;
        queue.unshift(...waiting);
      } catch (error) {
        for (const { reject } of waiting) reject(error);
        return;
      }
    }
    const batch = take(queue, given, log.durable());
    if (batch.records.length === 0) return;
    given += batch.records.length;
    try {
      await log.append(batch.records);
    } catch (error) {
      marked = false;
      for (const { waiting } of batch.writes) waiting.reject(error);
      return;
    }
    visible(batch.writes);
    for (const { waiting, stored } of batch.writes) waiting.resolve(stored);
  };
  const run = async (): Promise<void> => {
    // What arrives in the same turn goes with the first batch.
    await Promise.resolve();
    while (queue.length > 0 || tasks.length > 0) {
      const task = tasks.shift();
      await (task === undefined ? commit() : task());
    }
    running = undefined;
  };
  const wake = (): void => {
    running ??= run();
  };
  return {
    write: (write) => {
      if (closed) return Promise.reject(new Stopped('the store is closed'));
      return new Promise((resolve, reject) => {
        queue.push({ write, resolve, reject });
        wake();
      });
    },
    between: (task) => {
      if (closed) return Promise.reject(new Stopped('the store is closed'));
      return new Promise((resolve, reject) => {
        tasks.push(() => task(given).then(resolve, reject));
        wake();
      });
    },
    close: async () => {
      closed = true;
      await running;
    },
  };
}

interface Batch {
  readonly writes: (Written & { readonly waiting: Waiting })[];
  readonly records: WriteRecord[];
}

/** The writes that go together next, with the revisions after `given`. */
function take(queue: Waiting[], given: number, durable: number): Batch {
  const batch: Batch = { writes: [], records: [] };
  let text = 0;
  while (batch.records.length < batchRecords && text < batchText) {
    const waiting = queue.shift();
    if (waiting === undefined) break;
    const { kind, key, object } = waiting.write;
    try {
      const stored = storedAt(key, given + batch.records.length + 1, object);
      batch.writes.push({ stored, gone: kind === 'remove', waiting });
      batch.records.push({ kind, revision: stored.revision, durable, key, text: stored.text });
      text += stored.text.length;
    } catch (error) {
      // It is not JSON: that is the writer's mistake alone.
      waiting.reject(error);
    }
  }
  return batch;
}
