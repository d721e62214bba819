import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { Runtime } from '../base/runtime.ts';
import type { Cache, Client } from '../kube/types.ts';
import type { HostPort } from '../ports/host-port.ts';
import type { Catalogue } from './catalogue.ts';

/** What one agent does its work with. */
export interface AgentMeans {
  readonly nodeName: string;
  readonly host: HostPort;
  readonly client: Client;
  readonly runtime: Runtime;
  /** The instances of this host. */
  readonly instances: Cache<VirtualMachineInstance>;
  readonly catalogue: Catalogue;
}
