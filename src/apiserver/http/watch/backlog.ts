/** Chunks that wait to be read. */
export interface Backlog {
  readonly isEmpty: boolean;
  /** False: more is waiting than may wait. `initial`: what a reader begins with does not count. */
  add(chunk: Uint8Array, initial: boolean): boolean;
  /** Everything that waits, as one chunk; nothing waits afterwards. */
  take(): Uint8Array;
  readonly clear: () => void;
}

/** `limit` in bytes. */
export function backlog(limit: number): Backlog {
  let chunks: Uint8Array[] = [];
  let size = 0;
  let allowed = limit;
  const clear = (): void => {
    chunks = [];
    size = 0;
    allowed = limit;
  };
  return {
    get isEmpty() {
      return chunks.length === 0;
    },
    add: (chunk, initial) => {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (initial) allowed += chunk.byteLength;
      return size <= allowed;
    },
    take: () => {
      const whole = joined(chunks, size);
      clear();
      return whole;
    },
    clear,
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
