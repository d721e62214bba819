import { WatchDropped } from '../../store/types.ts';
import type { Store, Watch } from '../../store/types.ts';
import type { Resource } from '../registry/resource.ts';
import { watchEvent } from './event.ts';
import { roster } from './roster.ts';
import type { Watcher } from './roster.ts';

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

export function hub(store: Store, resource: Resource): Hub {
  const { prefix } = resource.storage;
  const watchers = roster();
  let following: Watch | undefined;
  /** Up to here, every change has been delivered. */
  let dispatched = 0;

  const follow = async (watch: Watch): Promise<void> => {
    try {
      for await (const changes of watch) {
        for (const change of changes) {
          watchers.deliver(watchEvent(resource, change));
          dispatched = change.revision;
        }
      }
    } catch (error) {
      if (!(error instanceof WatchDropped)) throw error;
    }
    // The store is closed, or has dropped us: nobody here can be served any further.
    if (following === watch) following = undefined;
    watchers.endAll();
  };
  const start = (): void => {
    if (following !== undefined) return;
    dispatched = store.revision();
    following = store.watch(prefix, dispatched);
    void follow(following);
  };
  const replay = async (watcher: Watcher, past: Watch): Promise<void> => {
    const first = await past[Symbol.asyncIterator]().next();
    past.cancel();
    for (const change of first.done === true ? [] : first.value) watcher.deliver(watchEvent(resource, change));
    watchers.caughtUp(watcher);
  };
  return {
    add: (watcher, from) => {
      start();
      const past = store.watch(prefix, from);
      const until = store.revision();
      // Otherwise nothing happened here since `from`.
      const late = past.seen() < until;
      watchers.add(watcher, until, late);
      if (late) void replay(watcher, past);
      else past.cancel();
    },
    remove: watchers.remove,
    tick: () => {
      const revision = settled(store, prefix, dispatched);
      if (revision === undefined) return;
      dispatched = revision;
      watchers.bookmark(revision);
    },
    end: () => {
      following?.cancel();
      watchers.endAll();
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
