import type { KubeObject } from '../meta/objects.ts';
import type { Cache } from './types.ts';

/** What somebody listens to for a while: when it is over, all handlers are gone at once. */
export interface Subscriptions {
  /** The same cache; handlers that are given to it end with these subscriptions. */
  of<T extends KubeObject>(cache: Cache<T>): Cache<T>;
  /** Takes every handler away. Those that come later are not taken. */
  end(): void;
}

export function subscriptions(): Subscriptions {
  const stops = new Set<() => void>();
  let over = false;
  return {
    of: (cache) => ({
      kind: cache.kind,
      get: (ref) => cache.get(ref),
      list: () => cache.list(),
      byIndex: (name, key) => cache.byIndex(name, key),
      synced: () => cache.synced(),
      silentFor: () => cache.silentFor(),
      onChange(handler) {
        if (over) return () => undefined;
        const stop = cache.onChange(handler);
        stops.add(stop);
        return () => {
          stops.delete(stop);
          stop();
        };
      },
    }),
    end() {
      over = true;
      for (const stop of stops) stop();
      stops.clear();
    },
  };
}
