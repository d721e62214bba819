import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { UserError, messageOf } from '../base/errors.ts';

/** The files that a lock leaves in its directory. */
export const lockFiles: readonly string[] = ['lock', 'lock.pid'];

const longestTimer = 2 ** 31 - 1;
const busy = 5;
const notADatabase = 26;

/**
 * Takes `directory` until `unlock`, or until this process ends in whatever way.
 *
 * The lock is the kernel's own on the file `lock` (fcntl), which Node offers only through SQLite: an empty database with a transaction that never writes.
 * The kernel drops it with the process, so that there is no stale lock to judge: not by process ids and start times, which mean nothing across
 * containers that share a volume; not by a socket, which outlives a kill as a file and can be taken over by two at once, or, when abstract,
 * is not seen from another network namespace. `lock.pid` only serves the message.
 * @throws {UserError} when another process, or another lock of this one, has it.
 */
export async function lockDirectory(directory: string): Promise<{ unlock(): Promise<void> }> {
  const note = join(directory, 'lock.pid');
  const database = new DatabaseSync(join(directory, 'lock'), { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw await refusal(directory, note, error);
  }
  // Held on to, whatever becomes of the Disk: the collector would close the database, and the lock would be gone.
  const hold = setInterval(() => database, longestTimer).unref();
  // It helps a person, and nothing else: on a full disk, one does without.
  await writeFile(note, `${String(process.pid)}\n`).catch(() => undefined);
  return {
    unlock: async () => {
      await rm(note, { force: true });
      clearInterval(hold);
      database.close();
    },
  };
}

async function refusal(directory: string, note: string, error: unknown): Promise<UserError> {
  const code = error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;
  if (code === notADatabase) return new UserError(`${directory} holds a file "lock" that is not ours: name another directory`);
  if (code !== busy) return new UserError(`${directory} cannot be locked: ${messageOf(error)}`, { cause: error });
  const pid = (await readFile(note, 'utf8').catch(() => '')).trim();
  const who = pid === '' ? 'another process' : `another process (${pid})`;
  return new UserError(`${directory} is in use by ${who}: stop it first, or name another directory`);
}
