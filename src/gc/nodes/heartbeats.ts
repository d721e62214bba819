import type { Clock } from '../../base/clock.ts';

/**
 * When each node was last heard of, by our own monotonic clock: a lease's time stamp is the node's, whose clock may be anywhere, so it only
 * says whether it changed.
 */
export interface Heartbeats {
  /** `node` has a lease that says `renewTime`. */
  heard(node: string, renewTime: string): void;
  forget(node: string): void;
  /** Milliseconds since it was last heard of; undefined when it never was. */
  silence(node: string): number | undefined;
  /** From now on nobody can be heard, until `hearing`: silence meanwhile, and before, does not count. */
  deaf(): void;
  hearing(): void;
  isDeaf(): boolean;
}

export function heartbeats(clock: Pick<Clock, 'monotonic'>): Heartbeats {
  const beats = new Map<string, { readonly renewTime: string; readonly at: number }>();
  let deafUntil = 0;
  let isDeaf = false;
  return {
    heard(node, renewTime) {
      if (beats.get(node)?.renewTime !== renewTime) beats.set(node, { renewTime, at: clock.monotonic() });
    },
    forget: (node) => void beats.delete(node),
    silence(node) {
      const beat = beats.get(node);
      return beat === undefined ? undefined : clock.monotonic() - Math.max(beat.at, deafUntil);
    },
    deaf: () => {
      isDeaf = true;
    },
    hearing() {
      if (isDeaf) deafUntil = clock.monotonic();
      isDeaf = false;
    },
    isDeaf: () => isDeaf,
  };
}
