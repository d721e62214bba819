import type { Runtime } from '../base/runtime.ts';
import type { ControlPlane } from '../meta/control-plane.ts';
import type { KubeObject } from '../meta/objects.ts';
import type { Kind } from '../meta/resource.ts';
import { cache, type RunningCache } from './cache.ts';
import type { ReflectorContext } from './reflector.ts';
import { requester, type RequesterOptions } from './requester.ts';
import { branch } from './signals.ts';
import type { Cache, CacheOptions } from './types.ts';

/** The caches of one process: one for each kind and selection, however many ask for it. */
export interface Caches {
  /**
   * The cache of `kind`, narrowed to `options`; it begins to fill at once.
   * @throws {Unreachable} when an index is asked for under the name of another.
   */
  cache<T extends KubeObject>(kind: Kind<T>, options?: CacheOptions<T>): Cache<T>;
  /** Settles when all caches asked for so far are synced. @throws {Stopped} when `signal` is aborted, or the caches stop. */
  synced(signal: AbortSignal): Promise<void>;
  /** Lists everything anew: settles when all caches show what the server had after this call. @throws {Stopped} as `synced`. */
  refreshed(signal: AbortSignal): Promise<void>;
  /** All caches asked for so far. */
  all(): Cache<KubeObject>[];
  /** Ends all watches; what is there stays as it is. Happens by itself when the process is asked to stop. */
  stop(): void;
}

export interface CachesOptions extends RequesterOptions {
  /** Milliseconds without a byte after which a watch is taken for dead; default 90,000. */
  readonly silence?: number;
}

/** Caches over `controlPlane`, until `runtime.stopping` or `stop`. */
export function caches(
  controlPlane: ControlPlane,
  runtime: Pick<Runtime, 'clock' | 'random' | 'log' | 'stopping'>,
  options: CachesOptions,
): Caches {
  const life = branch(runtime.stopping);
  const { metrics, silence } = options;
  const context: ReflectorContext = {
    requester: requester(controlPlane, runtime, options),
    runtime,
    stop: life.signal,
    ...(metrics === undefined ? {} : { metrics }),
    ...(silence === undefined ? {} : { silence }),
  };
  const made = new Map<string, RunningCache<KubeObject>>();
  const all = async (signal: AbortSignal, each: (one: RunningCache<KubeObject>, until: AbortSignal) => Promise<void>): Promise<void> => {
    const until = branch(life.signal);
    signal.addEventListener('abort', until.abort, { once: true });
    if (signal.aborted) until.abort();
    try {
      await Promise.all([...made.values()].map((one) => each(one, until.signal)));
    } finally {
      signal.removeEventListener('abort', until.abort);
      until.release();
    }
  };
  return {
    cache<T extends KubeObject>(kind: Kind<T>, asked: CacheOptions<T> = {}): Cache<T> {
      const key = identityOf(kind, asked);
      const known = made.get(key);
      if (known !== undefined && isOf(known, kind)) {
        known.addIndexes(asked.indexes);
        return known;
      }
      const fresh = cache(context, kind, asked);
      made.set(key, fresh);
      return fresh;
    },
    synced: (signal) => all(signal, (one, until) => one.whenSynced(until)),
    refreshed: (signal) => all(signal, (one, until) => one.refreshed(until)),
    all: () => [...made.values()],
    stop() {
      life.abort();
      life.release();
    },
  };
}

function identityOf<T extends KubeObject>(kind: Kind<T>, options: CacheOptions<T>): string {
  const { namespace, labelSelector, fieldSelector, keepManagedFields } = options;
  return JSON.stringify([kind.group, kind.version, kind.plural, namespace, labelSelector, fieldSelector, keepManagedFields === true]);
}

function isOf<T extends KubeObject>(made: RunningCache<KubeObject>, kind: Kind<T>): made is RunningCache<T> {
  return made.kind.group === kind.group && made.kind.version === kind.version && made.kind.plural === kind.plural;
}
