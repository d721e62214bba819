import type { Change, Listing, Page, Stored } from './types.ts';
import type { SortedMap } from './sorted-map.ts';
import { Compacted, FutureRevision } from './types.ts';
import { sortedMap } from './sorted-map.ts';

/** How much of the past is kept, for watches that come back and for lists in pages. */
export interface HistoryLimits {
  /** So many changes are always kept. */
  readonly changes: number;
  /** Younger ones are kept too… */
  readonly milliseconds: number;
  /** …unless there are more than this. */
  readonly most: number;
}

/** All objects, now and in the near past. */
export interface Versions {
  revision(): number;
  compactedAt(): number;
  /** Of the newest state: the number of objects, and of their JSON's UTF-16 code units and keys'. */
  size(): { readonly objects: number; readonly text: number };
  get(key: string): Stored | undefined;
  list(prefix: string, page?: Page): Listing;
  /** The changes after `from`, in order. @throws {Compacted} and {FutureRevision}. */
  since(from: number): readonly Change[];
  /** An object of the state that one begins with. */
  load(stored: Stored): void;
  /** The next change: what stands at the key from now on, or, when `gone`, stood there last. `now` is on the monotonic clock. */
  apply(stored: Stored, gone: boolean, now: number): Change;
  /** Forgets the changes up to `revision`, which is not before `compactedAt()`. @throws {FutureRevision}. */
  compact(revision: number): void;
}

interface Version {
  readonly stored: Stored;
  readonly gone: boolean;
  /** The one before, while somebody may still ask for it. */
  older: Version | undefined;
}

interface Slot {
  newest: Version;
}

interface Past {
  readonly change: Change;
  readonly version: Version;
  readonly at: number;
}

/** Begins with nothing, at `start`. */
export function versions(start: number, limits: HistoryLimits): Versions {
  const slots = sortedMap<Slot>();
  let past: Past[] = [];
  /** Before it, `past` is spent: taken away in bulk, since a shift a change would move all the others. */
  let first = 0;
  let revision = start;
  let compactedAt = start;
  let objects = 0;
  let text = 0;

  const count = (stored: Stored | undefined, sign: 1 | -1): void => {
    if (stored === undefined) return;
    objects += sign;
    text += sign * (stored.text.length + stored.key.length);
  };
  const get = (key: string): Stored | undefined => standing(slots.get(key)?.newest);
  const check = (asked: number): void => {
    if (asked < compactedAt) throw new Compacted(asked, compactedAt);
    if (asked > revision) throw new FutureRevision(asked, revision);
  };
  const forget = ({ change, version }: Past): void => {
    compactedAt = change.revision;
    version.older = undefined;
    if (version.gone && slots.get(change.key)?.newest === version) slots.delete(change.key);
    first++;
  };
  const forgetWhile = (old: (oldest: Past) => boolean): void => {
    for (let oldest = past[first]; oldest !== undefined && old(oldest); oldest = past[first]) forget(oldest);
    if (first > 1000 && first * 2 > past.length) {
      past = past.slice(first);
      first = 0;
    }
  };
  const trim = (now: number): void => {
    forgetWhile(({ at }) => {
      const kept = past.length - first;
      return kept > limits.most || (kept > limits.changes && now - at >= limits.milliseconds);
    });
  };

  return {
    revision: () => revision,
    compactedAt: () => compactedAt,
    size: () => ({ objects, text }),
    get,
    list: (prefix, page = {}) => {
      const at = page.at ?? revision;
      check(at);
      return listing(slots, prefix, { ...page, at });
    },
    since: (from) => {
      check(from);
      return past.slice(firstAfter(past, first, from)).map(({ change }) => change);
    },
    load: (stored) => {
      slots.set(stored.key, { newest: { stored, gone: false, older: undefined } });
      count(stored, 1);
    },
    apply: (stored, gone, now) => {
      const slot = slots.get(stored.key);
      const before = standing(slot?.newest);
      const version: Version = { stored, gone, older: slot?.newest };
      if (slot === undefined) slots.set(stored.key, { newest: version });
      else slot.newest = version;
      count(before, -1);
      if (!gone) count(stored, 1);
      revision = stored.revision;
      const change: Change = {
        type: gone ? 'DELETED' : before === undefined ? 'ADDED' : 'MODIFIED',
        revision,
        key: stored.key,
        object: stored,
        before,
      };
      past.push({ change, version, at: now });
      trim(now);
      return change;
    },
    compact: (to) => {
      if (to > revision) throw new FutureRevision(to, revision);
      forgetWhile(({ change }) => change.revision <= to);
      compactedAt = to;
    },
  };
}

function standing(version: Version | undefined): Stored | undefined {
  return version === undefined || version.gone ? undefined : version.stored;
}

/** The index of the first change after `revision`. */
function firstAfter(past: readonly Past[], first: number, revision: number): number {
  let low = first;
  let high = past.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((past[middle]?.change.revision ?? Infinity) <= revision) low = middle + 1;
    else high = middle;
  }
  return low;
}

function listing(slots: SortedMap<Slot>, prefix: string, page: Page & { readonly at: number }): Listing {
  const { at, after, limit = Infinity } = page;
  const items: Stored[] = [];
  let remaining = 0;
  for (const slot of slots.from(after === undefined || after < prefix ? prefix : after)) {
    if (!slot.newest.stored.key.startsWith(prefix)) break;
    const stored = standing(asOf(slot.newest, at));
    if (stored === undefined || stored.key === after) continue;
    if (items.length < limit) items.push(stored);
    else remaining++;
  }
  const last = items.at(-1);
  return { items, revision: at, remaining, ...(remaining > 0 && last !== undefined ? { next: last.key } : {}) };
}

function asOf(newest: Version, revision: number): Version | undefined {
  let version: Version | undefined = newest;
  while (version !== undefined && version.stored.revision > revision) version = version.older;
  return version;
}
