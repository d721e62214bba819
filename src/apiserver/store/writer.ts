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
  /** Runs `task` between two batches; it gets the newest revision given. @throws {Stopped} and what `task` throws. */
  between<T>(task: (revision: number) => Promise<T>): Promise<T>;
  /** Refuses new writes, and settles when those under way have. */
  close(): Promise<void>;
}

export interface Written {
  readonly stored: Stored;
  readonly gone: boolean;
}

export interface WriterStart {
  /** The newest revision that is known to have been given. */
  readonly revision: number;
  /** No other was. */
  readonly fresh: boolean;
}

interface Waiting {
  readonly write: Write;
  readonly resolve: (stored: Stored) => void;
  readonly reject: (error: unknown) => void;
}

/** Also how many revisions a crash can at most hide: those of one batch that left no trace. */
const batchRecords = 1000;
const batchText = 4_000_000;

interface State {
  readonly log: Journal;
  readonly visible: (batch: readonly Written[]) => void;
  readonly queue: Waiting[];
  readonly tasks: (() => Promise<void>)[];
  /** The newest revision given. */
  given: number;
  /** Whoever reads the log learns that all up to `given` is spent, or would if the last batch got there. */
  marked: boolean;
  closed: boolean;
  running: Promise<void> | undefined;
}

/** `visible` is called with what has become durable. */
export function writer(log: Journal, start: WriterStart, visible: (batch: readonly Written[]) => void): Writer {
  // After a crash, the revisions that may have been given to what was lost are left out.
  const given = start.fresh ? start.revision : start.revision + batchRecords;
  const state: State = { log, visible, queue: [], tasks: [], given, marked: start.fresh, closed: false, running: undefined };
  return {
    write: (write) =>
      enter(state, (resolve: (stored: Stored) => void, reject) => {
        state.queue.push({ write, resolve, reject });
      }),
    between: (task) =>
      enter(state, (resolve, reject) => {
        state.tasks.push(() => task(state.given).then(resolve, reject));
      }),
    close: async () => {
      state.closed = true;
      await state.running;
    },
  };
}

async function enter<T>(state: State, join: (resolve: (value: T) => void, reject: (error: unknown) => void) => void): Promise<T> {
  if (state.closed) throw new Stopped('the store is closed');
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  join(resolve, reject);
  state.running ??= run(state);
  return promise;
}

async function run(state: State): Promise<void> {
  // What arrives in the same turn goes with the first batch.
  await Promise.resolve();
  while (state.queue.length > 0 || state.tasks.length > 0) {
    const task = state.tasks.shift();
    await (task === undefined ? commit(state) : task());
  }
  state.running = undefined;
}

async function commit(state: State): Promise<void> {
  if (!state.marked && !(await mark(state))) return;
  const { log, queue } = state;
  const batch = take(queue, state.given, log.durable());
  if (batch.records.length === 0) return;
  state.given += batch.records.length;
  try {
    await log.append(batch.records);
  } catch (error) {
    state.marked = false;
    for (const { waiting } of batch.writes) waiting.reject(error);
    return;
  }
  state.visible(batch.writes);
  for (const { waiting, stored } of batch.writes) waiting.resolve(stored);
}

/** Puts on record what is spent, before more is given. @returns false when the disk refused; then all who waited by then were told. */
async function mark(state: State): Promise<boolean> {
  const waiting = state.queue.splice(0);
  try {
    await state.log.append([{ kind: 'mark', revision: state.given, durable: state.log.durable() }]);
  } catch (error) {
    for (const { reject } of waiting) reject(error);
    return false;
  }
  state.marked = true;
  state.queue.unshift(...waiting);
  return true;
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
