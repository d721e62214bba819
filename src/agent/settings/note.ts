/** What a host must not forget of a change of its settings, whatever happens to its agent, its power, or its way to the API. */
import type { UndoneChange } from '../../api/host-compliance.ts';
import type { Impact } from '../../api/setting.ts';
import type { Change } from '../../domain/settings/family.ts';
import type { Settings } from '../../ports/settings.ts';

/**
 * Apply: its settings are being written. Boot: and then the host is to boot. Try: whether it reaches its manager so. Undo: they are being
 * written back. BootBack: and then it is to boot once more.
 */
export type ChangePhase = 'Apply' | 'Boot' | 'Try' | 'Undo' | 'BootBack';

export interface OpenChange {
  readonly profile: string;
  readonly revision: string;
  readonly impact: Impact;
  readonly changes: readonly Change[];
  /** Milliseconds without its manager after which it is undone. */
  readonly afterMs: number;
  readonly phase: ChangePhase;
  /** The boot in which it began, or in which the host was asked to boot back. */
  readonly bootId: string;
  /** Why it is undone, and what did it. */
  readonly why?: string;
  readonly culprit?: string;
}

export interface Note {
  readonly change?: OpenChange;
  /** What was undone, by profile: it is not tried again. */
  readonly undone: Readonly<Record<string, UndoneChange>>;
}

const name = 'profiles';
const empty: Note = { undone: {} };

export async function readNote(settings: Settings): Promise<Note> {
  const text = await settings.kept(name);
  const found: unknown = text === undefined ? empty : JSON.parse(text);
  return isNote(found) ? found : empty;
}

/** Settles when it is on the host's disk. */
export async function keepNote(settings: Settings, note: Note): Promise<void> {
  const nothing = note.change === undefined && Object.keys(note.undone).length === 0;
  await settings.keep(name, nothing ? undefined : JSON.stringify(note));
}

/** What is there was written by `keepNote`. */
function isNote(value: unknown): value is Note {
  return typeof value === 'object' && value !== null && 'undone' in value;
}
