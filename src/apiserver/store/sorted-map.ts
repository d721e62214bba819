import { must } from '../../base/errors.ts';

/** A map in the order of its keys (by UTF-16 code units). */
export interface SortedMap<V> {
  readonly size: number;
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  /** The values of all keys from `start` on, in order. Invalid once the map has changed. */
  from(start: string): Generator<V, void>;
}

interface Leaf<V> {
  readonly keys: string[];
  readonly values: V[];
}

const fullLeaf = 512;

/** Two levels, a sorted array of sorted leaves: changes move at most a leaf's and the spine's few hundred references, walks are sequential. */
export function sortedMap<V>(): SortedMap<V> {
  const leaves: Leaf<V>[] = [{ keys: [], values: [] }];
  let size = 0;
  const leafAt = (index: number): Leaf<V> => must(leaves[index], 'leaf');
  /** The last leaf that begins at or before `key`, or the first one. */
  const find = (key: string): number => {
    let low = 0;
    let high = leaves.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (must(leafAt(middle).keys[0], 'first key') <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return {
    get size() {
      return size;
    },
    get: (key) => {
      const leaf = leafAt(find(key));
      const slot = slotOf(leaf.keys, key);
      return leaf.keys[slot] === key ? leaf.values[slot] : undefined;
    },
    set: (key, value) => {
      const index = find(key);
      const leaf = leafAt(index);
      const slot = slotOf(leaf.keys, key);
      if (leaf.keys[slot] === key) {
        leaf.values[slot] = value;
        return;
      }
      leaf.keys.splice(slot, 0, key);
      leaf.values.splice(slot, 0, value);
      size++;
      if (leaf.keys.length > fullLeaf) leaves.splice(index + 1, 0, upperHalf(leaf));
    },
    delete: (key) => {
      const index = find(key);
      const leaf = leafAt(index);
      const slot = slotOf(leaf.keys, key);
      if (leaf.keys[slot] !== key) return;
      leaf.keys.splice(slot, 1);
      leaf.values.splice(slot, 1);
      size--;
      if (leaf.keys.length === 0 && leaves.length > 1) leaves.splice(index, 1);
    },
    *from(start) {
      let index = find(start);
      let slot = slotOf(leafAt(index).keys, start);
      for (; index < leaves.length; index++, slot = 0) {
        const { values } = leafAt(index);
        for (; slot < values.length; slot++) yield values[slot] as V;
      }
    },
  };
}

/** The first slot whose key is not before `key`. */
function slotOf(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (must(keys[middle], 'key') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Fuller than half when keys come in order would be better use of room; an even split keeps every order of arrival cheap. */
function upperHalf<V>(leaf: Leaf<V>): Leaf<V> {
  const middle = leaf.keys.length >>> 1;
  return { keys: leaf.keys.splice(middle), values: leaf.values.splice(middle) };
}
