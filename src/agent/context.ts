import type { AgentMeans } from './means.ts';
import type { Transfers } from './transfers.ts';

/** What every part of one agent has. */
export interface AgentContext extends AgentMeans {
  /** The instances (by uid) that something is being done for: one thing at a time. */
  readonly busy: Set<string>;
  readonly transfers: Transfers;
  /** How often in a row the arbiter did not answer for a guest that stands still, by instance (uid). */
  readonly unanswered: Map<string, number>;
}
