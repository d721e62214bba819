import { messageOf } from '../../base/errors.ts';

/**
 * One incarnation of a process, as far as it touches the outside: what it asked for reaches it only while it lives and does not hang.
 * After `kill` nothing that it waits for ever settles: a rejection would run its `catch` and `finally`, and the dead would act.
 */
export interface Life {
  /** Aborted by `kill`. For those who serve the process, to let go of what it held; the process itself never sees it. */
  readonly ended: AbortSignal;
  dead(): boolean;
  /** Calls `act`: later while frozen, never once dead. */
  step(act: () => void): void;
  /** Has `undo` called by `kill`, unless what it returns is called before. */
  onEnd(undo: () => void): () => void;
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
  const undoing = new Set<() => void>();
  let frozen = false;
  let held: (() => void)[] = [];

  const whenRunning = (step: () => void): void => {
    if (end.signal.aborted) return;
    if (frozen) held.push(step);
    else step();
  };
  const run = runner(whenRunning);
  const iterate = <T>(source: AsyncIterable<T>): AsyncIterable<T> => ({
    [Symbol.asyncIterator]: () => {
      const iterator = source[Symbol.asyncIterator]();
      iterators.add(iterator);
      const ended = (): void => void iterators.delete(iterator);
      return {
        next: () => run(() => noted(iterator.next(), ended)),
        return: () => run(() => noted(iterator.return?.() ?? Promise.resolve({ done: true, value: undefined }), ended)),
      };
    },
  });

  return {
    ended: end.signal,
    dead: () => end.signal.aborted,
    step: whenRunning,
    onEnd: (undo) => {
      undoing.add(undo);
      return () => void undoing.delete(undo);
    },
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
      for (const undo of undoing) undo();
      undoing.clear();
      for (const iterator of iterators) iterator.return?.().catch(() => undefined);
      iterators.clear();
    },
  };
}

function runner(whenRunning: (step: () => void) => void): Life['run'] {
  return <T>(work: () => Promise<T>) =>
    new Promise<T>((resolve, reject) => {
      const failed = (error: unknown): void => {
        whenRunning(() => {
          reject(error instanceof Error ? error : new Error(messageOf(error)));
        });
      };
      const done = (value: T): void => {
        whenRunning(() => {
          resolve(value);
        });
      };
      whenRunning(() => {
        try {
          work().then(done, failed);
        } catch (error) {
          failed(error);
        }
      });
    });
}

/** `step`, and calls `ended` when it ends the iteration. */
function noted<T>(step: Promise<IteratorResult<T>>, ended: () => void): Promise<IteratorResult<T>> {
  return step.then(
    (result) => {
      if (result.done === true) ended();
      return result;
    },
    (error: unknown) => {
      ended();
      throw error;
    },
  );
}
