import type { UnknownObject } from '../../meta/objects.ts';

/** One version of one object. Immutable by convention: whoever wants a change makes a new object. */
export interface Stored {
  readonly key: string;
  /** The revision that wrote it; `metadata.resourceVersion` says the same. */
  readonly revision: number;
  readonly object: UnknownObject;
  /** The object as JSON, without line breaks. */
  readonly text: string;
}

/** One step from a revision to the next one. Every watcher gets the same Change (===), so that what is encoded for one can be kept for all. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly key: string;
  /** DELETED: the last state, with the revision of the deletion in it. */
  readonly object: Stored;
  /** What stood there before; undefined for ADDED only. */
  readonly before: Stored | undefined;
}

export interface Page {
  /** The state as of this revision: how the pages of one list agree. Absent: the newest. */
  readonly at?: number;
  /** Only keys after this one. */
  readonly after?: string;
  readonly limit?: number;
}

export interface Listing {
  /** In the order of their keys (by UTF-16 code units). */
  readonly items: readonly Stored[];
  /** The revision whose state this is. */
  readonly revision: number;
  /** When there is more: the `after` of the next page, to be asked for at `revision`. */
  readonly next?: string;
  /** How many are left after this page. */
  readonly remaining: number;
}

/** Versioned objects in the order of their keys. One revision counts all writes, over all keys and restarts, and is never given twice. */
export interface Store {
  /** The newest visible one. A new store begins at 1. */
  revision(): number;
  /** The oldest revision that can still be listed or watched from. */
  compactedAt(): number;
  get(key: string): Stored | undefined;
  /**
   * What is under `prefix`.
   * @throws {Compacted} when `page.at` is older than `compactedAt()`.
   * @throws {FutureRevision} when `page.at` has not been reached.
   */
  list(prefix: string, page?: Page): Listing;
  /**
   * Writes a copy of `object` with `metadata.resourceVersion` set to the new revision. Settles when it is durable and visible; until then nobody sees it.
   * @throws {Conflict} when what stands at `key` is not of the revision `expected`.
   * @throws {StorageFailed} when the disk refused. The write did not happen (and could come back only if the disk refused to cut it off too, and then the machine crashed).
   * @throws {Stopped} when the store is closed.
   */
  put(key: string, expected: number | 'absent', object: UnknownObject): Promise<Stored>;
  /** Removes `key`; `last` is what watchers are told, with the new revision in it. Settles and throws as `put` does. */
  remove(key: string, expected: number, last: UnknownObject): Promise<Stored>;
  /**
   * The changes under `prefix` with a revision greater than `from`, each exactly once, in order.
   * @throws {Compacted} when `from` is older than `compactedAt()`.
   * @throws {FutureRevision} when `from` has not been reached.
   */
  watch(prefix: string, from: number): Watch;
  /**
   * Forgets the changes up to and including `revision`, in memory at once, and writes a snapshot so that it holds after a restart too.
   * Watches that run go on. Older than `compactedAt()`: nothing happens.
   * @throws {FutureRevision} when `revision` has not been reached.
   * @throws {StorageFailed} when the disk refused the snapshot. Nothing is lost.
   */
  compact(revision: number): Promise<void>;
  /** Ends all watches, refuses new writes with Stopped, settles those under way, and gives the disk back. */
  close(): Promise<void>;
}

/**
 * A running watch: `for await (const changes of watch)`, by one consumer. Each array has at least one change.
 * The iteration returns after `cancel()` and after the store was closed.
 * @throws {WatchDropped} from the iteration, when the consumer fell too far behind.
 */
export interface Watch extends AsyncIterable<readonly Change[], undefined, undefined> {
  /** Every change under the prefix up to this revision has been handed to the consumer: what a bookmark may say. */
  seen(): number;
  cancel(): void;
}

/** What stands at the key is not what the writer expected. */
export class Conflict extends Error {
  override name = 'Conflict';
  readonly key: string;
  readonly current: Stored | undefined;
  constructor(key: string, expected: number | 'absent', current: Stored | undefined) {
    super(`${key} was expected ${at(expected)}, and is ${at(current?.revision ?? 'absent')}`);
    this.key = key;
    this.current = current;
  }
}

function at(revision: number | 'absent'): string {
  return revision === 'absent' ? revision : `at revision ${String(revision)}`;
}

/** The history that was asked for is gone. List anew, and watch from there. */
export class Compacted extends Error {
  override name = 'Compacted';
  readonly requested: number;
  readonly compactedAt: number;
  constructor(requested: number, compactedAt: number) {
    super(`revision ${String(requested)} is gone: the oldest that is kept is ${String(compactedAt)}`);
    this.requested = requested;
    this.compactedAt = compactedAt;
  }
}

/** A revision that has not been reached. */
export class FutureRevision extends Error {
  override name = 'FutureRevision';
  readonly requested: number;
  readonly current: number;
  constructor(requested: number, current: number) {
    super(`revision ${String(requested)} has not been reached: the newest is ${String(current)}`);
    this.requested = requested;
    this.current = current;
  }
}

/** The disk refused. Later writes work again as soon as the disk does. */
export class StorageFailed extends Error {
  override name = 'StorageFailed';
  /** No room left, rather than a defect. */
  readonly full: boolean;
  constructor(message: string, full: boolean, cause: unknown) {
    super(message, { cause });
    this.full = full;
  }
}

/** A watcher took its changes too slowly. List or watch anew. */
export class WatchDropped extends Error {
  override name = 'WatchDropped';
}
