import { Unreachable } from '../base/errors.ts';

/** What a body may ask of the connection that it comes from. */
export interface Flow {
  pause(): void;
  resume(): void;
  /** The reader wants no more. */
  cancel(): void;
}

interface Reader {
  resolve(result: IteratorResult<Uint8Array, undefined>): void;
  reject(error: Error): void;
}

/** Bytes kept for a slow reader before the connection is told to wait. */
const highWater = 128 * 1024;

/**
 * A response's body between the socket, which pushes, and one reader, which pulls. Not an async generator: a generator that was never
 * started skips its `finally` when it is returned from, and the connection would stay taken.
 */
export class ResponseBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #flow: Flow;
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #paused = false;
  #ended = false;
  #failure: Error | undefined;
  #reader: Reader | undefined;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** From the socket. */
  push(chunk: Uint8Array): void {
    if (this.#ended) return;
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      reader.resolve({ done: false, value: chunk });
      return;
    }
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered < highWater || this.#paused) return;
    this.#paused = true;
    this.#flow.pause();
  }

  /** The body is complete; what is buffered can still be read. */
  end(): void {
    this.#ended = true;
    this.#takeReader()?.resolve({ done: true, value: undefined });
  }

  /** The body broke: what is buffered can still be read, then `error` is thrown. */
  fail(error: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    const reader = this.#takeReader();
    if (reader === undefined) this.#failure = error;
    else reader.reject(error);
  }

  /** As `fail`, but at once. */
  abort(error: Error): void {
    if (this.#ended && this.#chunks.length === 0) return;
    this.#chunks = [];
    this.#ended = false;
    this.fail(error);
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) return Promise.resolve({ done: false, value: this.#taken(chunk) });
    if (this.#failure !== undefined) {
      const failure = this.#failure;
      this.#failure = undefined;
      return Promise.reject(failure);
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    if (this.#reader !== undefined) return Promise.reject(new Unreachable('a body is read by one reader, one chunk at a time'));
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const open = !this.#ended;
    this.#chunks = [];
    this.#failure = undefined;
    this.end();
    if (open) this.#flow.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  #taken(chunk: Uint8Array): Uint8Array {
    this.#buffered -= chunk.length;
    if (this.#paused && this.#buffered < highWater / 2) {
      this.#paused = false;
      this.#flow.resume();
    }
    return chunk;
  }

  #takeReader(): Reader | undefined {
    const reader = this.#reader;
    this.#reader = undefined;
    return reader;
  }
}
