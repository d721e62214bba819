/** The only writer of a HostCluster's status: pure. */
import { ready } from '../../api/common.ts';
import type { HostCluster } from '../../api/host-cluster.ts';
import type { Membership } from '../../domain/membership.ts';
import { progressing, some, stuck } from '../../domain/verdict.ts';
import { setCondition, type ConditionInput } from '../../meta/conditions.ts';
import type { Condition } from '../../meta/objects.ts';

export interface ClusterView {
  readonly cluster: HostCluster;
  readonly membership: Membership;
  readonly readyHosts: ReadonlySet<string>;
  readonly virtualMachines: number;
  /** How many of its hosts may die now. */
  readonly toleratedFailures: number;
  /** The VMs for which a deletion of it waits, `namespace/name`. */
  readonly users: readonly string[];
  readonly now: number;
}

export function statusOf({
  cluster,
  membership,
  readyHosts,
  virtualMachines,
  toleratedFailures,
  users,
  now,
}: ClusterView): HostCluster['status'] {
  const { name, generation = 0 } = cluster.metadata;
  const members = membership.members.get(name) ?? [];
  let conditions: Condition[] = cluster.status.conditions ?? [];
  const inputs = cluster.metadata.deletionTimestamp === undefined ? verdicts(name, membership, members.length) : leaving(users);
  for (const input of inputs) conditions = setCondition(conditions, input, generation, now);
  return {
    observedGeneration: generation,
    hosts: { total: members.length, ready: members.filter((member) => readyHosts.has(member)).length, toleratedFailures },
    virtualMachines,
    conditions,
  };
}

function verdicts(name: string, membership: Membership, members: number): ConditionInput[] {
  const lost = membership.lost.get(name) ?? [];
  const beyond = membership.beyondLimit.get(name) ?? [];
  if (lost.length > 0)
    return stuck(
      'NodesOfAnother',
      `${some(lost.map(({ node, to }) => `${node} (of ${to})`))}: a Node belongs to the older HostCluster that selects it`,
    );
  if (beyond.length > 0) return stuck('TooManyHosts', `spec.limits.hosts leaves out ${some(beyond)}`);
  const message = members === 0 ? 'spec.hostSelector selects no Node' : 'its hosts are its own';
  return [{ type: ready, status: 'True', reason: members === 0 ? 'Empty' : 'Formed', message }, progressing];
}

function leaving(users: readonly string[]): ConditionInput[] {
  if (users.length > 0) return stuck('InUse', `it is deleted once no VM uses it; these do: ${some(users)}`);
  const message = 'no VM uses it any more';
  return [{ type: ready, status: 'False', reason: 'Deleting', message }, progressing];
}
