/** Which host a VM goes to: pure, and the same answer for the same question. */
import { common, covers, type Baseline } from '../api/cpu.ts';
import type { NodeTaint } from '../meta/core.ts';
import { matchesSelector } from '../meta/selectors.ts';
import type { Candidate, Newcomer, Refusal, Resident } from './candidate.ts';
import { Places } from './places.ts';
import { minus } from './resources.ts';
import { forbiddingTaint } from './taints.ts';

export type { Candidate, Newcomer, Refusal, Resident };

/** `baseline`: the CPU features that it sees there, and wherever it moves from there; absent: those of the host. */
export type Placement = { readonly host: string; readonly baseline?: Baseline } | NoPlace;

/** `paced`: there is one, as soon as others have started there. `switchless`: there are hosts that would do as soon as they have a switch in order. */
export interface NoPlace {
  readonly message: string;
  readonly paced?: true;
  readonly switchless?: true;
}

/** The best host for `newcomer` that is not left out, or in kube-scheduler's manner how many hosts would not do, and why. */
export function place(newcomer: Newcomer, candidates: readonly Candidate[], isLeftOut?: (name: string) => boolean): Placement {
  const places = new Places(newcomer, candidates);
  const refusals = new Map<string, number>();
  const fitting: Candidate[] = [];
  let switchless = false;
  for (const candidate of candidates) {
    const refusal = refusalOf(newcomer, candidate, places);
    if (refusal === undefined && isLeftOut?.(candidate.name) === true) continue;
    if (refusal === undefined) fitting.push(candidate);
    else refusals.set(refusal.words, (refusals.get(refusal.words) ?? 0) + 1);
    switchless ||= refusal?.reason === 'SwitchNotReady';
  }
  const best = bestOf(newcomer, fitting, places);
  if (best === undefined) return { message: describe(candidates.length, refusals), ...(switchless ? { switchless } : {}) };
  const baseline = newcomer.baseline ?? common(candidates.flatMap((candidate) => candidate.baseline ?? []));
  return { host: best.name, ...(baseline === undefined ? {} : { baseline }) };
}

/** Why `newcomer` may not come to the host `name` of `candidates`; undefined when it may. */
export function refusalAt(newcomer: Newcomer, candidates: readonly Candidate[], name: string): Refusal | undefined {
  const candidate = candidates.find((one) => one.name === name);
  return candidate === undefined
    ? { reason: 'NotReady', words: 'unknown' }
    : refusalOf(newcomer, candidate, new Places(newcomer, candidates));
}

/**
 * Any host that answers, for work that takes no room and concerns no guest: cordons, taints and neighbours do not matter, but one that is neither
 * cordoned nor claimed, and reaches all datastores, is better.
 */
export function placeErrand(candidates: readonly Candidate[]): Placement {
  const best = candidates
    .filter((candidate) => candidate.ready)
    .sort(
      (a, b) => Number(isAvoided(a)) - Number(isAvoided(b)) || a.residents.length - b.residents.length || (a.name < b.name ? -1 : 1),
    )[0];
  if (best !== undefined) return { host: best.name };
  return { message: describe(candidates.length, new Map([[notReady, candidates.length]])) };
}

function isAvoided({ cordoned, claimedBy, lostDatastores = [] }: Candidate): boolean {
  return cordoned || claimedBy !== undefined || lostDatastores.length > 0;
}

/**
 * What a refusal says apart from its figures, and from hosts that are not ready, unless all are so: the same while a fleet grows, each of whose
 * hosts is not ready at first.
 */
export function withoutCounts(message: string): string {
  const [, reasons] = /^0\/\d+ hosts: (.*)$/s.exec(message) ?? [];
  if (reasons === undefined) return message;
  const all = reasons.split(', ').map((reason) => reason.replace(/^\d+ /, ''));
  const lasting = all.filter((reason) => reason !== notReady);
  return (lasting.length === 0 ? all : lasting).sort().join(', ');
}

function describe(total: number, refusals: ReadonlyMap<string, number>): string {
  if (total === 0) return '0/0 hosts: the host cluster has no hosts';
  const parts = [...refusals].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([reason, count]) => `${String(count)} ${reason}`);
  return `0/${String(total)} hosts: ${parts.join(', ')}`;
}

const notReady = 'not ready';

/** What a claimed host is, in words. */
export function claimedFor(claimant: string): string {
  return `claimed for ${claimant.toLowerCase()}`;
}

/** Why not there; undefined when it would do. The cheapest and most telling questions first. */
function refusalOf(newcomer: Newcomer, candidate: Candidate, places: Places): Refusal | undefined {
  const { boundTo, leaves, placement } = newcomer;
  if (leaves === candidate.name) return { reason: 'Here', words: 'that it runs on' };
  if (boundTo !== undefined && boundTo !== candidate.name)
    return { reason: 'LocalDisks', words: `without its local disks (they are on ${boundTo})` };
  if (!candidate.ready) return { reason: 'NotReady', words: notReady };
  const label = missingLabel(placement.nodeSelector ?? {}, candidate.labels);
  if (label !== undefined) return { reason: 'NotSelected', words: `not in ${label}` };
  const closed = closedRefusal(newcomer, candidate);
  if (closed !== undefined) return closed;
  const taint = forbiddingTaint(candidate.taints, placement.tolerations ?? []);
  if (taint !== undefined) return { reason: 'Tainted', words: `with taint ${describeTaint(taint)} that is not tolerated` };
  return (
    datastoreRefusal(newcomer, candidate) ??
    switchRefusal(newcomer, candidate) ??
    featureRefusal(newcomer, candidate) ??
    roomRefusal(newcomer, candidate) ??
    places.refusal(candidate)
  );
}

/** Somebody keeps it free, or for others. */
function closedRefusal(newcomer: Newcomer, candidate: Candidate): Refusal | undefined {
  if (candidate.spare === true && newcomer.replaces !== true) return { reason: 'Spare', words: 'kept for the death of others' };
  if (candidate.claimedBy !== undefined) return { reason: 'Claimed', words: claimedFor(candidate.claimedBy) };
  return candidate.cordoned ? { reason: 'Cordoned', words: 'cordoned' } : undefined;
}

function missingLabel(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): string | undefined {
  const missing = Object.entries(selector).find(([key, value]) => labels[key] !== value);
  return missing === undefined ? undefined : missing.join(' ');
}

function describeTaint(taint: NodeTaint): string {
  return taint.value === undefined || taint.value === '' ? taint.key : `${taint.key}=${taint.value}`;
}

/** A port is the same on every host that has its switch, and on no other. */
function switchRefusal({ switches = [] }: Newcomer, candidate: Candidate): Refusal | undefined {
  for (const { name, hostSelector } of switches) {
    if (!matchesSelector(hostSelector, candidate.labels)) return { reason: 'NotOnSwitch', words: `not on switch ${name}` };
    if (candidate.switches?.get(name) !== true) return { reason: 'SwitchNotReady', words: `whose switch ${name} is not ready` };
  }
  return undefined;
}

/** Nothing of its disks is to be had there. */
function datastoreRefusal({ datastores = [] }: Newcomer, { lostDatastores = [] }: Candidate): Refusal | undefined {
  const lost = datastores.find((name) => lostDatastores.includes(name));
  return lost === undefined ? undefined : { reason: 'LosesDatastore', words: `that do not reach datastore ${lost}` };
}

/** A host that has not said what it has may lack all. */
function featureRefusal({ baseline }: Newcomer, candidate: Candidate): Refusal | undefined {
  if (baseline === undefined || (candidate.baseline !== undefined && covers(candidate.baseline, baseline))) return undefined;
  return { reason: 'LacksFeatures', words: `without CPU features ${baseline}` };
}

function roomRefusal(newcomer: Newcomer, candidate: Candidate): Refusal | undefined {
  const free = minus(candidate.capacity, candidate.taken);
  if (newcomer.takes.memoryBytes > free.memoryBytes) return { reason: 'TooLittleMemory', words: 'too little memory' };
  if (newcomer.takes.milliCores > free.milliCores) return { reason: 'TooLittleCPU', words: 'too little unreserved CPU' };
  if (newcomer.cores > candidate.cores) return { reason: 'TooFewCores', words: 'too few cores' };
  return undefined;
}

/** Preferences first, then the host that is left with the largest share of free memory, then the fewest residents, then the name. */
function bestOf(newcomer: Newcomer, fitting: readonly Candidate[], places: Places): Candidate | undefined {
  let best: { candidate: Candidate; preference: number; free: number } | undefined;
  for (const candidate of fitting) {
    const scored = { candidate, preference: places.preference(candidate), free: freeShare(newcomer, candidate) };
    if (best === undefined || isBetter(scored, best)) best = scored;
  }
  return best?.candidate;
}

type Scored = { readonly candidate: Candidate; readonly preference: number; readonly free: number };

function isBetter(a: Scored, b: Scored): boolean {
  if (a.preference !== b.preference) return a.preference > b.preference;
  if (a.free !== b.free) return a.free > b.free;
  if (a.candidate.residents.length !== b.candidate.residents.length) return a.candidate.residents.length < b.candidate.residents.length;
  return a.candidate.name < b.candidate.name;
}

function freeShare(newcomer: Newcomer, candidate: Candidate): number {
  return (candidate.capacity.memoryBytes - candidate.taken.memoryBytes - newcomer.takes.memoryBytes) / candidate.capacity.memoryBytes;
}
