/** How long hosts have been cut off in truth: what an agent may end its guests for. */
import type { Plan } from './plan.ts';

/** What is promised: for so long a host ends nothing. */
const isolatedAfterMs = 10_000;
const lostAfterMs = 30_000;
/** An agent looks each second, and may have taken two troubles for one, or an end for a moment later. */
const lookMs = 2_000;
/** What was begun in trouble may end so long after it: a guest was asked to shut down. */
const endingMs = 45_000;

interface Spell {
  since: number;
  /** Undefined: it lasts. */
  until: number | undefined;
}

/** What is so of a host now. */
export interface Trouble {
  /** It hears no other, and nothing would answer it. */
  readonly isAlone: boolean;
  readonly hasLostStorage: boolean;
}

export class CutOffs {
  readonly #plan: Plan;
  readonly #alone = new Map<string, Spell>();
  readonly #lost = new Map<string, Spell>();

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  look(host: string, { isAlone, hasLostStorage }: Trouble, now: number): void {
    note(this.#alone, host, isAlone, now);
    note(this.#lost, host, hasLostStorage, now);
  }

  /** Whether its agent had to end guests, as its cluster asks. */
  excuses(host: string, now: number): boolean {
    const { isolation = 'LeaveOn', storageLoss = 'PowerOff' } = this.#plan;
    const byIsolation = isolation !== 'LeaveOn' && lasted(this.#alone.get(host), now) >= isolatedAfterMs - lookMs;
    return byIsolation || (storageLoss === 'PowerOff' && lasted(this.#lost.get(host), now) >= lostAfterMs - lookMs);
  }
}

function note(spells: Map<string, Spell>, host: string, isSo: boolean, now: number): void {
  const last = spells.get(host);
  if (!isSo) {
    if (last !== undefined) last.until ??= now;
  } else if (last?.until !== undefined && now - last.until < lookMs) last.until = undefined;
  else if (last === undefined || last.until !== undefined) spells.set(host, { since: now, until: undefined });
}

function lasted(spell: Spell | undefined, now: number): number {
  if (spell === undefined || (spell.until !== undefined && now - spell.until > endingMs)) return 0;
  return (spell.until ?? now) - spell.since;
}
