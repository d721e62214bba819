/** Which hosts a switch has, and what of it they cannot have. Pure. */
import type { DistributedSwitch } from '../api/distributed-switch.ts';
import type { Host } from '../api/host.ts';
import type { Node } from '../meta/core.ts';
import { matchesSelector } from '../meta/selectors.ts';
import type { Refused } from './vlan.ts';

/** Hosts whose Node the switch selects, by name. */
export function membersOf({ spec }: DistributedSwitch, nodes: readonly Node[], host: (name: string) => Host | undefined): Host[] {
  return nodes
    .filter((node) => matchesSelector(spec.hostSelector, node.metadata.labels))
    .flatMap(({ metadata }) => host(metadata.name) ?? [])
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** An uplink that none of its hosts answers. */
export function unansweredUplink({ spec }: DistributedSwitch, members: readonly Host[]): Refused | undefined {
  if (members.length === 0) return undefined;
  const ports = spec.uplinks?.ports ?? [];
  const index = ports.findIndex((uplink) => members.every((host) => host.spec.answers?.[uplink] === undefined));
  const uplink = ports[index];
  if (uplink === undefined) return undefined;
  return {
    reason: 'UplinkUnanswered',
    message: `spec.uplinks.ports[${String(index)}]: no host says in spec.answers which interface ${uplink} is`,
  };
}

export interface Rival {
  readonly of: DistributedSwitch;
  readonly members: readonly Host[];
}

/** An interface of a host that an older switch has already. */
export function takenInterface(mine: Rival, others: readonly Rival[]): Refused | undefined {
  for (const other of others.filter(({ of }) => isOlder(of, mine.of))) {
    for (const host of mine.members) {
      if (!other.members.includes(host)) continue;
      const theirs = new Set(nicsOf(other.of, host));
      const shared = nicsOf(mine.of, host).find((nic) => theirs.has(nic));
      if (shared === undefined) continue;
      const message = `spec.uplinks: ${shared} of ${host.metadata.name} belongs to DistributedSwitch ${other.of.metadata.name}, which is older`;
      return { reason: 'InterfaceOfAnother', message };
    }
  }
  return undefined;
}

function nicsOf({ spec }: DistributedSwitch, host: Host): string[] {
  return (spec.uplinks?.ports ?? []).flatMap((uplink) => host.spec.answers?.[uplink] ?? []);
}

function isOlder({ metadata: a }: DistributedSwitch, { metadata: b }: DistributedSwitch): boolean {
  if (a.name === b.name) return false;
  return a.creationTimestamp === b.creationTimestamp ? a.name < b.name : a.creationTimestamp < b.creationTimestamp;
}
