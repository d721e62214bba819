/** Which host a VM goes to: pure, and the same answer for the same question. */
import type { AffinityTerm, PlacementSpec } from '../api/virtual-machine.ts';
import type { NodeTaint } from '../meta/core.ts';
import { matchesSelector } from '../meta/selectors.ts';
import { minus, type Resources } from './resources.ts';
import { discouragements, forbiddingTaint } from './taints.ts';

/** A VM that is on a host, or about to be. */
export interface Resident {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Required only: it keeps newcomers away as much as it was kept away itself. */
  readonly antiAffinity: readonly AffinityTerm[];
}

/** A host as placement sees it. */
export interface Candidate {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly NodeTaint[];
  readonly cordoned: boolean;
  /** Who has it for a planned change: it receives nothing. */
  readonly claimedBy?: string;
  /** Its agent answers. */
  readonly ready: boolean;
  readonly cores: number;
  readonly capacity: Resources;
  readonly taken: Resources;
  readonly residents: readonly Resident[];
}

export interface Newcomer {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly placement: PlacementSpec;
  readonly cores: number;
  readonly takes: Resources;
  /** The host that has its local disks; nowhere else will do. */
  readonly boundTo?: string;
}

export type Placement = { readonly host: string } | { readonly message: string };

/** The best host for `newcomer`, or in kube-scheduler's manner how many hosts would not do, and why. */
export function place(newcomer: Newcomer, candidates: readonly Candidate[]): Placement {
  const places = new Places(newcomer, candidates);
  const refusals = new Map<string, number>();
  const fitting: Candidate[] = [];
  for (const candidate of candidates) {
    const refusal = refusalOf(newcomer, candidate, places);
    if (refusal === undefined) fitting.push(candidate);
    else refusals.set(refusal, (refusals.get(refusal) ?? 0) + 1);
  }
  const best = bestOf(newcomer, fitting, places);
  return best === undefined ? { message: describe(candidates.length, refusals) } : { host: best.name };
}

/**
 * Any host that answers, for work that takes no room and concerns no guest: cordons, taints and neighbours do not matter, but one that is neither
 * cordoned nor claimed is better.
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

function isAvoided({ cordoned, claimedBy }: Candidate): boolean {
  return cordoned || claimedBy !== undefined;
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
function refusalOf(newcomer: Newcomer, candidate: Candidate, places: Places): string | undefined {
  if (newcomer.boundTo !== undefined && newcomer.boundTo !== candidate.name)
    return `without its local disks (they are on ${newcomer.boundTo})`;
  if (!candidate.ready) return notReady;
  const label = missingLabel(newcomer.placement.nodeSelector ?? {}, candidate.labels);
  if (label !== undefined) return `not in ${label}`;
  if (candidate.claimedBy !== undefined) return claimedFor(candidate.claimedBy);
  if (candidate.cordoned) return 'cordoned';
  const taint = forbiddingTaint(candidate.taints, newcomer.placement.tolerations ?? []);
  if (taint !== undefined) return `with taint ${describeTaint(taint)} that is not tolerated`;
  return roomRefusal(newcomer, candidate) ?? places.refusal(candidate);
}

function missingLabel(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): string | undefined {
  const missing = Object.entries(selector).find(([key, value]) => labels[key] !== value);
  return missing === undefined ? undefined : missing.join(' ');
}

function describeTaint(taint: NodeTaint): string {
  return taint.value === undefined || taint.value === '' ? taint.key : `${taint.key}=${taint.value}`;
}

function roomRefusal(newcomer: Newcomer, candidate: Candidate): string | undefined {
  const free = minus(candidate.capacity, candidate.taken);
  if (newcomer.takes.memoryBytes > free.memoryBytes) return 'too little memory';
  if (newcomer.takes.milliCores > free.milliCores) return 'too little unreserved CPU';
  if (newcomer.cores > candidate.cores) return 'too few cores';
  return undefined;
}

/** Affinity both ways: where are the VMs that a term speaks of? Counted once for all candidates. */
class Places {
  readonly #newcomer: Newcomer;
  readonly #near: readonly TermPlaces[];
  readonly #away: readonly TermPlaces[];
  /** Places from which residents keep the newcomer away: `topologyKey=value`. */
  readonly #kept = new Set<string>();
  readonly #keptKeys = new Set<string>();

  constructor(newcomer: Newcomer, candidates: readonly Candidate[]) {
    this.#newcomer = newcomer;
    this.#near = (newcomer.placement.affinity ?? []).map((term) => placesOf(term, newcomer.namespace, candidates));
    this.#away = (newcomer.placement.antiAffinity ?? []).map((term) => placesOf(term, newcomer.namespace, candidates));
    for (const candidate of candidates) for (const resident of candidate.residents) this.#keep(resident, candidate);
  }

  #keep(resident: Resident, candidate: Candidate): void {
    if (resident.namespace !== this.#newcomer.namespace) return;
    for (const term of resident.antiAffinity) {
      const value = candidate.labels[term.topologyKey];
      if (!term.required || value === undefined || !matchesSelector(term.labelSelector, this.#newcomer.labels)) continue;
      this.#kept.add(`${term.topologyKey}=${value}`);
      this.#keptKeys.add(term.topologyKey);
    }
  }

  refusal(candidate: Candidate): string | undefined {
    for (const { term, counts } of this.#away) {
      if (term.required && countAt(counts, candidate.labels[term.topologyKey]) > 0) return `taken by VMs it must be away from`;
    }
    for (const key of this.#keptKeys) {
      if (this.#kept.has(`${key}=${candidate.labels[key] ?? ''}`)) return 'with VMs that must be away from it';
    }
    const far = this.#near.some((near) => near.term.required && !this.#isNear(near, candidate));
    return far ? 'without VMs it must be near to' : undefined;
  }

  /** The first of a group that wants to be together may go anywhere. */
  #isNear({ term, counts }: TermPlaces, candidate: Candidate): boolean {
    const value = candidate.labels[term.topologyKey];
    if (value === undefined) return false;
    return countAt(counts, value) > 0 || (counts.size === 0 && matchesSelector(term.labelSelector, this.#newcomer.labels));
  }

  /** Preferences kept minus preferences broken. */
  preference(candidate: Candidate): number {
    const wanted = this.#near.filter(
      ({ term, counts }) => !term.required && countAt(counts, candidate.labels[term.topologyKey]) > 0,
    ).length;
    const unwanted = this.#away.filter(
      ({ term, counts }) => !term.required && countAt(counts, candidate.labels[term.topologyKey]) > 0,
    ).length;
    return wanted - unwanted - discouragements(candidate.taints, this.#newcomer.placement.tolerations ?? []);
  }
}

interface TermPlaces {
  readonly term: AffinityTerm;
  /** By the value of the topology key: how many VMs the term speaks of are there. */
  readonly counts: ReadonlyMap<string, number>;
}

function placesOf(term: AffinityTerm, namespace: string, candidates: readonly Candidate[]): TermPlaces {
  const counts = new Map<string, number>();
  for (const candidate of candidates) {
    const value = candidate.labels[term.topologyKey];
    if (value === undefined) continue;
    const here = candidate.residents.filter(
      (resident) => resident.namespace === namespace && matchesSelector(term.labelSelector, resident.labels),
    ).length;
    if (here > 0) counts.set(value, (counts.get(value) ?? 0) + here);
  }
  return { term, counts };
}

function countAt(counts: ReadonlyMap<string, number>, value: string | undefined): number {
  return value === undefined ? 0 : (counts.get(value) ?? 0);
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
