import { messageOf, Stopped, Unreachable } from '../base/errors.ts';
import { keyOf, type KubeObject } from '../meta/objects.ts';
import type { Kind } from '../meta/resource.ts';
import { Reflector, type ReflectorContext, type Sink } from './reflector.ts';
import { store, type Store } from './store.ts';
import type { Cache, CacheOptions, ChangeHandler } from './types.ts';

/** A cache as its owner sees it. */
export interface RunningCache<T extends KubeObject> extends Cache<T> {
  /** Adds indexes over what is there and what comes. @throws {Unreachable} when a name is taken by another function. */
  addIndexes(indexes: CacheOptions<T>['indexes']): void;
  /** Settles once a whole list has been taken in. @throws {Stopped} */
  whenSynced(signal: AbortSignal): Promise<void>;
  /** Settles once a whole list that was asked for after this call has been taken in. @throws {Stopped} */
  refreshed(signal: AbortSignal): Promise<void>;
}

/** Makes a cache that starts at once and follows the server until `context.stop`. */
export function cache<T extends KubeObject>(context: ReflectorContext, kind: Kind<T>, options: CacheOptions<T> = {}): RunningCache<T> {
  const log = context.runtime.log.child({ kind: kind.kind });
  const objects = store<T>((index, error) => {
    log.error('index function failed', { index, error: messageOf(error) });
  });
  const handlers = new Set<ChangeHandler<T>>();
  const synced = gate();
  const notify = (before: T | undefined, after: T | undefined): void => {
    for (const handler of handlers) {
      try {
        handler(before, after);
      } catch (error) {
        log.error('change handler failed', { error: messageOf(error) });
      }
    }
  };
  const running = new Reflector(context, kind, options, sinkOf(objects, options, notify, synced.open));
  const addIndexes = (indexes: CacheOptions<T>['indexes'] = {}): void => {
    for (const [name, keysOf] of Object.entries(indexes)) {
      if (!objects.addIndex(name, keysOf)) throw new Unreachable(`index ${name} of ${kind.kind} has two meanings`);
    }
  };
  addIndexes(options.indexes);
  void running.run();
  return {
    kind,
    get: (ref) => objects.get(keyOf(ref)),
    list: () => objects.list(),
    byIndex: (name, key) => objects.byIndex(name, key),
    synced: () => synced.isOpen(),
    silentFor: () => running.silentFor(),
    onChange(handler) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    addIndexes,
    whenSynced: (signal) => synced.passed(signal),
    refreshed: (signal) => {
      const listed = gate();
      running.relist(listed.open);
      return listed.passed(signal);
    },
  };
}

function sinkOf<T extends KubeObject>(
  objects: Store<T>,
  options: CacheOptions<T>,
  notify: (before: T | undefined, after: T | undefined) => void,
  synced: () => void,
): Sink<T> {
  const changed = (object: T): void => {
    const key = keyOf(object.metadata);
    const before = objects.get(key);
    if (objects.put(key, object)) notify(before, object);
  };
  const gone = (key: string): void => {
    const before = objects.remove(key);
    if (before !== undefined) notify(before, undefined);
  };
  return {
    keep(object) {
      const held = objects.get(keyOf(object.metadata));
      // While a list comes in page by page, this keeps memory from holding it twice.
      if (held?.metadata.resourceVersion === object.metadata.resourceVersion) return held;
      if (options.keepManagedFields !== true) dropManagedFields(object);
      return object;
    },
    changed,
    deleted: (object) => {
      gone(keyOf(object.metadata));
    },
    replace(all) {
      const there = new Set(all.map((object) => keyOf(object.metadata)));
      for (const key of [...objects.keys()].filter((key) => !there.has(key))) gone(key);
      for (const object of all) changed(object);
      synced();
    },
  };
}

/** A new `metadata`, since deleting a property would turn the object into a slower and larger one. */
function dropManagedFields(object: KubeObject): void {
  const { managedFields, ...rest } = object.metadata;
  if (managedFields !== undefined) object.metadata = rest;
}

/**
 * Calls `handler` for each object that is there, then at each change, as `onChange` does: for those who must miss none.
 * Returns how to stop.
 */
export function follow<T extends KubeObject>(from: Cache<T>, handler: ChangeHandler<T>): () => void {
  for (const object of from.list()) handler(undefined, object);
  return from.onChange(handler);
}

interface Gate {
  readonly open: () => void;
  isOpen(): boolean;
  passed(signal: AbortSignal): Promise<void>;
}

function gate(): Gate {
  let isOpen = false;
  const waiting = new Set<() => void>();
  return {
    open() {
      isOpen = true;
      for (const pass of waiting) pass();
      waiting.clear();
    },
    isOpen: () => isOpen,
    passed: (signal) =>
      new Promise((resolve, reject) => {
        const stop = (): void => {
          waiting.delete(pass);
          reject(new Stopped());
        };
        const pass = (): void => {
          signal.removeEventListener('abort', stop);
          resolve();
        };
        if (isOpen) resolve();
        else if (signal.aborted) stop();
        else {
          waiting.add(pass);
          signal.addEventListener('abort', stop, { once: true });
        }
      }),
  };
}
