import type { Selection } from '../selectors/selection.ts';
import type { WatchEvent } from './event.ts';
import { watcherIndex } from './index.ts';

/** One running watch of a client. */
export interface Watcher {
  readonly selection: Selection;
  deliver(event: WatchEvent): void;
  /** Says that everything up to `revision` has been delivered. */
  bookmark(revision: number): void;
  /** The client must watch anew. */
  end(): void;
}

/** How far one watcher is. */
interface Place {
  /** Up to here it is served by a replay of its own. */
  readonly until: number;
  /** Later events that wait for the replay; undefined once that is over. */
  held: WatchEvent[] | undefined;
}

/** Who watches, and how far each one is. */
export interface Roster {
  /** `late`: what is after `until` waits for `caughtUp`. */
  add(watcher: Watcher, until: number, late: boolean): void;
  /** The replay is over: what waited for it is delivered. */
  caughtUp(watcher: Watcher): void;
  readonly remove: (watcher: Watcher) => void;
  /** Delivers an event to all that it may concern. */
  deliver(event: WatchEvent): void;
  bookmark(revision: number): void;
  endAll(): void;
}

export function roster(): Roster {
  const index = watcherIndex<Watcher>();
  const places = new Map<Watcher, Place>();
  return {
    add: (watcher, until, late) => {
      places.set(watcher, { until, held: late ? [] : undefined });
      index.add(watcher, watcher.selection);
    },
    caughtUp: (watcher) => {
      const place = places.get(watcher);
      if (place === undefined) return;
      for (const event of place.held ?? []) watcher.deliver(event);
      place.held = undefined;
    },
    remove: (watcher) => {
      if (places.delete(watcher)) index.remove(watcher, watcher.selection);
    },
    deliver: (event) => {
      for (const watcher of index.concerned(event)) {
        const place = places.get(watcher);
        if (place === undefined || event.change.revision <= place.until) continue;
        if (place.held === undefined) watcher.deliver(event);
        else place.held.push(event);
      }
    },
    bookmark: (revision) => {
      for (const [watcher, place] of places) if (place.held === undefined) watcher.bookmark(revision);
    },
    endAll: () => {
      for (const watcher of [...places.keys()]) watcher.end();
    },
  };
}
