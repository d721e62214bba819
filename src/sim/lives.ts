import type { VmKey } from '../ports/arbiter.ts';
import type { GuestId } from '../ports/guests.ts';
import { readJournal, type GuestWords, type JournalEntry } from './journal.ts';

/** A guest's processors running, from its start, resume, activation or going on to whatever ended that. Lines are counted from 1. */
export interface GuestLife {
  readonly vm: VmKey;
  readonly instance: GuestId;
  readonly host: string;
  readonly from: { readonly line: number; readonly at: number };
  readonly to?: { readonly line: number; readonly at: number; readonly by: 'Stopped' | 'Suspended' | 'PowerCut' | 'Paused' | 'MemoryLost' };
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

/** One line of the journal, for those that judge it. */
interface Line<E extends JournalEntry = JournalEntry> {
  readonly entry: E;
  readonly line: number;
  readonly book: LifeBook;
  readonly violated: (what: string) => void;
}

function lifeJudge(): LifeJudge {
  const book = lifeBook();
  const violations: string[] = [];
  const violated = (line: number, what: string): void => void violations.push(`line ${String(line)}: ${what}`);
  const take = (entry: JournalEntry, line: number): void => {
    const words = { line, book, violated: (what: string) => violated(line, what) };
    if ('instance' in entry) takeGuest({ entry, ...words });
    else takeHost({ entry, ...words });
  };
  return { take, violated, verdict: () => ({ lives: book.lives, violations }) };
}

function takeHost({ book, entry, line, violated }: Line): void {
  const to = { line, at: entry.at, by: 'PowerCut' } as const;
  switch (entry.type) {
    case 'WorldStarted':
      book.endAll(() => true, to);
      return;
    case 'PowerCut':
      book.endAll((life) => life.host === entry.host, to);
      return;
    case 'HostRemoved':
      if (book.endAll((life) => life.host === entry.host, to) > 0) violated(`host ${entry.host} was removed while guests ran on it`);
      return;
    default:
      return;
  }
}

function takeGuest({ book, entry, line, violated }: Line<Extract<JournalEntry, GuestWords>>): void {
  const { at, host, instance, vm } = entry;
  const end = (by: End['by']): boolean => book.end(entry, { line, at, by });
  switch (entry.type) {
    case 'GuestStarted':
    case 'GuestResumed':
    case 'GuestActivated':
    case 'GuestWentOn':
      for (const other of book.begin(entry, { line, at })) {
        const since = `as ${other.instance} on ${other.host} since line ${String(other.from.line)}`;
        violated(`VM ${vm} runs as ${instance} on ${host} while it runs ${since}`);
      }
      return;
    case 'GuestSuspended':
      if (!end('Suspended')) violated(`${instance} was suspended on ${host}, where it did not run`);
      return;
    case 'GuestPaused':
      if (!end('Paused')) violated(`${instance} was paused on ${host}, where it did not run`);
      return;
    case 'GuestMoved':
      if (end('Paused')) violated(`${instance} was handed over by ${host} while it ran there`);
      return;
    case 'GuestStopped':
      // One that stands still and is stopped has no life to end.
      end('Stopped');
      return;
    case 'GuestLost':
      // It may not have been activated yet.
      end('MemoryLost');
      return;
    default:
      return;
  }
}
