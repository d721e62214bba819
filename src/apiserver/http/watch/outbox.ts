import { backlog } from './backlog.ts';

/** What is written to one watcher: an async iterable for one reader. */
export interface Outbox extends AsyncIterable<Uint8Array> {
  /** When too much waits for the reader, the stream ends where it stands. `initial`: what the reader begins with does not count. */
  push(bytes: Uint8Array, initial?: 'initial'): void;
  /** What was pushed is still read; then the stream ends. */
  readonly end: () => void;
}

type Result = IteratorResult<Uint8Array, undefined>;

/** `limit` in bytes. `gone` is called once, when nothing will be read any more. */
export function outbox(limit: number, gone: () => void): Outbox {
  const queue = backlog(limit);
  let state: 'open' | 'ending' | 'gone' = 'open';
  let waiting: ((result: Result) => void) | undefined;

  const answer = (result: Result): boolean => {
    if (waiting === undefined) return false;
    waiting(result);
    waiting = undefined;
    return true;
  };
  const leave = (): Result => {
    if (state !== 'gone') {
      state = 'gone';
      gone();
    }
    return { done: true, value: undefined };
  };
  const end = (): void => {
    if (state !== 'open') return;
    state = 'ending';
    if (waiting !== undefined) answer(leave());
  };
  return {
    push: (bytes, initial) => {
      if (state !== 'open' || answer({ done: false, value: bytes })) return;
      if (queue.add(bytes, initial !== undefined)) return;
      queue.clear();
      end();
    },
    end,
    [Symbol.asyncIterator]: () => ({
      next: () => {
        if (!queue.isEmpty) return Promise.resolve({ done: false, value: queue.take() });
        if (state !== 'open') return Promise.resolve(leave());
        return new Promise((resolve) => {
          waiting = resolve;
        });
      },
      return: () => {
        queue.clear();
        end();
        return Promise.resolve(leave());
      },
    }),
  };
}
