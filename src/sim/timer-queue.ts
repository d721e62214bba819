export interface Timer {
  readonly at: number;
  /** The how manieth it was to be made. */
  readonly sequence: number;
  readonly fire: () => void;
  /** It was taken, or taken back. */
  over: boolean;
}

/** What is to fire, in order of time, then of making. */
export interface TimerQueue {
  add(at: number, fire: () => void): Timer;
  /** The first timer, if it is due by `target`. */
  due(target: number): Timer | undefined;
  /** Removes the first timer. */
  take(): void;
  remove(timer: Timer): void;
  size(): number;
}

/** So many that were taken back may wait for their turn before they are thrown out. */
const fewOver = 64;

/** A binary heap. Most timers are taken back, in no order: those stay where they are until they come up, or are the larger part. */
export function timerQueue(): TimerQueue {
  let heap: Timer[] = [];
  let made = 0;
  let live = 0;
  const pop = (): void => {
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) sink(heap, 0, last);
  };
  const tidy = (): void => {
    if (heap.length - live <= Math.max(fewOver, live)) return;
    heap = heap.filter(({ over }) => !over).sort((a, b) => (isBefore(a, b) ? -1 : 1));
  };
  return {
    add: (at, fire) => {
      const timer: Timer = { at, sequence: made++, fire, over: false };
      live++;
      heap.push(timer);
      rise(heap, heap.length - 1, timer);
      return timer;
    },
    due: (target) => {
      while (heap[0]?.over === true) pop();
      const first = heap[0];
      return first !== undefined && first.at <= target ? first : undefined;
    },
    take: () => {
      const first = heap[0];
      if (first === undefined) return;
      first.over = true;
      live--;
      pop();
    },
    remove: (timer) => {
      if (timer.over) return;
      timer.over = true;
      live--;
      tidy();
    },
    size: () => live,
  };
}

/** Puts `timer` at `index`, or above what is later than it. */
function rise(heap: Timer[], index: number, timer: Timer): void {
  let at = index;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !isBefore(timer, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = timer;
}

/** Puts `timer` at `index`, or below what is sooner than it. */
function sink(heap: Timer[], index: number, timer: Timer): void {
  let at = index;
  for (let below = 2 * at + 1; below < heap.length; below = 2 * at + 1) {
    const [left, right] = [heap[below], heap[below + 1]];
    const sooner = left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
    if (sooner === undefined || !isBefore(sooner, timer)) break;
    heap[at] = sooner;
    at = sooner === left ? below : below + 1;
  }
  heap[at] = timer;
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}
