import type { Selection } from '../selectors/selection.ts';
import type { FieldReader } from '../registry/resource.ts';
import type { WatchEvent } from './event.ts';
import type { UnknownObject } from '../../../meta/objects.ts';

/** Finds the watchers that an event may concern, so that an event costs little however many watch something else. */
export interface WatcherIndex<W> {
  add(watcher: W, selection: Selection): void;
  remove(watcher: W, selection: Selection): void;
  /** Each watcher that the event may concern, once. */
  concerned(event: WatchEvent): Iterable<W>;
  readonly size: number;
}

export function watcherIndex<W>(): WatcherIndex<W> {
  const everything = new Set<W>();
  /** By what is looked at, and then by its value. */
  const byValue = new Map<string, { readonly read: FieldReader; readonly watchers: Map<string, Set<W>> }>();
  let size = 0;
  return {
    get size() {
      return size;
    },
    add: (watcher, selection) => {
      size++;
      const place = placeOf(selection);
      if (place === undefined) {
        everything.add(watcher);
        return;
      }
      const entry = byValue.get(place.by) ?? { read: place.read, watchers: new Map<string, Set<W>>() };
      byValue.set(place.by, entry);
      const watchers = entry.watchers.get(place.value) ?? new Set<W>();
      entry.watchers.set(place.value, watchers.add(watcher));
    },
    remove: (watcher, selection) => {
      const place = placeOf(selection);
      const watchers = place === undefined ? everything : byValue.get(place.by)?.watchers.get(place.value);
      if (watchers?.delete(watcher) !== true) return;
      size--;
      if (place === undefined || watchers.size > 0) return;
      const entry = byValue.get(place.by);
      entry?.watchers.delete(place.value);
      if (entry?.watchers.size === 0) byValue.delete(place.by);
    },
    concerned: (event) => {
      const found = new Set(everything);
      for (const { read, watchers } of byValue.values()) {
        collect(found, watchers, read, event.after);
        if (event.before !== undefined) collect(found, watchers, read, event.before);
      }
      return found;
    },
  };
}

function collect<W>(found: Set<W>, watchers: ReadonlyMap<string, ReadonlySet<W>>, read: FieldReader, object: UnknownObject): void {
  for (const watcher of watchers.get(read(object)) ?? []) found.add(watcher);
}

interface Place {
  readonly by: string;
  readonly value: string;
  readonly read: FieldReader;
}

const byName: FieldReader = (object) => object.metadata.name;
const byNamespace: FieldReader = (object) => object.metadata.namespace ?? '';

/** What tells most: the name, then a field, then the namespace. */
function placeOf({ name, exact, namespace }: Selection): Place | undefined {
  if (name !== undefined) return { by: 'metadata.name', value: name, read: byName };
  if (exact !== undefined) return { by: exact.field, value: exact.value, read: exact.read };
  return namespace === undefined ? undefined : { by: 'metadata.namespace', value: namespace, read: byNamespace };
}
