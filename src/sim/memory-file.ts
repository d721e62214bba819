import type { Random } from '../base/random.ts';

/** A file's bytes, and what of them would survive a loss of power. */
export interface MemoryFile {
  length(): number;
  content(): Uint8Array;
  /** `bytes` are the file's from then on: nobody changes them. */
  append(bytes: Uint8Array): void;
  truncate(length: number): void;
  sync(): void;
  /** The power fails: some of what happened since the last sync happened, the last of it perhaps in part, perhaps with holes. */
  lose(random: Random): void;
}

type Step = { readonly append: Uint8Array } | { readonly truncate: number };

const sector = 512;

/** A file with `initial` in it, synced. */
export function memoryFile(initial: Uint8Array): MemoryFile {
  let buffer: Uint8Array = initial.slice();
  let length = initial.length;
  /** Below it everything is synced and untouched since. */
  let safe = length;
  /** What was synced above `safe`, and has been cut off since. */
  let cut: Uint8Array = new Uint8Array();
  let steps: Step[] = [];

  const add = (bytes: Uint8Array): void => {
    if (length + bytes.length > buffer.length) {
      const larger = new Uint8Array(Math.max(buffer.length * 2, length + bytes.length));
      larger.set(buffer.subarray(0, length));
      buffer = larger;
    }
    buffer.set(bytes, length);
    length += bytes.length;
  };
  const settle = (content: Uint8Array): void => {
    buffer = content;
    length = safe = content.length;
    cut = new Uint8Array();
    steps = [];
  };

  return {
    length: () => length,
    content: () => buffer.slice(0, length),
    append: (bytes) => {
      add(bytes);
      steps.push({ append: bytes });
    },
    truncate: (to) => {
      if (to >= length) return;
      if (to < safe) {
        cut = joined(buffer.subarray(to, safe), cut);
        safe = to;
      }
      length = to;
      steps.push({ truncate: to });
    },
    sync: () => {
      safe = length;
      cut = new Uint8Array();
      steps = [];
    },
    lose: (random) => {
      if (steps.length > 0) settle(survivor(joined(buffer.subarray(0, safe), cut), steps, safe, random));
    },
  };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** `synced` after some of `steps`, a part of the next one, and holes above `safe`. */
function survivor(synced: Uint8Array, steps: readonly Step[], safe: number, random: Random): Uint8Array {
  const done = random.integer(steps.length + 1);
  let content = synced;
  for (const step of steps.slice(0, done)) content = 'append' in step ? joined(content, step.append) : content.slice(0, step.truncate);
  const next = steps[done];
  if (next !== undefined && 'append' in next) content = joined(content, next.append.subarray(0, random.integer(next.append.length + 1)));
  if (random.integer(2) === 0) punch(content, safe, random);
  return content;
}

/** Sectors reach the platter in any order: those that did not read as zeros, or as something else. */
function punch(content: Uint8Array, safe: number, random: Random): void {
  if (content.length <= safe) return;
  const from = safe + random.integer(content.length - safe);
  const to = Math.min(content.length, (Math.floor(from / sector) + 1 + random.integer(3)) * sector);
  const garbage = random.integer(2) === 0;
  for (let i = from; i < to; i++) content[i] = garbage ? random.integer(256) : 0;
}
