import { keyOf, type KubeObject } from '../meta/objects.ts';
import { compareRevisions } from './answers.ts';

export type IndexFunction<T> = (object: T) => readonly string[];

/** The objects of a cache, by key and by secondary indexes that are kept as objects come and go. Knows nothing of servers. */
export interface Store<T extends KubeObject> {
  get(key: string): T | undefined;
  list(): T[];
  byIndex(name: string, key: string): T[];
  /** Takes `object` in, unless what is there is as new. @returns whether it was taken. */
  put(key: string, object: T): boolean;
  remove(key: string): T | undefined;
  keys(): Iterable<string>;
  size(): number;
  /** Adds an index over what is there and what comes. The same name again must mean the same function. */
  addIndex(name: string, keysOf: IndexFunction<T>): boolean;
}

/** @param failed told of an index function that threw; its object is then found by no key of that index. */
export function store<T extends KubeObject>(failed: (index: string, error: unknown) => void): Store<T> {
  const objects = new Map<string, T>();
  const indexes = new Map<string, { readonly keysOf: IndexFunction<T>; readonly entries: Map<string, Set<string>> }>();

  const reindex = (key: string, before: T | undefined, after: T | undefined): void => {
    for (const [name, { keysOf, entries }] of indexes) {
      const was = before === undefined ? [] : safely(name, keysOf, before);
      const is = after === undefined ? [] : safely(name, keysOf, after);
      for (const at of was) if (!is.includes(at)) leave(entries, at, key);
      for (const at of is) if (!was.includes(at)) enter(entries, at, key);
    }
  };
  const safely = (name: string, keysOf: IndexFunction<T>, object: T): readonly string[] => {
    try {
      return keysOf(object);
    } catch (error) {
      failed(name, error);
      return [];
    }
  };

  return {
    get: (key) => objects.get(key),
    list: () => [...objects.values()],
    byIndex(name, at) {
      const found: T[] = [];
      for (const key of indexes.get(name)?.entries.get(at) ?? []) {
        const object = objects.get(key);
        if (object !== undefined) found.push(object);
      }
      return found;
    },
    put(key, object) {
      const before = objects.get(key);
      if (before !== undefined && compareRevisions(object.metadata.resourceVersion, before.metadata.resourceVersion) <= 0) return false;
      objects.set(key, object);
      reindex(key, before, object);
      return true;
    },
    remove(key) {
      const before = objects.get(key);
      objects.delete(key);
      reindex(key, before, undefined);
      return before;
    },
    keys: () => objects.keys(),
    size: () => objects.size,
    addIndex(name, keysOf) {
      const known = indexes.get(name);
      if (known !== undefined) return known.keysOf === keysOf;
      const entries = new Map<string, Set<string>>();
      indexes.set(name, { keysOf, entries });
      for (const object of objects.values()) for (const at of safely(name, keysOf, object)) enter(entries, at, keyOf(object.metadata));
      return true;
    },
  };
}

function enter(entries: Map<string, Set<string>>, at: string, key: string): void {
  const keys = entries.get(at);
  if (keys === undefined) entries.set(at, new Set([key]));
  else keys.add(key);
}

function leave(entries: Map<string, Set<string>>, at: string, key: string): void {
  const keys = entries.get(at);
  keys?.delete(key);
  if (keys?.size === 0) entries.delete(at);
}
