/** Hands what is pushed to everybody who reads at that time. */
export interface Broadcast<T> {
  push(item: T): void;
  /** What is pushed from now on, until `signal` is aborted or the reader returns. */
  read(signal: AbortSignal): AsyncIterable<T>;
}

export function broadcast<T>(): Broadcast<T> {
  const readers = new Set<Reader<T>>();
  return {
    push: (item) => {
      for (const reader of readers) reader.push(item);
    },
    read: (signal) => {
      const end = (): void => {
        readers.delete(reader);
        signal.removeEventListener('abort', end);
        reader.end();
      };
      const reader = newReader<T>(end);
      if (signal.aborted) reader.end();
      else {
        readers.add(reader);
        signal.addEventListener('abort', end);
      }
      return { [Symbol.asyncIterator]: () => reader };
    },
  };
}

interface Reader<T> extends AsyncIterator<T> {
  push(item: T): void;
  end(): void;
}

function newReader<T>(onReturn: () => void): Reader<T> {
  const items: T[] = [];
  let ended = false;
  let waiting: ((result: IteratorResult<T>) => void) | undefined;
  const answer = (result: IteratorResult<T>): boolean => {
    if (waiting === undefined) return false;
    const resolve = waiting;
    waiting = undefined;
    resolve(result);
    return true;
  };
  return {
    push: (value) => {
      if (!answer({ done: false, value })) items.push(value);
    },
    end: () => {
      ended = true;
      answer({ done: true, value: undefined });
    },
    next: () =>
      new Promise((resolve) => {
        waiting = resolve;
        const value = items.shift();
        if (value !== undefined) answer({ done: false, value });
        else if (ended) answer({ done: true, value: undefined });
      }),
    return: () => {
      onReturn();
      return Promise.resolve({ done: true, value: undefined });
    },
  };
}
