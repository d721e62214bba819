/**
 * A guest's memory as a transfer sees it. The model is that of iterative pre-copy (Clark et al., Live Migration of Virtual Machines, NSDI 2005,
 * sections 3 and 4): round 1 sends what the guest has touched, V(1); round i+1 sends what was written to while round i was on its way, for
 *   T(i) = V(i) / rate
 *   V(i+1) = D(T(i)), D(t) = W (1 - exp(-w t / W)) + touched anew
 * where W is the writable working set and w the bytes a second written into it, evenly: D is the expected number of different pages that w t
 * bytes of writes meet. The guest stands still for D / rate, once that is short enough, and for what its processors and devices take. All times
 * are the guest's own: throttled to a share s of its processors it writes s w, hung it writes nothing.
 */
import type { GuestSpec } from '../../ports/guests.ts';
import { dirtiedPages, pageBytes, touchedBytes, type GuestBehaviour } from './behaviour.ts';

/** A page of zeros goes as its address and flags, 8 bytes, and one byte that stands for all (QEMU's stream of RAM). */
const zeroPageBytes = 9;

export interface GuestMemory {
  /** All that there is at that moment of its own time, pages that were never touched as zeros. */
  whole(at: number): number;
  /** What was written to between two moments of its own time. */
  dirtied(from: number, to: number): number;
}

export function guestMemory(behaviour: GuestBehaviour, { memoryBytes }: Pick<GuestSpec, 'memoryBytes'>): GuestMemory {
  const touched = (at: number): number => touchedBytes(behaviour, memoryBytes, at);
  return {
    whole: (at) => touched(at) + ((memoryBytes - touched(at)) * zeroPageBytes) / pageBytes,
    dirtied: (from, to) => {
      const again = dirtiedPages(behaviour, memoryBytes, to - from) * pageBytes;
      return Math.min(touched(to), again + touched(to) - touched(from));
    },
  };
}

export interface Pace {
  /** Bytes a second. */
  readonly rate: number;
  /** Of its processors, that the guest gets. */
  readonly share: number;
  /** What may be left when the guest is to stand still. */
  readonly enoughBytes: number;
}

/** Rounds after which the end is not in sight. */
const mostRounds = 50;

/** Milliseconds until little enough is left, when `bytes` of the present round are to be sent still; undefined when it does not come nearer. */
export function msUntilEnough(memory: GuestMemory, at: number, bytes: number, { enoughBytes, rate, share }: Pace): number | undefined {
  let ms = 0;
  let left = bytes;
  for (let round = 0; round < mostRounds && rate > 0; round++) {
    const roundMs = (left * 1000) / rate;
    const dirtied = memory.dirtied(at + ms * share, at + (ms + roundMs) * share);
    ms += roundMs;
    if (dirtied <= enoughBytes) return ms;
    if (dirtied >= left && round > 0) return undefined;
    left = dirtied;
  }
  return undefined;
}
