import { kinds } from '../../src/api/kinds.ts';
import { caches } from '../../src/kube/caches.ts';
import { Node, Pod } from '../../src/meta/core.ts';
import type { KubeObject } from '../../src/meta/objects.ts';
import type { Kind } from '../../src/meta/resource.ts';
import type { Fleet } from '../integration/fleet/fleet.ts';
import { Event } from './fleet.ts';
import { whatChanged } from './what-changed.ts';

/** What changed a resourceVersion. */
export interface Writes {
  total(): number;
  /** By kind, manager and part of the object: those with most first. */
  byWhat(): readonly (readonly [string, number])[];
}

/** Counts what changes a resourceVersion from now on: Events too, Leases and HostUsages, which change at rest as well, not. */
export async function countWrites({ controlPlane, runtime, during }: Fleet): Promise<Writes> {
  const observer = runtime('observer');
  const watched = caches(controlPlane, observer, { userAgent: 'observer' });
  const counts = new Map<string, number>();
  const caching = ([...kinds, Node, Pod, Event] as readonly Kind<KubeObject>[])
    .filter(({ kind }) => kind !== 'HostUsage')
    .map((kind) => ({ kind: kind.kind, cache: watched.cache(kind) }));
  await during(watched.synced(observer.stopping));
  for (const { kind, cache } of caching)
    cache.onChange((before, after) => {
      const what = `${kind} ${whatChanged(before, after)}`;
      counts.set(what, (counts.get(what) ?? 0) + 1);
    });
  return {
    total: () => [...counts.values()].reduce((sum, each) => sum + each, 0),
    byWhat: () => [...counts].sort(([, a], [, b]) => b - a),
  };
}
