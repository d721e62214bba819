import type { Disk } from '../../base/disk.ts';
import { UserError } from '../../base/errors.ts';
import type { Head, Record } from './records.ts';
import { encode, formatVersion } from './records.ts';

/**
 * The files of a store. Generation n is `snapshot.n`, the whole state at one revision (none for the first, which begins with nothing), and `log.n`,
 * all writes from there until the next generation began. To compact is to begin `log.n+1`, to write `snapshot.n+1`, and to remove what is older:
 * a crash in between leaves a snapshot and all logs since.
 */
export interface Generations {
  readonly snapshots: readonly number[];
  readonly logs: readonly number[];
}

export const logName = (generation: number): string => `log.${String(generation)}`;
export const snapshotName = (generation: number): string => `snapshot.${String(generation)}`;

/** Looks without touching. @throws {UserError} when there is a file that no store wrote. */
export async function generationsOn(disk: Disk): Promise<Generations> {
  const snapshots: number[] = [];
  const logs: number[] = [];
  for (const name of await disk.list()) {
    const [, kind, digits] = /^(log|snapshot)\.([1-9]\d*)$/.exec(name) ?? [];
    if (kind === undefined) {
      throw new UserError(
        `the data directory holds "${name}", which is not a file of the store: name an empty directory, or one that a store has used before`,
      );
    }
    (kind === 'log' ? logs : snapshots).push(Number(digits));
  }
  return { snapshots: snapshots.sort((a, b) => a - b), logs: logs.sort((a, b) => a - b) };
}

/** Makes `log.generation` anew; `revision` is the newest that was given. @returns its length. */
export async function createLog(disk: Disk, generation: number, revision: number): Promise<number> {
  const head = encode([{ kind: 'log', format: formatVersion, generation, revision }]);
  // Not through `open`: a log is there with its whole first line or not at all, so that a strange first line is never just a torn one.
  await disk.replace(logName(generation), head);
  return head.length;
}

/** Checks the first line of a file. @throws {UserError} when it is none of ours, or of a newer version. */
export function headOf(record: Record | undefined, name: string): Head {
  if (record === undefined || !(record.kind === 'log' || record.kind === 'snapshot')) {
    throw new UserError(
      `"${name}" in the data directory does not begin as a file of the store does (offset 0): if another program wrote it, name an empty directory; if it was damaged, restore the directory from a backup`,
    );
  }
  if (record.format !== formatVersion) {
    throw new UserError(
      `"${name}" in the data directory has format ${String(record.format)}, and this version reads format ${String(formatVersion)} only: start the version that wrote it, or name another directory`,
    );
  }
  if (`${record.kind}.${String(record.generation)}` !== name) {
    throw new UserError(
      `"${name}" in the data directory was once ${record.kind}.${String(record.generation)}: give it its name back, or restore the directory from a backup`,
    );
  }
  return record;
}

/** What `name` lacks, in words for who has to mend it. */
export function damaged(name: string, offset: number, what: string): UserError {
  return new UserError(
    `"${name}" in the data directory is damaged at offset ${String(offset)}: ${what}. Nothing was changed. Restore the directory from a backup; or, to give up all writes from there on, keep a copy, cut the file to its first ${String(offset)} bytes and remove all files of later generations (a damaged snapshot cannot be cut)`,
  );
}
