import type { VmKey } from '../ports/arbiter.ts';
import type { GuestId } from '../ports/guests.ts';
import { readJournal, type GuestWords, type JournalEntry } from './journal.ts';

type LifeEnd =
  | 'Stopped'
  | 'Suspended'
  | 'PowerCut'
  | 'Paused'
  | 'MemoryLost'
  /** Its shadow went live. What still runs is not seen. */
  | 'Succeeded';

/** A guest's processors running, from its start, resume, activation or going on to whatever ended that. Lines are counted from 1. */
export interface GuestLife {
  readonly vm: VmKey;
  readonly instance: GuestId;
  readonly host: string;
  readonly from: { readonly line: number; readonly at: number };
  readonly to?: { readonly line: number; readonly at: number; readonly by: LifeEnd };
  /** Who stands by for it: nothing that it does is seen that this one could not go on from. */
  readonly shadow?: GuestId;
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
  /** The life of this guest that has not ended. */
  open(words: GuestWords): OpenLife | undefined;
  openOf(vm: VmKey): readonly OpenLife[];
  /** False when there is no such life. */
  end(words: GuestWords, to: End): boolean;
  /** @returns how many ended. */
  endAll(which: (life: OpenLife) => boolean, to: End): number;
}

function lifeBook(): LifeBook {
  const lives: OpenLife[] = [];
  const open = new Map<VmKey, OpenLife[]>();
  const find = ({ vm, instance, host }: GuestWords): OpenLife | undefined =>
    open.get(vm)?.find((one) => one.instance === instance && one.host === host);
  return {
    lives,
    open: find,
    openOf: (vm) => open.get(vm) ?? [],
    begin: ({ vm, instance, host }, from) => {
      const others = open.get(vm) ?? [];
      const life: OpenLife = { vm, instance, host, from };
      lives.push(life);
      open.set(vm, [...others, life]);
      return others;
    },
    end: (words, to) => {
      const { vm } = words;
      const running = open.get(vm) ?? [];
      const life = find(words);
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

const begins: ReadonlySet<string> = new Set(['GuestStarted', 'GuestResumed', 'GuestWoken', 'GuestWentOn']);
const endOf = { GuestStopped: 'Stopped', GuestLost: 'MemoryLost' } as const;

function takeGuest(words: Line<Extract<JournalEntry, GuestWords>>): void {
  const { book, entry, line, violated } = words;
  const { at, host, instance, vm } = entry;
  const end = (by: End['by']): boolean => book.end(entry, { line, at, by });
  const begin = (): void => {
    for (const other of book.begin(entry, { line, at })) {
      const since = `as ${other.instance} on ${other.host} since line ${String(other.from.line)}`;
      violated(`VM ${vm} runs as ${instance} on ${host} while it runs ${since}`);
    }
  };
  if (begins.has(entry.type)) {
    begin();
    return;
  }
  switch (entry.type) {
    case 'GuestAlone':
      goOnAlone(words, entry, begin);
      return;
    case 'GuestActivated':
      succeed(words, entry);
      begin();
      return;
    case 'GuestShadowed':
      shadowed(words, entry);
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
    case 'GuestLost':
      // One that stands still and is stopped has no life to end, nor has one that was not activated.
      book.end(entry, { line, at, by: endOf[entry.type] });
      return;
    default:
      return;
  }
}

function shadowed({ book, violated }: Line, entry: Extract<JournalEntry, { readonly type: 'GuestShadowed' }>): void {
  const life = book.open(entry);
  if (life === undefined) violated(`${entry.instance} was protected on ${entry.host}, where it did not run`);
  else life.shadow = entry.by;
}

/** Where its shadow went live, it begins another life beside that. */
function goOnAlone({ book }: Line, entry: GuestWords, begin: () => void): void {
  const life = book.open(entry);
  if (life === undefined) begin();
  else delete life.shadow;
}

/** The life that it stood by for is over, wherever its processors still run. */
function succeed({ book, line, entry: { at } }: Line, words: GuestWords): void {
  for (const { instance, host, shadow } of book.openOf(words.vm))
    if (shadow === words.instance) book.end({ ...words, instance, host }, { line, at, by: 'Succeeded' });
}
