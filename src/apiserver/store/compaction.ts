import type { Disk } from '../../base/disk.ts';
import { DiskFull } from '../../base/disk.ts';
import { Stopped, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { generationsOn, logName, snapshotName } from './files.ts';
import type { Journal } from './journal.ts';
import { writeSnapshot } from './snapshot.ts';
import { StorageFailed } from './types.ts';
import type { Versions } from './versions.ts';
import type { Writer } from './writer.ts';

/** Keeps the logs from growing without end. */
export interface Compaction {
  /** Begins to compact, beside the writes, when the logs have grown well past the live data. Called after each batch. */
  consider(): void;
  /** Compacts now. @throws {StorageFailed}; nothing is lost. */
  run(): Promise<void>;
  /** Settles when none is under way. */
  idle(): Promise<void>;
}

export interface CompactionParts {
  readonly disk: Disk;
  readonly log: Log;
  readonly journal: Journal;
  readonly writer: Writer;
  readonly versions: Versions;
  /** Bytes of logs that are always tolerated. */
  readonly tolerated: number;
}

export function compaction({ disk, log, journal, writer, versions, tolerated }: CompactionParts): Compaction {
  let last: Promise<void> = Promise.resolve();
  let underWay = 0;
  /** After a failure, how large the logs are to grow before the next attempt. */
  let postponed = 0;

  const compact = async (): Promise<void> => {
    const { revision, items } = await writer.between(async (given) => {
      await journal.rotate(given);
      return versions.list('');
    });
    const generation = journal.generation();
    try {
      await writeSnapshot(disk, generation, revision, items);
      journal.forgetEarlier();
      await removeBefore(disk, generation);
    } catch (error) {
      throw new StorageFailed(`the store cannot compact its log: ${messageOf(error)}`, error instanceof DiskFull, error);
    }
  };
  const run = (): Promise<void> => {
    underWay++;
    const next = last.then(compact).finally(() => underWay--);
    last = next.catch(() => undefined);
    return next;
  };
  return {
    run,
    consider: () => {
      const size = journal.size();
      if (underWay > 0 || size <= Math.max(tolerated + 2 * versions.size().text, postponed)) return;
      postponed = 0;
      run().catch((error: unknown) => {
        if (error instanceof Stopped) return;
        postponed = journal.size() + tolerated;
        log.warn('the store could not compact its log', { error: messageOf(error), bytes: size });
      });
    },
    idle: () => last,
  };
}

async function removeBefore(disk: Disk, generation: number): Promise<void> {
  const { logs, snapshots } = await generationsOn(disk);
  for (const older of logs) if (older < generation) await disk.remove(logName(older));
  for (const older of snapshots) if (older < generation) await disk.remove(snapshotName(older));
}
