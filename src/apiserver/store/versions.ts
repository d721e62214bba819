import { type Fifo, fifo } from './fifo.ts';
import { type SortedMap, sortedMap } from './sorted-map.ts';
import { type Change, Compacted, FutureRevision, type Listing, type Page, type Stored } from './types.ts';

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
  /** Of the newest state: the number of objects, and of the UTF-16 code units of their JSON and keys. */
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

interface State {
  readonly limits: HistoryLimits;
  readonly slots: SortedMap<Slot>;
  readonly past: Fifo<Past>;
  revision: number;
  compactedAt: number;
  objects: number;
  text: number;
}

/** Begins with nothing, at `start`. */
export function versions(start: number, limits: HistoryLimits): Versions {
  const state: State = { limits, slots: sortedMap(), past: fifo(), revision: start, compactedAt: start, objects: 0, text: 0 };
  return {
    revision: () => state.revision,
    compactedAt: () => state.compactedAt,
    size: () => ({ objects: state.objects, text: state.text }),
    get: (key) => standing(state.slots.get(key)?.newest),
    list: (prefix, page = {}) => {
      const at = page.at ?? state.revision;
      check(state, at);
      return listing(state.slots, prefix, { ...page, at });
    },
    since: (from) => {
      check(state, from);
      return state.past.from(({ change }) => change.revision > from).map(({ change }) => change);
    },
    load: (stored) => {
      state.slots.set(stored.key, { newest: { stored, gone: false, older: undefined } });
      count(state, stored, 1);
    },
    apply: (stored, gone, now) => {
      const { version, before } = put(state, stored, gone);
      const type = gone ? 'DELETED' : before === undefined ? 'ADDED' : 'MODIFIED';
      const change: Change = { type, revision: stored.revision, key: stored.key, object: stored, before };
      state.past.push({ change, version, at: now });
      trim(state, now);
      return change;
    },
    compact: (to) => {
      if (to > state.revision) throw new FutureRevision(to, state.revision);
      forgetWhile(state, ({ change }) => change.revision <= to);
      state.compactedAt = to;
    },
  };
}

function check({ compactedAt, revision }: State, asked: number): void {
  if (asked < compactedAt) throw new Compacted(asked, compactedAt);
  if (asked > revision) throw new FutureRevision(asked, revision);
}

function put(state: State, stored: Stored, gone: boolean): { version: Version; before: Stored | undefined } {
  const slot = state.slots.get(stored.key);
  const before = standing(slot?.newest);
  const version: Version = { stored, gone, older: slot?.newest };
  if (slot === undefined) state.slots.set(stored.key, { newest: version });
  else slot.newest = version;
  count(state, before, -1);
  if (!gone) count(state, stored, 1);
  state.revision = stored.revision;
  return { version, before };
}

function count(state: State, stored: Stored | undefined, sign: 1 | -1): void {
  if (stored === undefined) return;
  state.objects += sign;
  state.text += sign * (stored.text.length + stored.key.length);
}

function trim(state: State, now: number): void {
  const { changes, milliseconds, most } = state.limits;
  forgetWhile(state, ({ at }, kept) => kept > most || (kept > changes && now - at >= milliseconds));
}

function forgetWhile(state: State, old: (oldest: Past, kept: number) => boolean): void {
  const { past, slots } = state;
  for (let oldest = past.oldest(); oldest !== undefined && old(oldest, past.length); oldest = past.oldest()) {
    const { change, version } = oldest;
    past.shift();
    state.compactedAt = change.revision;
    version.older = undefined;
    if (version.gone && slots.get(change.key)?.newest === version) slots.delete(change.key);
  }
}

function standing(version: Version | undefined): Stored | undefined {
  return version === undefined || version.gone ? undefined : version.stored;
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
