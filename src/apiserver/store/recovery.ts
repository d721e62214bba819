import type { Disk, LogFile } from '../../base/disk.ts';
import { must } from '../../base/errors.ts';
import { createLog, damaged, generationsOn, headOf, logName, snapshotName } from './files.ts';
import type { Generations } from './files.ts';
import { lastWithin, linesOf } from './records.ts';
import type { Line, Record } from './records.ts';
import { storedText } from './stored.ts';
import type { Stored } from './types.ts';

/** Where what was read goes. */
export interface Sink {
  /** The revision that the history begins with. */
  start(revision: number): void;
  load(stored: Stored): void;
  apply(stored: Stored, gone: boolean): void;
}

export interface Recovered {
  readonly generation: number;
  readonly log: LogFile;
  /** The length of the log, all of it durable. */
  readonly length: number;
  /** The length of the logs before it that are still needed. */
  readonly earlier: number;
  /** The newest revision that is known to have been given. */
  readonly revision: number;
  /** False: of what was given after that, all might have been lost with a torn tail. */
  readonly fresh: boolean;
}

/**
 * Reads a store's files into `sink`, cuts a torn tail off, removes what is no longer needed. The disk is locked.
 * @throws {UserError} when the files are damaged in a way that a crash does not explain, or are not a store's; then nothing was changed.
 */
export async function recover(disk: Disk, sink: Sink): Promise<Recovered> {
  const found = await generationsOn(disk);
  if (found.logs.length === 0 && found.snapshots.length === 0) return begin(disk, sink);
  const base = found.snapshots.at(-1) ?? 1;
  const last = checkContiguous(found, base);
  if (found.snapshots.length > 0) await readSnapshot(disk, base, sink);
  let revision = 0;
  let earlier = 0;
  for (let generation = base; ; generation++) {
    const name = logName(generation);
    const bytes = must(await disk.read(name), name);
    const replay = replayLog(name, bytes, sink, generation === base && found.snapshots.length === 0);
    if (replay.first < revision) throw damaged(name, 0, 'it begins before the end of the log before it');
    revision = replay.revision;
    if (generation < last && replay.good < bytes.length)
      throw damaged(name, replay.good, 'a line is unreadable, though a later log shows that it was once written well');
    if (generation < last) {
      earlier += bytes.length;
      continue;
    }
    const log = await sound(disk, name, replay.good, bytes.length);
    await removeOlder(disk, found, base);
    return { generation, log, length: replay.good, earlier, revision, fresh: false };
  }
}

/** The first revision stands for "nothing yet", since 0 means "any" to who asks for a list. */
const firstRevision = 1;

async function begin(disk: Disk, sink: Sink): Promise<Recovered> {
  const length = await createLog(disk, 1, firstRevision);
  sink.start(firstRevision);
  return { generation: 1, log: await disk.open(logName(1)), length, earlier: 0, revision: firstRevision, fresh: true };
}

/** @returns the newest generation. */
function checkContiguous(found: Generations, base: number): number {
  const last = found.logs.at(-1) ?? 0;
  for (let generation = base; generation <= Math.max(last, base); generation++) {
    if (!found.logs.includes(generation)) throw damaged(logName(generation), 0, 'the file is missing');
  }
  return last;
}

/** Opens the log for writing, cut to its good part. */
async function sound(disk: Disk, name: string, good: number, length: number): Promise<LogFile> {
  const log = await disk.open(name);
  if (good < length) await log.truncate(good);
  // Also when nothing was cut: what was read may have come from the machine's cache, and who is shown it must not see it vanish.
  await log.sync();
  return log;
}

async function removeOlder(disk: Disk, found: Generations, base: number): Promise<void> {
  for (const generation of found.logs) if (generation < base) await disk.remove(logName(generation));
  for (const generation of found.snapshots) if (generation < base) await disk.remove(snapshotName(generation));
}

async function readSnapshot(disk: Disk, generation: number, sink: Sink): Promise<void> {
  const name = snapshotName(generation);
  const bytes = must(await disk.read(name), name);
  let count = -1;
  let complete = false;
  for (const { start, record } of linesOf(bytes)) {
    if (count < 0) sink.start(headOf(record, name).revision);
    else if (complete || record === undefined)
      throw damaged(name, start, 'a line is unreadable or one too many, and a snapshot is written as a whole');
    else if (record.kind === 'put') sink.load(storedText(record.key, record.revision, record.text));
    else if (record.kind === 'end' && record.count === count) complete = true;
    else throw damaged(name, start, `a line of kind ${record.kind} does not belong there`);
    count++;
  }
  if (!complete) throw damaged(name, bytes.length, 'its end is missing');
}

interface Replay {
  /** The length of what is sound. */
  readonly good: number;
  /** The newest that was given before the log began, and of all. */
  readonly first: number;
  readonly revision: number;
}

function replayLog(name: string, bytes: Uint8Array, sink: Sink, starts: boolean): Replay {
  let first: number | undefined;
  let revision = 0;
  let good = 0;
  for (const line of linesOf(bytes)) {
    const { record } = line;
    if (first === undefined) {
      first = revision = headOf(record, name).revision;
      if (starts) sink.start(first);
    } else if (record === undefined) {
      checkTail(name, bytes, line);
      break;
    } else {
      revision = replayRecord(record, revision, sink) ?? fail(name, line, record);
    }
    good = line.end;
  }
  return { good, first: first ?? headOf(undefined, name).revision, revision };
}

function fail(name: string, line: Line, record: Record): never {
  throw damaged(name, line.start, `a line of kind ${record.kind} does not belong there`);
}

/** @returns the newest revision given, undefined when the record cannot follow on `revision`. */
function replayRecord(record: Record, revision: number, sink: Sink): number | undefined {
  if (record.kind !== 'put' && record.kind !== 'remove' && record.kind !== 'mark') return undefined;
  if (record.revision < revision || (record.kind !== 'mark' && record.revision === revision)) return undefined;
  if (record.kind !== 'mark') sink.apply(storedText(record.key, record.revision, record.text), record.kind === 'remove');
  return record.revision;
}

/** A bad line is a torn tail if nothing after it says that it was durable. Lines of its own batch may have survived it: nobody was told of them. */
function checkTail(name: string, bytes: Uint8Array, bad: Line): void {
  const later = [{ ...bad, record: lastWithin(bytes, bad) }];
  for (const line of [...later, ...linesOf(bytes, bad.end)]) {
    if (line.record === undefined || !('durable' in line.record) || line.record.durable <= bad.start) continue;
    throw damaged(
      name,
      bad.start,
      `a line is unreadable, though what follows (in the line at offset ${String(line.start)}) shows that it was once written well`,
    );
  }
}
