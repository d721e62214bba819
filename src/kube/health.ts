import type { KubeObject } from '../meta/objects.ts';
import type { Cache } from './types.ts';

export interface Health {
  readonly ok: boolean;
  /** One line each, for the person who asks why. */
  readonly problems: readonly string[];
}

/** A watch breaks off its silence after 90 s; one that is silent for longer cannot reach its server. */
const longestSilence = 120_000;

/**
 * Whether what `caches` say can be relied on: all are synced, and none has been out of touch with its server for more than `most` milliseconds.
 * For readiness; and, with a `most` of several minutes, for liveness.
 */
export function cachesHealth(caches: readonly Cache<KubeObject>[], most: number = longestSilence): Health {
  const problems = caches.flatMap((cache) => {
    if (!cache.synced()) return [`${cache.kind.plural}: not synced yet`];
    const silent = cache.silentFor();
    return silent > most ? [`${cache.kind.plural}: nothing heard from the server for ${String(Math.round(silent / 1000))} s`] : [];
  });
  return { ok: problems.length === 0, problems };
}
