import type { Runtime } from '../../../base/runtime.ts';
import { Stopped } from '../../../base/errors.ts';
import type { Store } from '../../store/types.ts';
import type { Resource } from '../registry/resource.ts';
import { hub } from './hub.ts';
import type { Hub } from './hub.ts';

/** The hubs of all resources that are watched. */
export interface Hubs {
  of(resource: Resource): Hub;
  /** Ends the watches of a resource that is served differently from now on, or not at all. */
  readonly retire: (resource: Resource) => void;
  /** Ends all watches. */
  end(): void;
}

/** How often watchers that want bookmarks get one, in milliseconds. */
const bookmarkInterval = 60_000;

/** `stopping` ends the bookmarks. */
export function hubs(store: Store, runtime: Runtime, stopping: AbortSignal): Hubs {
  const all = new Map<Resource, Hub>();
  let ticking = false;

  const tick = async (): Promise<void> => {
    try {
      for (;;) {
        await runtime.clock.sleep(bookmarkInterval, stopping);
        for (const one of all.values()) one.tick();
      }
    } catch (error) {
      if (!(error instanceof Stopped)) runtime.log.error('bookmarks have stopped', { error });
    }
  };
  return {
    of: (resource) => {
      if (!ticking) {
        ticking = true;
        void tick();
      }
      const known = all.get(resource) ?? hub(store, resource);
      all.set(resource, known);
      return known;
    },
    retire: (resource) => {
      all.get(resource)?.end();
      all.delete(resource);
    },
    end: () => {
      for (const one of all.values()) one.end();
    },
  };
}
