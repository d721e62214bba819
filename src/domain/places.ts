import type { AffinityTerm } from '../api/virtual-machine.ts';
import { matchesSelector } from '../meta/selectors.ts';
import type { Candidate, Newcomer, Refusal, Resident } from './candidate.ts';
import { discouragements } from './taints.ts';

/** Affinity both ways: where are the VMs that a term speaks of? Counted once for all candidates. */
export class Places {
  readonly #newcomer: Newcomer;
  readonly #near: readonly TermPlaces[];
  readonly #away: readonly TermPlaces[];
  /** Places from which residents keep the newcomer away: `topologyKey=value`. */
  readonly #kept = new Set<string>();
  readonly #keptKeys = new Set<string>();

  constructor(newcomer: Newcomer, candidates: readonly Candidate[]) {
    this.#newcomer = newcomer;
    this.#near = (newcomer.placement.affinity ?? []).map((term) => placesOf(term, newcomer, candidates));
    this.#away = (newcomer.placement.antiAffinity ?? []).map((term) => placesOf(term, newcomer, candidates));
    for (const candidate of candidates) for (const resident of candidate.residents) this.#keep(resident, candidate);
  }

  #keep(resident: Resident, candidate: Candidate): void {
    if (resident.namespace !== this.#newcomer.namespace || resident.name === this.#newcomer.name) return;
    for (const term of resident.antiAffinity) {
      const value = candidate.labels[term.topologyKey];
      if (!term.required || value === undefined || !matchesSelector(term.labelSelector, this.#newcomer.labels)) continue;
      this.#kept.add(`${term.topologyKey}=${value}`);
      this.#keptKeys.add(term.topologyKey);
    }
  }

  refusal(candidate: Candidate): Refusal | undefined {
    const words = this.#refusal(candidate);
    return words === undefined ? undefined : { reason: 'Affinity', words };
  }

  #refusal(candidate: Candidate): string | undefined {
    for (const { term, counts } of this.#away) {
      if (term.required && countAt(counts, candidate.labels[term.topologyKey]) > 0) return 'taken by VMs it must be away from';
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

function placesOf(term: AffinityTerm, { namespace, name }: Newcomer, candidates: readonly Candidate[]): TermPlaces {
  const counts = new Map<string, number>();
  for (const candidate of candidates) {
    const value = candidate.labels[term.topologyKey];
    if (value === undefined) continue;
    const here = candidate.residents.filter(
      (resident) => resident.namespace === namespace && resident.name !== name && matchesSelector(term.labelSelector, resident.labels),
    ).length;
    if (here > 0) counts.set(value, (counts.get(value) ?? 0) + here);
  }
  return { term, counts };
}

function countAt(counts: ReadonlyMap<string, number>, value: string | undefined): number {
  return value === undefined ? 0 : (counts.get(value) ?? 0);
}
