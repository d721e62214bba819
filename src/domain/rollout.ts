/** How a profile goes over its hosts: who is next, and when it stops. Pure. */
import type { HostProfile, HostProfileStatus } from '../api/host-profile.ts';
import type { Impact } from '../api/setting.ts';
import { harmOf, isMine, mayBegin, stageOf, type HostFact, type HostStage } from './rollout-host.ts';
import { settingsHash } from './settings/wanted.ts';

export type Rollout = NonNullable<HostProfileStatus['rollout']>;

export interface RolloutView {
  readonly profile: HostProfile;
  /** The hosts that it selects. */
  readonly facts: readonly HostFact[];
  /** How long the canaries have been well, milliseconds; and how long they must be. */
  readonly wellForMs: number;
  readonly soakMs: number;
}

export type Act =
  /** The host is claimed, so that its VMs leave. */
  | { readonly do: 'claim'; readonly host: string }
  /** Its agent gets leave to change it. */
  | { readonly do: 'permit'; readonly host: string; readonly revision: string; readonly impact: Impact }
  /** The change is over, one way or the other: VMs may come again. */
  | { readonly do: 'release'; readonly host: string };

export interface Course {
  /** Said before anything is done. */
  readonly rollout: Rollout;
  readonly acts: readonly Act[];
  /** For programs and for people: what keeps it from being over. Undefined: all is as it should be. */
  readonly reason?:
    'Checking' | 'Refused' | 'CanaryFailed' | 'Paused' | 'Soaking' | 'RollingOut' | 'Waiting' | 'NonCompliant' | 'HostsUnknown';
  readonly message: string;
  /** Only a person can help. */
  readonly stalled: boolean;
  /** Whether the canaries are well now. */
  readonly well: boolean;
}

interface Staged {
  readonly fact: HostFact;
  readonly stage: HostStage;
  readonly mine: boolean;
}

export function courseOf(view: RolloutView): Course {
  const { profile } = view;
  const staged = [...view.facts]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((fact) => ({ fact, stage: stageOf(fact, profile.metadata.name), mine: isMine(fact, profile.metadata.name) }));
  const before = knownRollout(profile, staged);
  if (profile.spec.enforcement === 'Report') return reporting(before, staged);
  const isChecking = !before.canaryPassed && before.canaries.length === 0;
  const looking = staged.filter(({ stage }) => stage === 'Looking').length;
  if (isChecking && looking > 0)
    return { ...held(before, staged), reason: 'Checking', message: `${hosts(looking)} have not said yet what would change` };
  const harm = harmIn(staged);
  if (isChecking && harm.length > 0 && profile.spec.rollout.pauseOnFailure) return stopped('Refused', before, staged, harm);
  const rollout = isChecking ? withCanaries(before, profile, staged) : before;
  // With nobody to begin with there is nothing to watch either.
  return rollout.canaryPassed || rollout.canaries.length === 0 ? batches(view, rollout, staged, harm) : canaries(view, rollout, staged);
}

/** The roll-out that is under way, if it is of these very settings: others supersede it. */
function knownRollout(profile: HostProfile, staged: readonly Staged[]): Rollout {
  const settings = settingsHash(profile);
  const said = profile.status.rollout;
  if (said?.settings !== settings) return { settings, canaries: [], canaryPassed: false };
  const there = new Set(staged.map(({ fact }) => fact.name));
  return { ...said, canaries: said.canaries.filter((name) => there.has(name)) };
}

const toChange: ReadonlySet<HostStage> = new Set(['Pending', 'Emptying', 'Working']);

/** Those on which something has begun already come first. Where none needs the change, one that is as it says is proof enough. */
function withCanaries(before: Rollout, { spec }: HostProfile, staged: readonly Staged[]): Rollout {
  const needed = staged.filter(({ stage, fact }) => toChange.has(stage) && fact.ready);
  const begun = needed.filter(({ mine, stage }) => mine || stage === 'Working');
  const chosen = [...begun, ...needed.filter((one) => !begun.includes(one))].slice(0, spec.rollout.canary);
  if (needed.length === 0 && staged.some(({ stage }) => toChange.has(stage))) return before;
  const isProven = spec.rollout.canary === 0 || (chosen.length === 0 && staged.some(({ stage }) => stage === 'Compliant'));
  return { ...before, canaries: chosen.map(({ fact }) => fact.name).sort(), canaryPassed: isProven };
}

function canaries(view: RolloutView, rollout: Rollout, staged: readonly Staged[]): Course {
  const chosen = staged.filter(({ fact }) => rollout.canaries.includes(fact.name));
  const harm = harmIn(chosen);
  if (harm.length > 0) return stopped('CanaryFailed', rollout, staged, harm);
  const well = chosen.length > 0 && chosen.every(({ fact, stage }) => stage === 'Compliant' && fact.ready);
  if (well && view.wellForMs >= view.soakMs) {
    const passed = { ...rollout, canaryPassed: true };
    return { ...held(passed, staged), reason: 'RollingOut', message: 'the canaries are well', well };
  }
  // Those that were claimed for settings of old are given back.
  const others = staged.filter((one) => !chosen.includes(one));
  const acts = [...movesOn(chosen), ...endings(others), ...beginnings(view, staged, chosen)];
  const names = rollout.canaries.join(', ');
  if (well) return { ...held(rollout, staged), acts, reason: 'Soaking', message: `watching ${names} before others follow`, well };
  return { ...held(rollout, staged), acts, ...underWay(view, staged, acts, `first ${names}`) };
}

function batches(view: RolloutView, rollout: Rollout, staged: readonly Staged[], harm: readonly string[]): Course {
  if (harm.length > 0 && view.profile.spec.rollout.pauseOnFailure) return stopped('Paused', rollout, staged, harm);
  const left = staged.filter(({ stage }) => toChange.has(stage)).length;
  const unknown = staged.filter(({ stage }) => stage === 'Unknown' || stage === 'Looking').length;
  const acts = [...movesOn(staged), ...beginnings(view, staged, staged)];
  const course = { ...held(rollout, staged), acts };
  if (left > 0) return { ...course, ...underWay(view, staged, acts, `${hosts(left)} left`) };
  if (harm.length > 0) return { ...course, reason: 'NonCompliant', message: some(harm), stalled: true };
  if (unknown > 0) return { ...course, reason: 'HostsUnknown', message: `${hosts(unknown)} cannot be looked at` };
  return { ...course, message: staged.length === 0 ? 'it selects no host' : 'its hosts are as it says' };
}

function reporting(rollout: Rollout, staged: readonly Staged[]): Course {
  const course = held(rollout, staged);
  const differing = staged.filter(({ stage }) => toChange.has(stage) || stage === 'Refused' || stage === 'Undone');
  const unknown = staged.filter(({ stage }) => stage === 'Unknown' || stage === 'Looking').length;
  const [first] = differing;
  if (first !== undefined) {
    const words = `${first.fact.name}: ${first.fact.said?.message ?? ''}`;
    return { ...course, reason: 'NonCompliant', message: differing.length === 1 ? words : `${hosts(differing.length)}; ${words}` };
  }
  if (unknown > 0) return { ...course, reason: 'HostsUnknown', message: `${hosts(unknown)} cannot be looked at` };
  return { ...course, message: staged.length === 0 ? 'it selects no host' : 'its hosts are as it says' };
}

/** Nothing begins; what has begun comes to its end. */
function held(rollout: Rollout, staged: readonly Staged[]): Course {
  return { rollout, acts: endings(staged), message: '', stalled: false, well: false };
}

function stopped(
  reason: 'Refused' | 'CanaryFailed' | 'Paused',
  rollout: Rollout,
  staged: readonly Staged[],
  harm: readonly string[],
): Course {
  return { ...held(rollout, staged), reason, message: some(harm), stalled: true };
}

/** A host that is claimed and is not being changed is given back. */
function endings(staged: readonly Staged[]): Act[] {
  return staged.flatMap(({ fact, stage, mine }) =>
    mine && stage !== 'Working' && stage !== 'Lost' && stage !== 'Unknown' && stage !== 'Looking'
      ? [{ do: 'release', host: fact.name }]
      : [],
  );
}

/** What has begun goes on. */
function movesOn(staged: readonly Staged[]): Act[] {
  return staged.flatMap(({ fact, stage, mine }): Act[] => {
    const { name: host, said, revision } = fact;
    if (!mine) return [];
    if (stage === 'Emptying' && said !== undefined && said.impact !== 'None')
      return fact.empty ? [{ do: 'permit', host, revision, impact: said.impact }] : [];
    return endings([{ fact, stage, mine }]);
  });
}

/** Hosts among `chosen` on which it begins now, as far as `maxUnavailable` lets it. */
function beginnings({ profile }: RolloutView, staged: readonly Staged[], chosen: readonly Staged[]): Act[] {
  const busy = staged.filter(isBusy).length;
  const away = staged.filter((one) => !isBusy(one) && (!one.fact.ready || one.fact.claim !== undefined)).length;
  let free = mostAway(profile, staged.length) - busy;
  const acts: Act[] = [];
  for (const { fact, stage } of chosen) {
    if (stage !== 'Pending' || !fact.ready || fact.claim !== undefined || fact.said === undefined) continue;
    const { name: host, revision } = fact;
    const { impact } = fact.said;
    if (impact === 'None' ? free <= 0 : free - away <= 0) continue;
    free--;
    acts.push(impact === 'None' ? { do: 'permit', host, revision, impact } : { do: 'claim', host });
  }
  return acts;
}

function isBusy({ stage, mine, fact }: Staged): boolean {
  return stage === 'Working' || mine || mayBegin(fact);
}

/** How many of `total` hosts may be away at once. */
export function mostAway({ spec }: Pick<HostProfile, 'spec'>, total: number): number {
  const { maxUnavailable } = spec.rollout;
  const share = typeof maxUnavailable === 'number' ? maxUnavailable : Math.floor((Number(maxUnavailable.slice(0, -1)) * total) / 100);
  return Math.max(1, share);
}

function underWay(
  { profile }: RolloutView,
  staged: readonly Staged[],
  acts: readonly Act[],
  words: string,
): Pick<Course, 'reason' | 'message'> {
  const busy = staged.filter(({ stage, mine }) => stage === 'Working' || mine);
  const blocked = busy.flatMap(({ fact, stage }) =>
    stage === 'Emptying' && fact.evacuation !== undefined ? [`${fact.name} is not empty: ${fact.evacuation}`] : [],
  );
  if (blocked.length > 0) return { reason: 'Waiting', message: `${words}; ${some(blocked)}` };
  if (busy.length > 0 || acts.length > 0) return { reason: 'RollingOut', message: words };
  const most = mostAway(profile, staged.length);
  return { reason: 'Waiting', message: `${words}; ${String(most)} may be away at once, and others are, claimed or not ready` };
}

function harmIn(staged: readonly Staged[]): string[] {
  return staged.flatMap(({ fact, stage }) => harmOf(fact, stage) ?? []);
}

function hosts(count: number): string {
  return count === 1 ? '1 host' : `${String(count)} hosts`;
}

/** At most three, so that a message stays readable. */
function some(words: readonly string[]): string {
  const more = words.length > 3 ? `, and ${String(words.length - 3)} more` : '';
  return words.slice(0, 3).join('; ') + more;
}
