import type { Change, Watch } from './types.ts';
import { WatchDropped } from './types.ts';

/** All running watches. */
export interface Watchers {
  /** A watch from `from` on; `past` are all changes since. */
  add(prefix: string, from: number, past: readonly Change[]): Watch;
  /** Tells everybody what became visible. */
  publish(changes: readonly Change[]): void;
  /** Ends all watches. */
  close(): void;
}

interface Watcher extends Watch {
  push(changes: readonly Change[]): void;
}

export interface WatchLimits {
  /** UTF-16 code units of JSON that may wait for a consumer, besides what was already past when it began. */
  readonly backlog: number;
}

const none: readonly Change[] = [];

/** `revision` says the newest visible one. */
export function watchers(limits: WatchLimits, revision: () => number): Watchers {
  /** By prefix, so that what is for hundreds with the same one is picked once. */
  const groups = new Map<string, Set<Watcher>>();
  return {
    add: (prefix, from, past) => {
      const group = groups.get(prefix) ?? new Set<Watcher>();
      groups.set(prefix, group);
      const added = watcher({ limits, revision, from, replay: under(prefix, past) }, () => {
        group.delete(added);
        if (group.size === 0) groups.delete(prefix);
      });
      group.add(added);
      return added;
    },
    publish: (changes) => {
      for (const [prefix, group] of groups) {
        const theirs = under(prefix, changes);
        if (theirs.length > 0) for (const one of group) one.push(theirs);
      }
    },
    close: () => {
      for (const group of [...groups.values()]) for (const one of [...group]) one.cancel();
    },
  };
}

function under(prefix: string, changes: readonly Change[]): readonly Change[] {
  // Most batches are of one change, and most prefixes are others.
  const [only] = changes;
  if (changes.length === 1 && only !== undefined) return only.key.startsWith(prefix) ? changes : none;
  return changes.filter(({ key }) => key.startsWith(prefix));
}

interface Beginning {
  readonly limits: WatchLimits;
  readonly revision: () => number;
  readonly from: number;
  readonly replay: readonly Change[];
}

type Result = IteratorResult<readonly Change[], undefined>;
const finished: Result = { done: true, value: undefined };

function watcher({ limits, revision, from, replay }: Beginning, leave: () => void): Watcher {
  const queue: (readonly Change[])[] = replay.length > 0 ? [replay] : [];
  let backlog = 0;
  let handed = from;
  let waiting: ((result: Result) => void) | undefined;
  let ended: 'no' | 'dropped' | 'yes' = 'no';

  const end = (how: 'dropped' | 'yes'): void => {
    if (ended !== 'no') return;
    ended = how;
    queue.length = 0;
    leave();
    waiting?.(finished);
    waiting = undefined;
  };
  const hand = (changes: readonly Change[]): Result => {
    handed = changes.at(-1)?.revision ?? handed;
    return { done: false, value: changes };
  };
  const next = async (): Promise<Result> => {
    if (ended === 'dropped') {
      ended = 'yes';
      throw new WatchDropped(`more than ${String(limits.backlog)} characters of changes were waiting`);
    }
    if (ended === 'yes') return finished;
    const changes = queue.shift();
    if (changes !== undefined) {
      if (changes !== replay) backlog -= weight(changes);
      return hand(changes);
    }
    return new Promise((resolve) => {
      waiting = resolve;
    });
  };
  const stop = (): void => end('yes');
  return {
    seen: () => (queue.length === 0 && ended === 'no' ? revision() : handed),
    cancel: stop,
    push: (changes) => {
      if (waiting !== undefined) {
        waiting(hand(changes));
        waiting = undefined;
        return;
      }
      queue.push(changes);
      backlog += weight(changes);
      if (backlog > limits.backlog) end('dropped');
    },
    [Symbol.asyncIterator]: () => ({
      next,
      return: async () => {
        stop();
        return finished;
      },
    }),
  };
}

function weight(changes: readonly Change[]): number {
  return changes.reduce((sum, { object }) => sum + object.text.length, 0);
}
