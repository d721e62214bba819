import { messageOf } from '../../base/errors.ts';

/**
 * One incarnation of a process, as far as it touches the outside: what it asked for reaches it only while it lives and does not hang.
 * After `kill` nothing that it waits for ever settles: a rejection would run its `catch` and `finally`, and the dead would act.
 */
export interface Life {
  /** Aborted by `kill`. For those who serve the process, to let go of what it held; the process itself never sees it. */
  readonly ended: AbortSignal;
  dead(): boolean;
  /** Calls `work` and settles as it does: later while frozen, never once dead. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** `source`, each step under `run`. */
  iterate<T>(source: AsyncIterable<T>): AsyncIterable<T>;
  freeze(): void;
  thaw(): void;
  kill(): void;
}

export function newLife(): Life {
  const end = new AbortController();
  const iterators = new Set<AsyncIterator<unknown>>();
  let frozen = false;
  let held: (() => void)[] = [];

  const whenRunning = (step: () => void): void => {
    if (end.signal.aborted) return;
    if (frozen) held.push(step);
    else step();
  };
  const run = <T>(work: () => Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const begin = async (): Promise<void> => {
        try {
          const value = await work();
          whenRunning(() => {
            resolve(value);
          });
        } catch (error) {
          whenRunning(() => {
            reject(error instanceof Error ? error : new Error(messageOf(error)));
          });
        }
      };
      whenRunning(() => void begin());
    });
  const iterate = <T>(source: AsyncIterable<T>): AsyncIterable<T> => ({
    [Symbol.asyncIterator]: () => {
      const iterator = source[Symbol.asyncIterator]();
      iterators.add(iterator);
      const step = noting(() => iterators.delete(iterator));
      return {
        next: () => run(() => step(() => iterator.next())),
        return: () => run(() => step(async () => iterator.return?.() ?? { done: true, value: undefined })),
      };
    },
  });

  return {
    ended: end.signal,
    dead: () => end.signal.aborted,
    run,
    iterate,
    freeze: () => {
      frozen = true;
    },
    thaw: () => {
      frozen = false;
      const steps = held;
      held = [];
      for (const step of steps) whenRunning(step);
    },
    kill: () => {
      if (end.signal.aborted) return;
      held = [];
      end.abort();
      for (const iterator of iterators) iterator.return?.().catch(() => undefined);
      iterators.clear();
    },
  };
}

/** Calls `ended` when a step ends the iteration. */
function noting(ended: () => void): <T>(step: () => Promise<IteratorResult<T>>) => Promise<IteratorResult<T>> {
  return async (step) => {
    let done: boolean | undefined = true;
    try {
      const result = await step();
      done = result.done;
      return result;
    } finally {
      if (done === true) ended();
    }
  };
}
