import { AddressClaim } from '../api/address-claim.ts';
import { DistributedSwitch } from '../api/distributed-switch.ts';
import { HostUsage } from '../api/host-usage.ts';
import { PortGroup } from '../api/port-group.ts';
import { SwitchPort } from '../api/switch-port.ts';
import type { Caches } from '../kube/caches.ts';
import type { Subscriptions } from '../kube/subscriptions.ts';
import type { Cache } from '../kube/types.ts';
import { Namespace } from '../meta/core.ts';
import { keyOf } from '../meta/objects.ts';

/** The caches on which networks live. */
export interface NetworkSources {
  readonly switches: Cache<DistributedSwitch>;
  /** With the index `bySwitch`. */
  readonly groups: Cache<PortGroup>;
  /** With the indexes `byVirtualMachine` (the VM's key), `byGroup` and `bySwitch`. */
  readonly ports: Cache<SwitchPort>;
  /** With the indexes `byPort` (the port's key) and `byGroup`. */
  readonly claims: Cache<AddressClaim>;
  readonly namespaces: Cache<Namespace>;
  readonly usages: Cache<HostUsage>;
}

export function networkSourcesOf(watched: Caches): NetworkSources {
  return {
    switches: watched.cache(DistributedSwitch),
    groups: watched.cache(PortGroup, { indexes: { bySwitch: ({ spec }) => [spec.switch] } }),
    ports: watched.cache(SwitchPort, {
      indexes: {
        byVirtualMachine: ({ metadata, spec }) => [keyOf({ namespace: metadata.namespace ?? '', name: spec.virtualMachine })],
        byGroup: ({ spec }) => [spec.portGroup],
        bySwitch: ({ spec }) => [spec.switch],
      },
    }),
    claims: watched.cache(AddressClaim, {
      indexes: { byPort: ({ spec }) => [keyOf(spec.port)], byGroup: ({ spec }) => [spec.portGroup] },
    }),
    namespaces: watched.cache(Namespace),
    usages: watched.cache(HostUsage),
  };
}

export function networkSourcesDuring(listening: Subscriptions, sources: NetworkSources): NetworkSources {
  return {
    switches: listening.of(sources.switches),
    groups: listening.of(sources.groups),
    ports: listening.of(sources.ports),
    claims: listening.of(sources.claims),
    namespaces: listening.of(sources.namespaces),
    usages: listening.of(sources.usages),
  };
}
