import type { Clock } from '../../base/clock.ts';
import type { Disk } from '../../base/disk.ts';
import type { Log } from '../../base/log.ts';
import { silentLog } from '../../base/log.ts';
import { compaction } from './compaction.ts';
import { generationsOn } from './files.ts';
import { journal } from './journal.ts';
import type { Recovered } from './recovery.ts';
import { recover } from './recovery.ts';
import type { Store, Stored } from './types.ts';
import { Conflict } from './types.ts';
import type { HistoryLimits, Versions } from './versions.ts';
import { versions } from './versions.ts';
import { watchers } from './watchers.ts';
import type { Write, Writer } from './writer.ts';
import { writer } from './writer.ts';

export interface StoreOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log?: Log;
  readonly history?: HistoryLimits;
  /** UTF-16 code units of JSON that may wait for one watcher before it is dropped. */
  readonly backlog?: number;
  /** Bytes that the log may grow past twice the live data before it is compacted. */
  readonly tolerated?: number;
}

const defaultHistory: HistoryLimits = { changes: 20_000, milliseconds: 300_000, most: 100_000 };

/**
 * Opens the store on `disk`, which is its own from then on until it is closed. An empty disk becomes an empty store.
 * @throws {UserError} when the disk is in use, holds something else, or is damaged in a way that a crash does not explain; then nothing on it was changed.
 */
export async function openStore(disk: Disk, options: StoreOptions): Promise<Store> {
  // Before the lock too, which may leave a file: a directory that is not ours stays as it was.
  await generationsOn(disk);
  await disk.lock();
  try {
    return await openLocked(disk, options);
  } catch (error) {
    await disk.unlock();
    throw error;
  }
}

async function openLocked(disk: Disk, options: StoreOptions): Promise<Store> {
  const { clock, log = silentLog, history = defaultHistory, backlog = 8_000_000, tolerated = 8_000_000 } = options;
  const { state, recovered } = await recoverState(disk, history, clock);
  const watching = watchers({ backlog }, () => state.revision());
  const file = journal(disk, recovered);
  const writes = writer(file, recovered, (batch) => {
    const now = clock.monotonic();
    watching.publish(batch.map(({ stored, gone }) => state.apply(stored, gone, now)));
    compacting.consider();
  });
  const compacting = compaction({ disk, log, journal: file, writer: writes, versions: state, tolerated });
  const write = serialised(state, writes);
  const close = async (): Promise<void> => {
    watching.close();
    await writes.close();
    await compacting.idle();
    await file.close();
    await disk.unlock();
  };
  let closing: Promise<void> | undefined;
  return {
    revision: () => state.revision(),
    compactedAt: () => state.compactedAt(),
    get: (key) => state.get(key),
    list: (prefix, page) => state.list(prefix, page),
    put: (key, expected, object) => write({ kind: 'put', key, object }, expected),
    remove: (key, expected, last) => write({ kind: 'remove', key, object: last }, expected),
    watch: (prefix, from) => watching.add(prefix, from, state.since(from)),
    compact: async (revision) => {
      if (revision <= state.compactedAt()) return;
      state.compact(revision);
      await compacting.run();
    },
    close: () => (closing ??= close()),
  };
}

async function recoverState(
  disk: Disk,
  history: HistoryLimits,
  clock: Pick<Clock, 'monotonic'>,
): Promise<{ state: Versions; recovered: Recovered }> {
  let state = versions(0, history);
  const now = clock.monotonic();
  const recovered = await recover(disk, {
    start: (revision) => {
      state = versions(revision, history);
    },
    load: (stored) => state.load(stored),
    apply: (stored, gone) => void state.apply(stored, gone, now),
  });
  return { state, recovered };
}

/** One write a key at a time: what the next one finds, and whether it conflicts, is known only when the one before has settled. */
function serialised(state: Versions, writes: Writer): (write: Write, expected: number | 'absent') => Promise<Stored> {
  const underWay = new Map<string, Promise<unknown>>();
  return async (write, expected) => {
    const { key } = write;
    if (key === '' || /[\u0000-\u001f]/.test(key))
      throw new RangeError(`${JSON.stringify(key)} is not a key: it is empty or holds a control character`);
    for (let other = underWay.get(key); other !== undefined; other = underWay.get(key)) await other.catch(() => undefined);
    const current = state.get(key);
    if ((current?.revision ?? 'absent') !== expected) throw new Conflict(key, expected, current);
    const result = writes.write(write);
    underWay.set(key, result);
    try {
      return await result;
    } finally {
      underWay.delete(key);
    }
  };
}
