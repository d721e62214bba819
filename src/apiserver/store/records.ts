import { crc32 } from '../../base/crc32.ts';

/** The version of the format of logs and snapshots that this code writes and reads. */
export const formatVersion = 1;

/**
 * One line of a log or a snapshot. On disk: CRC-32 of the rest as 8 hexadecimal digits, the kind, its fields, all parted by tabs, and a line feed.
 * Neither keys nor JSON have tabs or line feeds, so lines can be found again after damage, and read by eye.
 */
export type Record = Head | Write | Mark | End;

/** The first line of each file. */
export interface Head {
  readonly kind: 'log' | 'snapshot';
  readonly format: number;
  readonly generation: number;
  /** A log's: all revisions given before. A snapshot's: that of the state in it. */
  readonly revision: number;
}

export interface Write {
  readonly kind: 'put' | 'remove';
  readonly revision: number;
  /** Up to this offset the file was durable when this line was written: damage below is of what was acknowledged. */
  readonly durable: number;
  readonly key: string;
  /** The object, JSON; when removed, its last state. */
  readonly text: string;
}

/** No revision up to this one will be given anew. */
export interface Mark {
  readonly kind: 'mark';
  readonly revision: number;
  readonly durable: number;
}

/** The last line of a snapshot, with the number of its objects. */
export interface End {
  readonly kind: 'end';
  readonly count: number;
}

const tab = 9;
const lineFeed = 10;
const digits = 8;
const noSum = '0'.repeat(digits);
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The lines of `records`, in one piece. */
export function encode(records: readonly Record[]): Uint8Array {
  const lines = records.map(lineOf);
  const [only] = lines;
  if (lines.length === 1 && only !== undefined) return only;
  const bytes = new Uint8Array(lines.reduce((sum, line) => sum + line.length, 0));
  let at = 0;
  for (const line of lines) {
    bytes.set(line, at);
    at += line.length;
  }
  return bytes;
}

/** Encoded with room for its checksum, which is then put there. */
function lineOf(record: Record): Uint8Array {
  const bytes = encoder.encode(`${noSum}\t${bodyOf(record)}\n`);
  const sum = hexadecimal(crc32(bytes, digits + 1, bytes.length - 1));
  for (let i = 0; i < digits; i++) bytes[i] = sum.charCodeAt(i);
  return bytes;
}

function bodyOf(record: Record): string {
  switch (record.kind) {
    case 'log':
    case 'snapshot':
      return [record.kind, record.format, record.generation, record.revision].join('\t');
    case 'put':
    case 'remove':
      return `${record.kind}\t${String(record.revision)}\t${String(record.durable)}\t${record.key}\t${record.text}`;
    case 'mark':
      return [record.kind, record.revision, record.durable].join('\t');
    case 'end':
      return [record.kind, record.count].join('\t');
  }
}

function hexadecimal(crc: number): string {
  return crc.toString(16).padStart(digits, '0');
}

export interface Line {
  readonly start: number;
  /** After its line feed, or after the last byte when it has none. */
  readonly end: number;
  /** Undefined: damaged. */
  readonly record: Record | undefined;
}

/** The lines of a file, in order. */
export function* linesOf(bytes: Uint8Array, from = 0): Generator<Line, void> {
  for (let start = from; start < bytes.length;) {
    const feed = bytes.indexOf(lineFeed, start);
    const end = feed < 0 ? bytes.length : feed + 1;
    yield { start, end, record: feed < 0 ? undefined : decode(bytes, start, feed) };
    start = end;
  }
}

/** A record that ends where the damaged `line` does: it is all that is left when the line feed before it was lost. */
export function lastWithin(bytes: Uint8Array, line: Line): Record | undefined {
  const end = bytes[line.end - 1] === lineFeed ? line.end - 1 : line.end;
  for (let at = bytes.indexOf(tab, line.start + digits + 1); at >= 0 && at < end; at = bytes.indexOf(tab, at + 1)) {
    const record = decode(bytes, at - digits, end);
    if (record !== undefined) return record;
  }
  return undefined;
}

function decode(bytes: Uint8Array, start: number, end: number): Record | undefined {
  const body = start + digits + 1;
  if (body > end || bytes[body - 1] !== tab) return undefined;
  if (decoder.decode(bytes.subarray(start, start + digits)) !== hexadecimal(crc32(bytes, body, end))) return undefined;
  return recordOf(decoder.decode(bytes.subarray(body, end)));
}

function recordOf(body: string): Record | undefined {
  const [kind, a, b, c] = fieldsOf(body, 4);
  switch (kind) {
    case 'log':
    case 'snapshot':
      return { kind, format: Number(a), generation: Number(b), revision: Number(c) };
    case 'put':
    case 'remove': {
      const [, revision, durable, key = '', text = ''] = fieldsOf(body, 5);
      return { kind, revision: Number(revision), durable: Number(durable), key, text };
    }
    case 'mark':
      return { kind, revision: Number(a), durable: Number(b) };
    case 'end':
      return { kind, count: Number(a) };
    default:
      return undefined;
  }
}

/** The first `count` fields; the last of them is the whole rest. */
function fieldsOf(body: string, count: number): string[] {
  const fields: string[] = [];
  let start = 0;
  while (fields.length < count - 1) {
    const end = body.indexOf('\t', start);
    if (end < 0) break;
    fields.push(body.slice(start, end));
    start = end + 1;
  }
  fields.push(body.slice(start));
  return fields;
}
