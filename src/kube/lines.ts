import { Garbled } from './answers.ts';

/** No object of Kubernetes comes near this, so a longer line is no line. */
const longest = 64 * 1024 * 1024;

/**
 * Cuts bytes into lines: gives each whole line, without its end and decoded, to `take`. Chunks may end anywhere, in the middle of a character too.
 * A last line without an end was cut off in the middle and is never given.
 * @returns what to call with each chunk. @throws {Garbled} when a line gets absurdly long.
 */
export function lineCutter(take: (line: string) => void, most: number = longest): (chunk: Uint8Array) => void {
  const decoder = new TextDecoder();
  let pieces: Uint8Array[] = [];
  let held = 0;

  const finish = (last: Uint8Array): void => {
    if (held === 0) {
      if (last.length > 0) take(decoder.decode(last));
      return;
    }
    const whole = join([...pieces, last], held + last.length);
    pieces = [];
    held = 0;
    take(decoder.decode(whole));
  };

  return (chunk) => {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      finish(chunk.subarray(from, end));
      from = end + 1;
    }
    if (from === chunk.length) return;
    // Copied, since whoever gave the chunk may use its memory again.
    pieces.push(chunk.slice(from));
    held += chunk.length - from;
    if (held > most) throw new Garbled(`a line of more than ${String(most)} bytes`);
  };
}

/** `pieces` in one array of `length` bytes. */
export function join(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
