import { fnv1a } from '../../base/hash.ts';
import { seededRandom } from '../../base/random.ts';

/** What a guest does with its processors and memory, as numbers. Everything is computed from it when asked; nothing ticks. */
export interface GuestBehaviour {
  /** Share of its processors that it uses: `mean`, and a wave of `swing` around it. */
  readonly cpu: { readonly mean: number; readonly swing: number; readonly periodMs: number; readonly phase: number };
  /** Share of its memory that it touches: `atBoot` at first, `inTheEnd` after a long while, half of the way after `halfMs`. */
  readonly memory: { readonly atBoot: number; readonly inTheEnd: number; readonly halfMs: number };
  /** It writes `bytesPerSecond`, spread evenly over `workingSet` (a share of its memory). */
  readonly dirty: { readonly workingSet: number; readonly bytesPerSecond: number };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** A sort of guest, and how many of a hundred are of it. */
interface GuestSort {
  readonly percent: number;
  readonly mean: Range;
  readonly swing: number;
  readonly periodMs: number;
  readonly inTheEnd: Range;
  readonly workingSet: Range;
  readonly megabytesPerSecond: Range;
}

const hour = 3_600_000;
const sorts: readonly GuestSort[] = [
  // Waits for work most of the time.
  {
    percent: 50,
    mean: { from: 0.01, to: 0.05 },
    swing: 0.5,
    periodMs: hour / 4,
    inTheEnd: { from: 0.2, to: 0.4 },
    workingSet: { from: 0.01, to: 0.05 },
    megabytesPerSecond: { from: 0.1, to: 1 },
  },
  // Serves people: busy by day.
  {
    percent: 40,
    mean: { from: 0.1, to: 0.35 },
    swing: 0.7,
    periodMs: 24 * hour,
    inTheEnd: { from: 0.4, to: 0.8 },
    workingSet: { from: 0.05, to: 0.2 },
    megabytesPerSecond: { from: 5, to: 40 },
  },
  // Computes, or keeps a large database.
  {
    percent: 10,
    mean: { from: 0.6, to: 0.85 },
    swing: 0.15,
    periodMs: hour,
    inTheEnd: { from: 0.8, to: 0.98 },
    workingSet: { from: 0.2, to: 0.5 },
    megabytesPerSecond: { from: 50, to: 400 },
  },
];

/** The behaviour of the guest `id`: the same each time that it is asked for. */
export function behaviourOf(id: string): GuestBehaviour {
  const random = seededRandom(parseInt(fnv1a(id).slice(0, 8), 16));
  const sort = sortAt(random.integer(100));
  const within = ({ from, to }: Range): number => from + (to - from) * random.next();
  const mean = within(sort.mean);
  return {
    cpu: { mean, swing: mean * sort.swing, periodMs: sort.periodMs, phase: random.next() },
    memory: { atBoot: 0.08, inTheEnd: within(sort.inTheEnd), halfMs: hour / 6 },
    dirty: { workingSet: within(sort.workingSet), bytesPerSecond: Math.round(within(sort.megabytesPerSecond) * 1e6) },
  };
}

function sortAt(percent: number): GuestSort {
  let upTo = 0;
  for (const sort of sorts) {
    upTo += sort.percent;
    if (percent < upTo) return sort;
  }
  throw new RangeError(`${String(percent)} is no percentage below 100`);
}

/** Processor time that the guest used between two moments of its running time (milliseconds), as milliseconds of one whole guest. */
export function busyMs({ cpu }: GuestBehaviour, from: number, to: number): number {
  const turn = (2 * Math.PI) / cpu.periodMs;
  const wave = (at: number): number => Math.cos(turn * at + 2 * Math.PI * cpu.phase);
  return cpu.mean * (to - from) + (cpu.swing / turn) * (wave(from) - wave(to));
}

/** Bytes that the guest has touched after running for `ms`. */
export function touchedBytes({ memory }: GuestBehaviour, memoryBytes: number, ms: number): number {
  const grown = 1 - 0.5 ** (ms / memory.halfMs);
  return Math.round(memoryBytes * (memory.atBoot + (memory.inTheEnd - memory.atBoot) * grown));
}

/** How much memory is sent, or not, as one. */
export const pageBytes = 4096;

/** Different pages (4 KiB) that the guest writes to in `ms` of its running time: what a copy of its memory made before lacks. */
export function dirtiedPages({ dirty }: GuestBehaviour, memoryBytes: number, ms: number): number {
  const pages = (memoryBytes * dirty.workingSet) / pageBytes;
  const writes = (dirty.bytesPerSecond * ms) / 1000 / pageBytes;
  return Math.round(pages * (1 - Math.exp(-writes / pages)));
}
