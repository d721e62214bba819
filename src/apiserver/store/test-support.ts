import type { Disk, LogFile } from '../../base/disk.ts';
import { seededRandom } from '../../base/random.ts';
import type { UnknownObject } from '../../meta/objects.ts';
import type { DiskOperation, MemoryDisk, MemoryDiskOptions } from '../../sim/disk.ts';
import { memoryDisk } from '../../sim/disk.ts';
import { linesOf } from './records.ts';
import type { StoreOptions } from './store.ts';
import type { Change, Listing, Store, Watch } from './types.ts';

/** An object that says `n`. */
export function thing(name: string, n: number | string = 0): UnknownObject {
  return {
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { name, uid: name, resourceVersion: '', creationTimestamp: '2026-03-01T12:00:00Z' },
    n,
  };
}

/** A clock that stands still unless it is set. */
export function stillClock(): { time: number; monotonic(): number } {
  return {
    time: 0,
    monotonic() {
      return this.time;
    },
  };
}

export const still: StoreOptions = { clock: stillClock() };

export function disk(options: Partial<MemoryDiskOptions> = {}): MemoryDisk {
  return memoryDisk({ random: seededRandom(1), ...options });
}

/** Writes whatever stands there now. */
export async function write(store: Store, key: string, n: number | string = 0): Promise<number> {
  return (await store.put(key, store.get(key)?.revision ?? 'absent', thing(key, n))).revision;
}

export async function erase(store: Store, key: string): Promise<number> {
  const last = store.get(key);
  return (await store.remove(key, last?.revision ?? 0, last?.object ?? thing(key))).revision;
}

/** `a=1 b=2`: keys, and what their objects say. */
export function said(listing: Listing | Store): string {
  const { items } = 'items' in listing ? listing : listing.list('');
  return items.map(({ key, object }) => `${key}=${String(object['n'])}`).join(' ');
}

/** `ADDED a=1@5`. */
export function told(changes: readonly Change[]): string[] {
  return changes.map(({ type, key, object, revision }) => `${type} ${key}=${String(object.object['n'])}@${String(revision)}`);
}

/** A disk that is not done with `operation` on files whose names begin with `name` before `gate` opens. */
export function gated(gate: Promise<unknown>, operation: DiskOperation, name = ''): MemoryDisk {
  return disk({
    pause: async (called, on) => {
      if (called === operation && on.startsWith(name)) await gate;
    },
  });
}

/** Whatever is ready runs, real input and output aside. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What a watch has to tell by now. It is cancelled. */
export async function drained(watch: Watch): Promise<Change[]> {
  const changes: Change[] = [];
  const reading = (async () => {
    for await (const some of watch) changes.push(...some);
  })();
  // Whoever awaits it below gets the error.
  reading.catch(() => undefined);
  await settle();
  watch.cancel();
  await reading;
  return changes;
}

/** Every revision that was ever on its way to a disk, and those that were twice. */
export interface Given {
  readonly seen: Set<number>;
  readonly repeated: number[];
}

export function noneGiven(): Given {
  return { seen: new Set(), repeated: [] };
}

/** Notes what log lines are handed to `on`. */
export function noting(on: Disk, given: Given): Disk {
  const note = (bytes: Uint8Array): void => {
    for (const { record } of linesOf(bytes)) {
      if (record?.kind !== 'put' && record?.kind !== 'remove') continue;
      if (given.seen.has(record.revision)) given.repeated.push(record.revision);
      given.seen.add(record.revision);
    }
  };
  const open = async (name: string): Promise<LogFile> => {
    const log = await on.open(name);
    const append = (bytes: Uint8Array): Promise<void> => {
      note(bytes);
      return log.append(bytes);
    };
    return { ...log, append };
  };
  return { ...on, open };
}

/** What stands at each key: the objects' `n`. */
export function standing(store: Store): Map<string, unknown> {
  return new Map(store.list('').items.map(({ key, object }) => [key, object['n']]));
}
