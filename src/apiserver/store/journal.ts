import type { Disk } from '../../base/disk.ts';
import { DiskFull } from '../../base/disk.ts';
import { messageOf } from '../../base/errors.ts';
import { createLog, logName } from './files.ts';
import type { Record } from './records.ts';
import { encode } from './records.ts';
import type { Recovered } from './recovery.ts';
import { StorageFailed } from './types.ts';

/** The log that is written. One call at a time. */
export interface Journal {
  /** Bytes of all logs since the last snapshot. */
  size(): number;
  generation(): number;
  /** Where the next record will stand, and up to where all is durable. */
  durable(): number;
  /** Settles when the records are durable. @throws {StorageFailed} when they are not; then they are cut off again, before anything else is written. */
  append(records: readonly Record[]): Promise<void>;
  /** Begins a new log; `revision` is the newest that was given. @throws {StorageFailed}; then the old one goes on. */
  rotate(revision: number): Promise<void>;
  /** The logs before the newest are no longer needed. */
  forgetEarlier(): void;
  close(): Promise<void>;
}

export function journal(disk: Disk, recovered: Recovered): Journal {
  let { generation, log, length, earlier } = recovered;
  /** What a failure may have left behind the good part, and the log that one may have left behind this one. */
  let dirty = false;
  let stray: string | undefined;

  const repair = async (): Promise<void> => {
    if (dirty) {
      await log.truncate(length);
      await log.sync();
      dirty = false;
    }
    if (stray !== undefined) {
      await disk.remove(stray);
      stray = undefined;
    }
  };
  /** Tidies up at once if it can, and says why it failed. The next write tries again, and fails if it can't. */
  const failed = async (error: unknown): Promise<StorageFailed> => {
    await repair().catch(() => undefined);
    return new StorageFailed(`the store cannot write: ${messageOf(error)}`, error instanceof DiskFull, error);
  };
  return {
    size: () => earlier + length,
    generation: () => generation,
    durable: () => length,
    append: async (records) => {
      try {
        await repair();
        const bytes = encode(records);
        dirty = true;
        await log.append(bytes);
        await log.sync();
        dirty = false;
        length += bytes.length;
      } catch (error) {
        throw await failed(error);
      }
    },
    rotate: async (revision) => {
      try {
        await repair();
        stray = logName(generation + 1);
        const head = await createLog(disk, generation + 1, revision);
        const next = await disk.open(stray);
        stray = undefined;
        const old = log;
        earlier += length;
        [generation, log, length] = [generation + 1, next, head];
        await old.close().catch(() => undefined);
      } catch (error) {
        throw await failed(error);
      }
    },
    forgetEarlier: () => {
      earlier = 0;
    },
    close: () => log.close(),
  };
}
