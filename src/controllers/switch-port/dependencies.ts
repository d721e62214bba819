import type { Host } from '../../api/host.ts';
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import type { Clock } from '../../base/clock.ts';
import type { NetworkSources } from '../../fleet/network-sources.ts';
import type { Networks } from '../../fleet/networks.ts';
import type { PortBook } from '../../fleet/port-book.ts';
import type { Cache, Client } from '../../kube/types.ts';

export interface SwitchPortDependencies {
  readonly client: Client;
  readonly clock: Clock;
  readonly sources: {
    readonly vms: Cache<VirtualMachine>;
    /** With the index `byName`, by the VM's key. */
    readonly instances: Cache<VirtualMachineInstance>;
    readonly hosts: Cache<Host>;
    readonly networks: NetworkSources;
  };
  readonly networks: Networks;
  readonly book: PortBook;
}
