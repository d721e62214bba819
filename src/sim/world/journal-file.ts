import type { Disk, LogFile } from '../../base/disk.ts';
import { messageOf, UserError } from '../../base/errors.ts';
import type { Runtime } from '../../base/runtime.ts';
import { lineOf, readJournal, type JournalEntry } from '../journal.ts';

export const journalName = 'world.log';

/** The journal on its disk. */
export interface Journal {
  /** Puts the entry at the end. Settles when it is durable; entries become durable in the order of the calls. @throws {Stopped} when the process stops while the disk refuses. */
  write(entry: JournalEntry): Promise<void>;
  /** Settles when all that was written is durable. */
  close(): Promise<void>;
}

/**
 * Opens the journal and reads what is in it. A torn end, which nobody was told of, is cut off. The disk must be this process's.
 * @throws {UserError} when a line that was durable cannot be read.
 */
export async function openJournal(disk: Disk, runtime: Runtime): Promise<{ entries: readonly JournalEntry[]; journal: Journal }> {
  const file = await disk.open(journalName);
  const content = await file.read();
  const { entries, sound, damaged } = readJournal(new TextDecoder().decode(content));
  if (damaged !== undefined) {
    const way = 'restore the file, or start with an empty data directory';
    throw new UserError(`${journalName} is damaged: line ${String(damaged)} cannot be read. To go on, ${way}`);
  }
  const length = new TextEncoder().encode(sound).length;
  if (length < content.length) await file.truncate(length);
  return { entries, journal: writer(file, { bytes: length, lines: entries.length }, runtime) };
}

interface Waiting {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** How long after a failed write it is tried again. */
const retryMs = 1000;

/** Whoever writes while a batch is on its way to the disk goes with the next one: one sync for all of them. */
function writer(file: LogFile, from: { bytes: number; lines: number }, runtime: Runtime): Journal {
  const encoder = new TextEncoder();
  let length = from.bytes;
  let durable = from.lines;
  let written = from.lines;
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | undefined;

  // What was applied in memory cannot be taken back, so a disk that refuses (full, say) is asked until it accepts; meanwhile nothing is acknowledged.
  const persist = async (bytes: Uint8Array): Promise<void> => {
    let torn = false;
    for (;;) {
      try {
        if (torn) await file.truncate(length);
        torn = true;
        await file.append(bytes);
        await file.sync();
        length += bytes.length;
        return;
      } catch (error) {
        runtime.log.error('the journal of the world cannot be written; trying again', { error: messageOf(error) });
        await runtime.clock.sleep(retryMs, runtime.stopping);
      }
    }
  };
  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await persist(encoder.encode(batch.map((item) => item.line).join('')));
        durable += batch.length;
        for (const item of batch) item.resolve();
      } catch (error) {
        for (const item of batch) item.reject(error);
      }
    }
    flushing = undefined;
  };

  return {
    write: (entry) =>
      new Promise((resolve, reject) => {
        written++;
        waiting.push({ line: `${lineOf(entry, written, durable)}\n`, resolve, reject });
        flushing ??= flush();
      }),
    close: async () => {
      await flushing;
      await file.close();
    },
  };
}
