import type { Host } from '../../api/host.ts';
import type { HostCluster } from '../../api/host-cluster.ts';
import type { Signs } from '../../api/signs.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import {
  limitsOf,
  mostFenced,
  suspectAfterMs,
  togetherMs,
  verdictOf,
  type FailoverView,
  type Limits,
  type PowerWord,
} from '../../domain/failover.ts';
import { membershipOf } from '../../domain/membership.ts';
import type { Cache } from '../../kube/types.ts';
import type { Node } from '../../meta/core.ts';
import type { Pulse } from '../../ports/pulse.ts';

export interface FailoverSources {
  readonly hosts: Cache<Host>;
  readonly nodes: Cache<Node>;
  readonly clusters: Cache<HostCluster>;
  /** With the index `byNode`. */
  readonly instances: Cache<VirtualMachineInstance>;
}

/** A host, and the cluster that it belongs to. */
export interface FailoverScope {
  readonly host: Host;
  readonly cluster: HostCluster | undefined;
  readonly view: FailoverView;
}

export interface Looking {
  readonly sources: FailoverSources;
  readonly pulse: Pulse;
  readonly watchedMs: number;
  readonly fencedMs: number;
  /** What a BMC said; asks it where that is worth it. */
  readonly power: (host: Host) => PowerWord;
  readonly known: (host: Host) => PowerWord;
}

/** All that a decision about a host depends on, read once. */
export function scopeOf(looking: Looking, host: Host): FailoverScope {
  const { sources, pulse, watchedMs, fencedMs } = looking;
  const { name } = host.metadata;
  const signs = pulse.signs(name);
  const { cluster, members } = clusterOf(sources, name);
  const limits = limitsOf(cluster?.spec.availability);
  const verdict = verdictOf(signs, limits);
  const { fence, inventory } = host.status;
  const hasVms = sources.instances.byIndex('byNode', name).some(({ spec }) => spec.powerState !== 'Released');
  const power = powerOf(looking, host, signs);
  const { vanished, unasked } = verdict === 'Heard' ? { vanished: 0, unasked: 0 } : vanishedWith(looking, signs, members);
  const view = {
    verdict,
    watchedMs,
    fencedMs,
    fence,
    bootID: inventory?.bootID,
    power,
    hasVms,
    vanished,
    unasked,
    most: mostOf(limits, members),
  };
  return { host, cluster, view };
}

function powerOf({ power }: Looking, host: Host, { silentMs }: Signs): PowerWord {
  if (host.status.fence?.state === 'Fenced') return 'Off';
  return silentMs < suspectAfterMs ? 'NotAsked' : power(host);
}

function mostOf(limits: Limits, members: readonly string[]): number {
  return mostFenced(limits, members.length);
}

function clusterOf({ clusters, nodes }: FailoverSources, host: string): { cluster: HostCluster | undefined; members: readonly string[] } {
  const { members } = membershipOf(clusters.list(), nodes.list());
  const [name = '', of] = [...members].find(([, hosts]) => hosts.includes(host)) ?? [];
  return { cluster: clusters.get({ name }), members: of ?? [host] };
}

/** Those who fell silent with it, the machine too, and of which nobody says that they are off. */
function vanishedWith(
  { sources, pulse, known }: Looking,
  { silentMs }: Signs,
  members: readonly string[],
): { vanished: number; unasked: number } {
  const words = members.flatMap((name): PowerWord[] => {
    const other = sources.hosts.get({ name });
    if (other?.status.inventory === undefined || other.status.fence?.state === 'Fenced') return [];
    const signs = pulse.signs(name);
    const isTogether = signs.silentMs >= suspectAfterMs && !signs.pings && Math.abs(signs.silentMs - silentMs) <= togetherMs;
    return isTogether ? [known(other)] : [];
  });
  return { vanished: words.filter((word) => word !== 'Off').length, unasked: words.filter((word) => word === 'NotAsked').length };
}
