/** The user's host profiles, what their hosts answer, and how all that changes. */
import { HostProfile } from '../../src/api/host-profile.ts';
import { Host } from '../../src/api/host.ts';
import type { Client } from '../../src/kube/types.ts';
import { hostName } from '../../src/sim/host-names.ts';
import type { Plan, profileEvents } from './plan.ts';
import { answer, basePieces, otherPieces, settingsOf, usualAnswer, type Piece } from './profile-pieces.ts';

export type Reprofiling = Exclude<(typeof profileEvents)[number], 'Drift' | 'HeavyDrift'>;

/** A profile as it was last wished. */
export interface WantedProfile {
  readonly name: string;
  readonly pieces: readonly Piece[];
  readonly priority: number;
  readonly enforcement: 'Report' | 'Remediate';
}

export interface Profiling {
  install(): Promise<void>;
  /** @returns how it is changed back, where it is for a while. */
  reprofile(kind: Reprofiling, host: string, target: number): () => void;
  /** All that was changed for a while is changed back; where the plan ends well, the last word is a good one. */
  reprofiled(): void;
  /** Whether the API has taken all that was wished. */
  content(): boolean;
  /** The profiles that there are to be, the one whose word counts first in front. */
  wanted(): readonly WantedProfile[];
  answersOf(host: string): string;
}

interface Wanted {
  base: readonly Piece[];
  other: readonly Piece[];
  /** How many changes under way want it so. */
  gone: number;
  reports: number;
  others: number;
  priority: number;
  readonly answers: Map<string, string>;
}

const by = { fieldManager: 'user' };
/** What one manager applies to a Host replaces all that it applied before: whether it is to be empty is another's. */
const byAnswers = { fieldManager: 'user-answers' };
const names = ['base', 'other'] as const;

/** @param repeat until it has gone well. */
export function profiling(plan: Plan, client: Client, repeat: (work: () => Promise<boolean>) => Promise<void>): Profiling {
  const { profiles, hosts } = plan;
  const nothing = { gone: 0, reports: 0, others: 0 };
  const want: Wanted = { base: basePieces('ProfileNone', 0, 0), other: [], ...nothing, priority: 0, answers: new Map() };
  const hostNames = Array.from({ length: hosts }, (_, index) => hostName('rack', index + 1));
  const answersOf = (host: string): string => want.answers.get(host) ?? usualAnswer;
  let version = 0;
  let taken = 0;
  let busy = false;
  const wanted = (): WantedProfile[] => [
    ...(want.gone > 0 ? [] : [{ name: 'base', pieces: want.base, priority: 1, enforcement: enforcement() }]),
    ...(want.others === 0 ? [] : [{ name: 'other', pieces: want.other, priority: want.priority, enforcement: 'Remediate' as const }]),
  ];
  const enforcement = (): WantedProfile['enforcement'] => (want.reports > 0 ? 'Report' : 'Remediate');
  const write = async (): Promise<boolean> => {
    const now = version;
    const there = wanted();
    for (const name of hostNames) await client.apply(Host, { name }, { spec: { answers: { [answer]: answersOf(name) } } }, byAnswers);
    for (const name of names) {
      const profile = there.find((one) => one.name === name);
      if (profile !== undefined) await client.apply(HostProfile, { name }, { spec: specOf(plan, profile) }, by);
      else if ((await client.get(HostProfile, { name })) !== undefined) await client.delete(HostProfile, { name });
    }
    taken = now;
    return version === now;
  };
  const sync = (): void => {
    version++;
    if (busy) return;
    busy = true;
    void repeat(write).then(() => (busy = false));
  };
  const forAWhile = (field: 'gone' | 'reports' | 'others'): (() => void) => {
    want[field]++;
    return () => {
      want[field] = Math.max(0, want[field] - 1);
      sync();
    };
  };
  const change = (kind: Reprofiling, host: string, target: number): (() => void) => {
    switch (kind) {
      case 'OtherProfile':
        want.other = otherPieces(version, target);
        want.priority = target % 2 === 0 ? 0 : 5;
        return forAWhile('others');
      case 'ProfileGone':
        return forAWhile('gone');
      case 'ProfileReport':
        return forAWhile('reports');
      case 'AnswerChange':
        want.answers.set(host, String(30 + (target % 20)));
        return () => {
          want.answers.delete(host);
          sync();
        };
      default:
        want.base = basePieces(kind, version, target);
        return () => undefined;
    }
  };
  return {
    install: () => (profiles === undefined ? Promise.resolve() : repeat(write)),
    reprofile: (kind, host, target) => {
      const back = change(kind, host, target);
      sync();
      return back;
    },
    reprofiled: () => {
      if (profiles === undefined) return;
      Object.assign(want, nothing);
      want.answers.clear();
      if (profiles.ends !== undefined) want.base = basePieces(profiles.ends, version, 0);
      sync();
    },
    content: () => version === taken,
    wanted: () => wanted().sort((a, b) => b.priority - a.priority),
    answersOf,
  };
}

function specOf({ profiles }: Plan, { pieces, priority, enforcement }: WantedProfile): object {
  const { after = '30s', canary, soak, maxUnavailable, pauseOnFailure } = profiles ?? {};
  const rollout = { canary, soak, maxUnavailable, pauseOnFailure };
  return { hostSelector: {}, priority, settings: settingsOf(pieces), enforcement, rollback: { after }, rollout };
}
