/** Keys that wait for their time. */
export interface Delays {
  /** Lets `key` wait until `at`; of two times the earlier one counts. */
  set(key: string, at: number): void;
  readonly remove: (key: string) => void;
  /** When the first one is due. */
  next(): number | undefined;
  /** Takes out the first key if it is due by `now`. */
  takeDue(now: number): string | undefined;
}

interface Delay {
  readonly key: string;
  readonly at: number;
  readonly sequence: number;
}

export function delays(): Delays {
  const byKey = new Map<string, Delay>();
  /** The first one to be due at the end, so that taking it moves nothing. */
  const sorted: Delay[] = [];
  let made = 0;
  const remove = (key: string): void => {
    const delay = byKey.get(key);
    if (delay === undefined) return;
    byKey.delete(key);
    sorted.splice(placeOf(sorted, delay), 1);
  };
  return {
    set(key, at) {
      const before = byKey.get(key);
      if (before !== undefined && before.at <= at) return;
      remove(key);
      const delay = { key, at, sequence: made++ };
      byKey.set(key, delay);
      sorted.splice(placeOf(sorted, delay), 0, delay);
    },
    remove,
    next: () => sorted.at(-1)?.at,
    takeDue(now) {
      const first = sorted.at(-1);
      if (first === undefined || first.at > now) return undefined;
      sorted.pop();
      byKey.delete(first.key);
      return first.key;
    },
  };
}

/** Where `delay` stands, or is to stand, in `sorted`. */
function placeOf(sorted: readonly Delay[], delay: Delay): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = sorted[middle];
    if (other !== undefined && (other.at > delay.at || (other.at === delay.at && other.sequence > delay.sequence))) low = middle + 1;
    else high = middle;
  }
  return low;
}
