import type { GuestNics } from '../network/guest-nic.ts';
import type { Block } from './content.ts';

/** A disk as what runs in a guest has it, with a cache before it that the guest's end takes away. */
export interface GuestDisk {
  /** What is on it, by number of block; not what waits in the cache. */
  read(): ReadonlyMap<number, Block>;
  /** Puts a block into the cache. */
  write(number: number, block: Block): void;
  /** Writes what is in the cache now, one block after another, in their order, and calls `done` once all of that is on the disk. */
  flush(done: () => void): void;
}

interface Cached {
  readonly number: number;
  readonly block: Block;
}

/** What writing one block takes, milliseconds: a disk of flash over a network. */
const blockMs = 0.2;
export const blockBytes = 4096;

/** @param content what is on the volume, for everybody. @param guest goes along when it moves, and the cache with it. */
export function newGuestDisk(content: Map<number, Block>, guest: GuestNics): GuestDisk {
  // Replaced, never changed, so that a copy of it is one.
  let cache: readonly Cached[] = [];
  guest.keep(() => {
    const saved = cache;
    return () => {
      cache = saved;
    };
  });
  const put = ({ block, number }: Cached): void => {
    const go = (): void => void content.set(number, block);
    guest.put({ type: 'Write', bytes: blockBytes, go });
  };
  const next = (blocks: readonly Cached[], done: () => void): void => {
    const [first, ...others] = blocks;
    if (first === undefined) {
      done();
      return;
    }
    guest.after(blockMs, () => {
      put(first);
      next(others, done);
    });
  };
  return {
    read: () => content,
    write: (number, block) => {
      cache = [...cache, { number, block }];
    },
    flush: (done) => {
      const blocks = cache;
      cache = [];
      next(blocks, done);
    },
  };
}
