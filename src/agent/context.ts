import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { Runtime } from '../base/runtime.ts';
import type { Cache, Client } from '../kube/types.ts';
import type { HostPort } from '../ports/host-port.ts';
import type { Catalogue } from './catalogue.ts';
import type { Transfers } from './transfers.ts';

/** What every part of one agent has. */
export interface AgentContext {
  readonly nodeName: string;
  readonly host: HostPort;
  readonly client: Client;
  readonly runtime: Runtime;
  /** The instances of this host. */
  readonly instances: Cache<VirtualMachineInstance>;
  readonly catalogue: Catalogue;
  /** The instances (by uid) that something is being done for: one thing at a time. */
  readonly busy: Set<string>;
  readonly transfers: Transfers;
  /** How often in a row the arbiter did not answer for a guest that stands still, by instance (uid). */
  readonly unanswered: Map<string, number>;
}
