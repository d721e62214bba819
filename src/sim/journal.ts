import { fnv1a } from '../base/hash.ts';
import type { GuestId, GuestSpec } from '../ports/guests.ts';
import type { Holder, VmKey } from '../ports/arbiter.ts';

/** A datastore as the world keeps it: a shared one is one for all hosts; a local one belongs to its `host`. */
export interface StoreKey {
  readonly datastore: string;
  readonly host?: string;
}

interface GuestWords {
  readonly host: string;
  /** Which agent of the host was at work. */
  readonly incarnation: number;
  readonly vm: VmKey;
  readonly instance: GuestId;
}

/** Something that happened in the world. The order of the entries is the order in which it happened. */
export type JournalEvent =
  /** The process began anew: whatever ran before had lost its power. */
  | { readonly type: 'WorldStarted'; readonly incarnation: number }
  | {
      readonly type: 'HostMade';
      readonly host: string;
      readonly cores: number;
      readonly memoryBytes: number;
      readonly guestBootMs: number;
    }
  | { readonly type: 'HostRemoved'; readonly host: string }
  /** Every guest that ran on the host is dead. */
  | { readonly type: 'PowerCut'; readonly host: string; readonly instances: readonly GuestId[] }
  | { readonly type: 'AgentStarted'; readonly host: string; readonly incarnation: number }
  | ({ readonly type: 'GuestStarted'; readonly spec: GuestSpec } & GuestWords)
  | ({ readonly type: 'GuestStopped' } & GuestWords)
  | ({ readonly type: 'GuestSuspended'; readonly memoryStore: StoreKey } & GuestWords)
  | ({ readonly type: 'GuestResumed' } & GuestWords)
  | { readonly type: 'VolumeSized'; readonly store: StoreKey; readonly volume: string; readonly bytes: number }
  | { readonly type: 'VolumeRemoved'; readonly store: StoreKey; readonly volume: string }
  /** `host`: through which host the holder took it. */
  | { readonly type: 'LeaseSet'; readonly datastore: string; readonly vm: VmKey; readonly holder?: Holder; readonly host?: string };

/** A line of the journal says this as JSON; `at` is the wall clock in milliseconds. */
export type JournalEntry = { readonly at: number } & JournalEvent;

interface Numbered {
  readonly entry: JournalEntry;
  /** Lines are numbered from 1. */
  readonly line: number;
  /** The lines up to this one were known to be durable when it was written. */
  readonly durable: number;
}

/** A line without its line break: the entry with its number, what was durable by then, and a sum over all that. */
export function lineOf(entry: JournalEntry, line: number, durable: number): string {
  const text = JSON.stringify({ line, durable, ...entry });
  return `${text.slice(0, -1)},"sum":"${fnv1a(text)}"}`;
}

const sumOf = /^(.*),"sum":"([0-9a-f]{16})"\}$/;

function read(text: string): Numbered | undefined {
  const [, body, sum] = sumOf.exec(text) ?? [];
  if (body === undefined || fnv1a(`${body}}`) !== sum) return undefined;
  const value: unknown = JSON.parse(`${body}}`);
  return isLine(value) ? { entry: value, line: value.line, durable: value.durable } : undefined;
}

/** What has the right sum was written by `lineOf`. */
function isLine(value: unknown): value is JournalEntry & Omit<Numbered, 'entry'> {
  return typeof value === 'object' && value !== null && 'type' in value && 'line' in value;
}

export interface ReadJournal {
  readonly entries: readonly JournalEntry[];
  /** The text of these entries. What comes after it was never acknowledged: a crash tore it. */
  readonly sound: string;
  /** The number of a line that was durable and cannot be read any more. Nothing after it is in `entries`. */
  readonly damaged?: number;
}

/** Reads a journal. Only what follows the last durable line may be torn; whatever else cannot be read is damage. */
export function readJournal(text: string): ReadJournal {
  const lines = text.split('\n').slice(0, -1);
  const entries: JournalEntry[] = [];
  for (const line of lines) {
    const found = read(line);
    if (found?.line !== entries.length + 1) break;
    entries.push(found.entry);
  }
  const sound = lines.slice(0, entries.length).reduce((sum, line) => sum + line.length + 1, 0);
  const next = entries.length + 1;
  const damaged = lines.slice(entries.length).some((line) => (read(line)?.durable ?? 0) >= next);
  return { entries, sound: text.slice(0, sound), ...(damaged ? { damaged: next } : {}) };
}

/** A guest's processors running, from its start or resume to whatever ended that. Lines are counted from 1. */
export interface GuestLife {
  readonly vm: VmKey;
  readonly instance: GuestId;
  readonly host: string;
  readonly from: { readonly line: number; readonly at: number };
  readonly to?: { readonly line: number; readonly at: number; readonly by: 'Stopped' | 'Suspended' | 'PowerCut' };
}

export interface Lives {
  /** In the order in which they began. */
  readonly lives: readonly GuestLife[];
  /** What contradicts rule 1, or cannot have happened; empty when all is well. */
  readonly violations: readonly string[];
}

/**
 * Reads the lives of all guests out of a journal and judges rule 1 by them: no VM had two running guests at an instant. It knows nothing
 * of the world's own book-keeping.
 */
export function livesFrom(journal: string): Lives {
  const { entries, damaged } = readJournal(journal);
  const judge = lifeJudge();
  entries.forEach((entry, index) => {
    judge.take(entry, index + 1);
  });
  if (damaged !== undefined) judge.violated(damaged, 'the journal cannot be read from here');
  return judge.verdict();
}

type OpenLife = { -readonly [field in keyof GuestLife]: GuestLife[field] };
type End = NonNullable<GuestLife['to']>;

/** Every life that has begun, and which of them have not ended. */
interface LifeBook {
  readonly lives: readonly OpenLife[];
  /** @returns the lives of the VM that have not ended. */
  begin(words: GuestWords, from: GuestLife['from']): readonly OpenLife[];
  /** False when there is no such life. */
  end(words: GuestWords, to: End): boolean;
  /** @returns how many ended. */
  endAll(which: (life: OpenLife) => boolean, to: End): number;
}

function lifeBook(): LifeBook {
  const lives: OpenLife[] = [];
  const open = new Map<VmKey, OpenLife[]>();
  return {
    lives,
    begin: ({ vm, instance, host }, from) => {
      const others = open.get(vm) ?? [];
      const life: OpenLife = { vm, instance, host, from };
      lives.push(life);
      open.set(vm, [...others, life]);
      return others;
    },
    end: ({ vm, instance, host }, to) => {
      const running = open.get(vm) ?? [];
      const life = running.find((one) => one.instance === instance && one.host === host);
      if (life === undefined) return false;
      life.to = to;
      const others = running.filter((one) => one !== life);
      if (others.length > 0) open.set(vm, others);
      else open.delete(vm);
      return true;
    },
    endAll: (which, to) => {
      const ending = [...open.values()].flat().filter(which);
      for (const life of ending) life.to = to;
      for (const [vm, running] of open) {
        const others = running.filter((life) => life.to === undefined);
        if (others.length > 0) open.set(vm, others);
        else open.delete(vm);
      }
      return ending.length;
    },
  };
}

interface LifeJudge {
  take(entry: JournalEntry, line: number): void;
  violated(line: number, what: string): void;
  verdict(): Lives;
}

function lifeJudge(): LifeJudge {
  const book = lifeBook();
  const violations: string[] = [];
  const violated = (line: number, what: string): void => void violations.push(`line ${String(line)}: ${what}`);
  const begin = (words: GuestWords, line: number, at: number): void => {
    for (const other of book.begin(words, { line, at })) {
      const since = `as ${other.instance} on ${other.host} since line ${String(other.from.line)}`;
      violated(line, `VM ${words.vm} runs as ${words.instance} on ${words.host} while it runs ${since}`);
    }
  };
  const take = (entry: JournalEntry, line: number): void => {
    const { at } = entry;
    switch (entry.type) {
      case 'WorldStarted':
        book.endAll(() => true, { line, at, by: 'PowerCut' });
        return;
      case 'PowerCut':
        book.endAll((life) => life.host === entry.host, { line, at, by: 'PowerCut' });
        return;
      case 'HostRemoved':
        if (book.endAll((life) => life.host === entry.host, { line, at, by: 'PowerCut' }) > 0)
          violated(line, `host ${entry.host} was removed while guests ran on it`);
        return;
      case 'GuestStarted':
      case 'GuestResumed':
        begin(entry, line, at);
        return;
      case 'GuestSuspended':
        if (!book.end(entry, { line, at, by: 'Suspended' }))
          violated(line, `${entry.instance} was suspended on ${entry.host}, where it did not run`);
        return;
      case 'GuestStopped':
        // A suspended guest that is stopped has no life to end.
        book.end(entry, { line, at, by: 'Stopped' });
        return;
      default:
        return;
    }
  };
  return { take, violated, verdict: () => ({ lives: book.lives, violations }) };
}
