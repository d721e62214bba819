import type { Disk, LogFile } from '../base/disk.ts';
import { DiskFull } from '../base/disk.ts';
import { UserError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { MemoryFile } from './memory-file.ts';
import { memoryFile } from './memory-file.ts';

export type DiskOperation = 'lock' | 'unlock' | 'open' | 'replace' | 'read' | 'list' | 'remove' | 'append' | 'sync' | 'truncate' | 'close';

export interface MemoryDiskOptions {
  readonly random: Random;
  /** Awaited before and after each operation takes effect, so that a crash can fall on either side. */
  readonly pause?: (operation: DiskOperation, name: string) => Promise<void>;
  /** What it returns is thrown instead of doing the operation. */
  readonly refuse?: (operation: DiskOperation, name: string) => Error | undefined;
}

/** A disk in memory that forgets and tears what was not synced. */
export interface MemoryDisk {
  /** The disk as the next process sees it. After a crash, mount it anew. */
  mount(): Disk;
  /** The process is gone: its pending calls never settle, its lock is free. With `power` lost, so is what was not synced. */
  crash(power: 'kept' | 'lost'): void;
  /** Bytes that fit on the disk from now on. */
  resize(capacity: number): void;
  /** Bytes on it. */
  used(): number;
  /** The file behind the disk's back: to look at it, or to damage it in place. */
  peek(name: string): Uint8Array | undefined;
  poke(name: string, content: Uint8Array): void;
}

interface State {
  readonly files: Map<string, MemoryFile>;
  readonly options: MemoryDiskOptions;
  capacity: number;
  incarnation: number;
  lockedBy: object | undefined;
}

export function memoryDisk(options: MemoryDiskOptions): MemoryDisk {
  const state: State = { files: new Map(), options, capacity: Infinity, incarnation: 0, lockedBy: undefined };
  return {
    mount: () => mounted(state),
    crash: (power) => {
      state.incarnation++;
      state.lockedBy = undefined;
      if (power === 'kept') return;
      for (const [, file] of [...state.files].sort(([a], [b]) => (a < b ? -1 : 1))) file.lose(options.random);
    },
    resize: (capacity) => {
      state.capacity = capacity;
    },
    used: () => used(state),
    peek: (name) => state.files.get(name)?.content(),
    poke: (name, content) => void state.files.set(name, memoryFile(content)),
  };
}

function used(state: State): number {
  let total = 0;
  for (const file of state.files.values()) total += file.length();
  return total;
}

type Run = <T>(operation: DiskOperation, name: string, effect: () => T) => Promise<T>;

/** Runs effects for one incarnation: those of a dead one neither happen nor settle. */
function runner(state: State): Run {
  const incarnation = state.incarnation;
  const alive = async (operation: DiskOperation, name: string): Promise<void> => {
    await state.options.pause?.(operation, name);
    if (state.incarnation !== incarnation) await new Promise<never>(() => undefined);
  };
  return async (operation, name, effect) => {
    if (name.includes('/')) throw new RangeError(`"${name}" is not a plain file name`);
    await alive(operation, name);
    const refusal = state.options.refuse?.(operation, name);
    if (refusal !== undefined) throw refusal;
    const result = effect();
    await alive(operation, name);
    return result;
  };
}

function mounted(state: State): Disk {
  const run = runner(state);
  const owner = {};
  return {
    lock: () =>
      run('lock', '', () => {
        if (state.lockedBy !== undefined) throw new UserError('the simulated disk is in use by another process: stop it first');
        state.lockedBy = owner;
      }),
    unlock: () =>
      run('unlock', '', () => {
        if (state.lockedBy === owner) state.lockedBy = undefined;
      }),
    open: (name) => run('open', name, () => opened(state, run, name)),
    replace: async (name, content) => {
      const bytes = await gathered(content);
      await run('replace', name, () => {
        // The old file stays until the new one is whole.
        if (used(state) + bytes.length > state.capacity) throw new DiskFull();
        state.files.set(name, memoryFile(bytes));
      });
    },
    read: (name) => run('read', name, () => state.files.get(name)?.content()),
    list: () => run('list', '', () => [...state.files.keys()].sort()),
    remove: (name) => run('remove', name, () => void state.files.delete(name)),
  };
}

async function gathered(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  if (content instanceof Uint8Array) return content.slice();
  const file = memoryFile(new Uint8Array());
  for await (const piece of content) file.append(piece);
  return file.content();
}

function opened(state: State, run: Run, name: string): LogFile {
  const file = state.files.get(name) ?? memoryFile(new Uint8Array());
  state.files.set(name, file);
  // The pauses may differ in length: a queue keeps the calls in order.
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  const inOrder = <T>(operation: DiskOperation, effect: () => T): Promise<T> => {
    const call = last.then(() => {
      if (closed) throw new Error(`${name} is closed`);
      return run(operation, name, effect);
    });
    last = call.catch(() => undefined);
    return call;
  };
  return {
    append: (bytes) => {
      const copy = bytes.slice();
      return inOrder('append', () => {
        const room = state.capacity === Infinity ? copy.length : Math.max(0, state.capacity - used(state));
        file.append(room < copy.length ? copy.subarray(0, room) : copy);
        if (room < copy.length) throw new DiskFull();
      });
    },
    sync: () => inOrder('sync', () => file.sync()),
    read: () => inOrder('read', () => file.content()),
    truncate: (length) => inOrder('truncate', () => file.truncate(length)),
    close: () =>
      inOrder('close', () => {
        closed = true;
      }),
  };
}
