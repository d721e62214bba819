import type { Baseline } from '../api/cpu.ts';
import type { SwitchConfiguration } from '../api/effective-port.ts';
import type { Setting } from '../api/setting.ts';
import { fnv1a } from '../base/hash.ts';
import type { GuestId, GuestSpec } from '../ports/guests.ts';
import type { Holder, VmKey } from '../ports/arbiter.ts';
import type { GuestChatter, SimulatedNic } from '../ports/world.ts';

/** A datastore as the world keeps it: a shared one is one for all hosts; a local one belongs to its `host`. */
export interface StoreKey {
  readonly datastore: string;
  readonly host?: string;
}

export interface GuestWords {
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
      readonly baseline?: Baseline;
      /** Journals of old do not say. */
      readonly nicBitsPerSecond?: number;
      readonly nics?: readonly SimulatedNic[];
      readonly managementNic?: string;
      readonly guestChatter?: GuestChatter;
    }
  | { readonly type: 'HostRemoved'; readonly host: string }
  /** Kept on the host's own disk: its switches come back with its power. */
  | { readonly type: 'SwitchesApplied'; readonly host: string; readonly configuration: SwitchConfiguration }
  | ({ readonly type: 'SettingWritten'; readonly host: string } & Setting)
  /** A note on the host's own disk; without a text it is gone. */
  | { readonly type: 'NoteKept'; readonly host: string; readonly name: string; readonly text?: string }
  /** Every guest that ran on the host is dead. */
  | {
      readonly type: 'PowerCut';
      readonly host: string;
      readonly instances: readonly GuestId[];
      /** Absent: nobody asked for it. */
      readonly by?: 'BMC';
    }
  | { readonly type: 'AgentStarted'; readonly host: string; readonly incarnation: number }
  /** `voids`: where memory of its VM was, which is worth nothing any more. */
  | ({ readonly type: 'GuestStarted'; readonly spec: GuestSpec; readonly voids?: StoreKey } & GuestWords)
  /** It went on from a memory file that had become its own. */
  | ({ readonly type: 'GuestWoken'; readonly spec: GuestSpec; readonly memoryStore: StoreKey } & GuestWords)
  /** A memory file is that of `owner` from now on. */
  | { readonly type: 'MemoryTaken'; readonly store: StoreKey; readonly volume: string; readonly owner: GuestId }
  | ({ readonly type: 'GuestStopped' } & GuestWords)
  | ({ readonly type: 'GuestSuspended'; readonly memoryStore: StoreKey } & GuestWords)
  | ({ readonly type: 'GuestResumed' } & GuestWords)
  /** It waits for its memory; whatever of it had arrived before is worth nothing. */
  | ({ readonly type: 'GuestPrepared'; readonly spec: GuestSpec } & GuestWords)
  | ({ readonly type: 'GuestReceived' } & GuestWords)
  | ({ readonly type: 'GuestActivated' } & GuestWords)
  /** From now on nothing that the guest does leaves before its shadow could go on from there. */
  | ({ readonly type: 'GuestShadowed'; readonly by: GuestId } & GuestWords)
  /** It stands by for `of`, and has what it needs to go on. */
  | ({ readonly type: 'GuestStoodBy'; readonly of: GuestId } & GuestWords)
  /** It has no shadow any more, and what it did goes out. */
  | ({ readonly type: 'GuestAlone' } & GuestWords)
  | ({ readonly type: 'GuestPaused' } & GuestWords)
  | ({ readonly type: 'GuestWentOn' } & GuestWords)
  | ({ readonly type: 'GuestMoved' } & GuestWords)
  /** Memory that it needs is gone for good. */
  | ({ readonly type: 'GuestLost' } & GuestWords)
  | { readonly type: 'VolumeSized'; readonly store: StoreKey; readonly volume: string; readonly bytes: number }
  | { readonly type: 'VolumeRemoved'; readonly store: StoreKey; readonly volume: string }
  /** `host`: through which host the holder took it; `heir`: who alone may succeed it. */
  | {
      readonly type: 'LeaseSet';
      readonly datastore: string;
      readonly vm: VmKey;
      readonly holder?: Holder;
      readonly host?: string;
      readonly heir?: Holder;
    };

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
