import type { Host } from '../../api/host.ts';
import type { Clock } from '../../base/clock.ts';
import type { NetworkSources } from '../../fleet/network-sources.ts';
import type { Cache, Client, EventRecorder } from '../../kube/types.ts';
import type { Node } from '../../meta/core.ts';

export interface DistributedSwitchDependencies {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly hosts: Cache<Host>;
  readonly nodes: Cache<Node>;
  readonly networks: NetworkSources;
}
