import { WatchDropped } from '../../store/types.ts';
import type { Store, Watch } from '../../store/types.ts';
import type { Resource } from '../registry/resource.ts';
import { watchEvent } from './event.ts';
import type { WatchEvent } from './event.ts';
import { watcherIndex } from './index.ts';
import type { Selection } from '../selectors/selection.ts';

/** One running watch of a client. */
export interface Watcher {
  readonly selection: Selection;
  deliver(event: WatchEvent): void;
  /** Says that everything up to `revision` has been delivered. */
  bookmark(revision: number): void;
  /** The hub has lost its place: the client must watch anew. */
  end(): void;
}

/** Follows the storage of one resource, once for all who watch it. */
export interface Hub {
  /**
   * Delivers to `watcher` every change with a revision greater than `from`, in order, until it is removed.
   * @throws {Compacted} and {FutureRevision} as the store's watch does.
   */
  add(watcher: Watcher, from: number): void;
  remove(watcher: Watcher): void;
  /** Sends bookmarks to everybody. */
  tick(): void;
  /** Ends all watches. */
  end(): void;
}

/** What the hub knows of one watcher. */
interface Place {
  /** Up to here its own replay serves it. */
  readonly until: number;
  /** Later changes that wait for the replay; undefined once it is over. */
  held: WatchEvent[] | undefined;
}

export function hub(store: Store, resource: Resource): Hub {
  const { prefix } = resource.storage;
  const index = watcherIndex<Watcher>();
  const places = new Map<Watcher, Place>();
  let following: Watch | undefined;
  let dispatched = 0;

  const dispatch = (event: WatchEvent): void => {
    for (const watcher of index.concerned(event)) {
      const place = places.get(watcher);
      if (place === undefined || event.change.revision <= place.until) continue;
      if (place.held === undefined) watcher.deliver(event);
      else place.held.push(event);
    }
    dispatched = event.change.revision;
  };
  const follow = async (watch: Watch): Promise<void> => {
    try {
      for await (const changes of watch) for (const change of changes) dispatch(watchEvent(resource, change));
    } catch (error) {
      if (!(error instanceof WatchDropped)) throw error;
    }
    // The store is closed, or has dropped us: nobody here can be served any further.
    if (following === watch) following = undefined;
    for (const watcher of [...places.keys()]) watcher.end();
  };
  const start = (): void => {
    if (following !== undefined) return;
    dispatched = store.revision();
    following = store.watch(prefix, dispatched);
    void follow(following);
  };
  const replay = async (watcher: Watcher, past: Watch, place: Place): Promise<void> => {
    const first = await past[Symbol.asyncIterator]().next();
    past.cancel();
    for (const change of first.done === true ? [] : first.value) watcher.deliver(watchEvent(resource, change));
    for (const event of place.held ?? []) watcher.deliver(event);
    place.held = undefined;
  };
  return {
    add: (watcher, from) => {
      start();
      const past = store.watch(prefix, from);
      const until = store.revision();
      // Otherwise nothing happened here since `from`.
      const late = past.seen() < until;
      const place: Place = { until, held: late ? [] : undefined };
      places.set(watcher, place);
      index.add(watcher, watcher.selection);
      if (late) void replay(watcher, past, place);
      else past.cancel();
    },
    remove: (watcher) => {
      if (places.delete(watcher)) index.remove(watcher, watcher.selection);
    },
    tick: () => {
      const revision = settled(store, prefix, dispatched);
      if (revision === undefined) return;
      dispatched = revision;
      for (const [watcher, place] of places) if (place.held === undefined) watcher.bookmark(revision);
    },
    end: () => {
      following?.cancel();
      for (const watcher of [...places.keys()]) watcher.end();
    },
  };
}

/** The newest revision, unless there are changes below `prefix` that the store has told of and that were not yet dispatched. */
function settled(store: Store, prefix: string, dispatched: number): number | undefined {
  const probe = store.watch(prefix, Math.max(dispatched, store.compactedAt()));
  const seen = probe.seen();
  probe.cancel();
  return seen >= store.revision() ? seen : undefined;
}
