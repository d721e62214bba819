/** What waits to be written to one watcher: an async iterable for one reader. */
export interface Outbox extends AsyncIterable<Uint8Array> {
  /** Past the limit the stream ends. `initial`: what the reader began with does not count. */
  push(bytes: Uint8Array, initial?: 'initial'): void;
  /** What was pushed is still read; then the stream ends. */
  end(): void;
  readonly ended: boolean;
}

type Result = IteratorResult<Uint8Array, undefined>;

/** `limit` in bytes; past it the stream ends where it stands, and the watcher must begin anew. `gone` is called once, when nobody reads any more. */
export function outbox(limit: number, gone: () => void): Outbox {
  let queue: Uint8Array[] = [];
  let size = 0;
  let allowed = limit;
  let ended = false;
  let left = false;
  let waiting: ((result: Result) => void) | undefined;

  const clear = (): void => {
    queue = [];
    size = 0;
    allowed = limit;
  };
  const leave = (): void => {
    if (left) return;
    left = true;
    gone();
  };
  const finish = (): void => {
    ended = true;
    if (waiting === undefined) return;
    waiting({ done: true, value: undefined });
    waiting = undefined;
    leave();
  };
  const next = (): Promise<Result> => {
    if (queue.length > 0) {
      const chunk = joined(queue, size);
      clear();
      return Promise.resolve({ done: false, value: chunk });
    }
    if (ended) {
      leave();
      return Promise.resolve({ done: true, value: undefined });
    }
    return new Promise((resolve) => {
      waiting = resolve;
    });
  };
  return {
    push: (bytes, initial) => {
      if (ended) return;
      if (waiting !== undefined) {
        waiting({ done: false, value: bytes });
        waiting = undefined;
        return;
      }
      queue.push(bytes);
      size += bytes.byteLength;
      if (initial !== undefined) allowed += bytes.byteLength;
      if (size <= allowed) return;
      clear();
      finish();
    },
    end: finish,
    get ended() {
      return ended;
    },
    [Symbol.asyncIterator]: () => ({
      next,
      return: () => {
        clear();
        finish();
        leave();
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
