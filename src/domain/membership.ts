import type { HostCluster } from '../api/host-cluster.ts';
import type { Node } from '../meta/core.ts';
import { matchesSelector } from '../meta/selectors.ts';

/** Which Nodes each HostCluster has, by name. */
export interface Membership {
  readonly members: ReadonlyMap<string, readonly string[]>;
  /** For each cluster: Nodes that it selects but an older cluster has. */
  readonly lost: ReadonlyMap<string, readonly { readonly node: string; readonly to: string }[]>;
  /** For each cluster: Nodes beyond `limits.hosts`, the newest ones. */
  readonly beyondLimit: ReadonlyMap<string, readonly string[]>;
}

type Named = { metadata: { name: string; creationTimestamp: string } };

function older(a: Named, b: Named): number {
  return compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp) || compare(a.metadata.name, b.metadata.name);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A Node that two clusters select belongs to the older one. */
export function membershipOf(clusters: readonly HostCluster[], nodes: readonly Node[]): Membership {
  const owner = new Map<string, string>();
  const members = new Map<string, string[]>();
  const lost = new Map<string, { node: string; to: string }[]>();
  const beyondLimit = new Map<string, string[]>();
  const byAge = [...nodes].sort(older);
  for (const cluster of [...clusters].sort(older)) {
    const name = cluster.metadata.name;
    const selected = byAge
      .filter((node) => matchesSelector(cluster.spec.hostSelector, node.metadata.labels))
      .map((node) => node.metadata.name);
    const free = selected.filter((node) => !owner.has(node));
    const limit = cluster.spec.limits?.hosts ?? free.length;
    const mine = free.slice(0, limit);
    lost.set(
      name,
      selected.flatMap((node) => lostTo(owner.get(node), node)),
    );
    beyondLimit.set(name, free.slice(limit));
    members.set(name, mine);
    for (const node of mine) owner.set(node, name);
  }
  return { members, lost, beyondLimit };
}

function lostTo(owner: string | undefined, node: string): { node: string; to: string }[] {
  return owner === undefined ? [] : [{ node, to: owner }];
}

/** The cluster of a VM, or why there is none. */
export type ClusterChoice =
  | { readonly cluster: HostCluster }
  | { readonly reason: 'NoHostCluster' | 'HostClusterNotFound' | 'AmbiguousHostCluster'; readonly message: string };

/** The named cluster; without a name the only one there is, of those that stay. */
export function chooseCluster(named: string | undefined, clusters: readonly HostCluster[]): ClusterChoice {
  if (named !== undefined) {
    const cluster = clusters.find((candidate) => candidate.metadata.name === named);
    if (cluster !== undefined) return { cluster };
    return { reason: 'HostClusterNotFound', message: `there is no HostCluster ${named}` };
  }
  const staying = clusters.filter((cluster) => cluster.metadata.deletionTimestamp === undefined);
  const [only, ...others] = staying.length === 0 ? clusters : staying;
  if (only === undefined)
    return { reason: 'NoHostCluster', message: 'there is no HostCluster: make one, so that the VM has hosts to run on' };
  if (others.length === 0) return { cluster: only };
  const names = [only, ...others].map((cluster) => cluster.metadata.name).sort();
  return { reason: 'AmbiguousHostCluster', message: `spec.hostCluster must say which, since there are several: ${names.join(', ')}` };
}
