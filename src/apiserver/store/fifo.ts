import { must } from '../../base/errors.ts';

/** First in, first out, and a search by what only grows. */
export interface Fifo<T extends object> {
  readonly length: number;
  /** The first that went in of those that are left. */
  oldest(): T | undefined;
  push(item: T): void;
  shift(): void;
  /** The items from the first one on for which `holds` is true, as it is for all after that one. */
  from(holds: (item: T) => boolean): T[];
}

export function fifo<T extends object>(): Fifo<T> {
  let items: T[] = [];
  /** Before it, items are spent: they are taken away in bulk, since taking one moves all the others. */
  let first = 0;
  return {
    get length() {
      return items.length - first;
    },
    oldest: () => items[first],
    push: (item) => {
      items.push(item);
    },
    shift: () => {
      first = Math.min(first + 1, items.length);
      if (first < 1000 || first * 2 < items.length) return;
      items = items.slice(first);
      first = 0;
    },
    from: (holds) => {
      let low = first;
      let high = items.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (holds(must(items[middle], 'item'))) high = middle;
        else low = middle + 1;
      }
      return items.slice(low);
    },
  };
}
