import type { Response } from '../domain/responses.ts';
import type { Caches } from '../kube/caches.ts';
import type { AgentMeans } from './means.ts';
import { counters, type Counters } from './switching/counters.ts';
import { LostDatastores } from './lost-datastores.ts';
import { watching } from './switching/sight.ts';
import { switches, type Switches } from './switching/switches.ts';
import { transfers, type Transfers } from './transfers.ts';

/** What every part of one agent has. */
export interface AgentContext extends AgentMeans {
  /** The instances (by uid) that something is being done for: one thing at a time. */
  readonly busy: Set<string>;
  readonly transfers: Transfers;
  readonly switches: Switches;
  readonly counters: Counters;
  /** Who may succeed a guest here, as the arbiter was told, by instance (uid). */
  readonly heirs: Map<string, string>;
  /** The guests here (by instance) that a hypervisor was heard to protect, whatever anybody has said of it. */
  readonly protecting: Set<string>;
  /** How often in a row the arbiter did not answer for a guest that stands still, by instance (uid). */
  readonly unanswered: Map<string, number>;
  /** Guests that the agent has ended by itself, by instance (uid): none of them starts before its trouble is over. */
  readonly cutOff: Map<string, Response>;
  /** What is said of datastores that are out of reach. */
  readonly lostDatastores: LostDatastores;
}

/** @param caches for what is to be seen of switches: those of its own, since machines without networks wait for none of it. */
export function agentContext(means: AgentMeans, caches: Caches): AgentContext {
  const { nodeName, instances, runtime } = means;
  const wires = switches(means, watching({ nodeName, instances, caches, stopping: runtime.stopping }));
  return {
    ...means,
    busy: new Set(),
    transfers: transfers(),
    switches: wires,
    counters: counters({ ...means, ports: () => wires.ports() }),
    heirs: new Map(),
    protecting: new Set(),
    unanswered: new Map(),
    cutOff: new Map(),
    lostDatastores: new LostDatastores(means),
  };
}
