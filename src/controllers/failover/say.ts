/** What stands on Hosts and HostClusters about hosts that are not heard. */
import { operatorManager } from '../../api/common.ts';
import { hostsReached, HostCluster } from '../../api/host-cluster.ts';
import { Host, responding, type HostFence } from '../../api/host.ts';
import { equal } from '../../base/equal.ts';
import { rfc3339 } from '../../base/time.ts';
import type { FailoverView, WaitReason } from '../../domain/failover.ts';
import type { Client } from '../../kube/types.ts';
import { findCondition, setCondition, type ConditionInput } from '../../meta/conditions.ts';
import type { Condition } from '../../meta/objects.ts';
import { apiVersionOf } from '../../meta/resource.ts';

/** Owns what is said here, beside what else the operator says of a host. */
const manager = `${operatorManager}-failover`;

export interface Said {
  readonly reason?: string;
  readonly message?: string;
  readonly fence?: HostFence;
}

const words: Readonly<Record<WaitReason, string>> = {
  AgentDead: 'its agent does not answer, and the machine does: its VMs are left as they are',
  Partitioned: 'it cannot be reached from here, and lives: its VMs are left as they are',
  Isolated: 'it reaches nobody on the management network, and lives: its VMs are left as they are',
  NoBMC: 'nothing is heard of it, and there is no spec.bmc by which it could be proved dead: its VMs wait until it is back',
  BMCUnreachable: 'nothing is heard of it, and its BMC does not answer: nobody can prove that it is dead, so its VMs wait',
  TooManyVanished: 'it vanished together with more hosts than may be fenced at once: it is presumed that the operator is cut off from them',
  NoVirtualMachines: 'nothing is heard of it, and no VM is on it',
};

/** What is said of a host that is not heard and is left alone for now. */
export function waiting(reason: WaitReason, fence: HostFence | undefined): Said {
  return { reason, message: words[reason], ...(fence === undefined ? {} : { fence }) };
}

export function fencing({ power, bootID, verdict }: FailoverView, now: number): Said {
  const found = power === 'Off' ? 'PoweredOff' : 'PoweredOn';
  const fence: HostFence = { state: 'Fencing', since: rfc3339(now), found, ...(bootID === undefined ? {} : { bootID }) };
  return announced(fence, verdict === 'GivenUp' ? 'it reaches nobody, and no VM runs on it any more' : undefined);
}

export function announced(fence: HostFence, why = 'nothing is heard of it in any way'): Said {
  return { reason: 'Dead', message: `${why}: its power is cut, so that its VMs can start elsewhere`, fence };
}

export function fencedBy(fence: HostFence): Said {
  const proof = fence.found === 'PoweredOff' ? 'its BMC says that it was off' : 'its BMC confirmed that its power was cut';
  const message = `${proof}: what ran on it is dead for certain, and starts elsewhere`;
  return { reason: 'Fenced', message, fence: { ...fence, state: 'Fenced', proof } };
}

/** Writes it, on condition that `host` is as it was read. False: it stands there already. @throws ApiError Conflict. */
export async function say(client: Client, host: Host, said: Said, now: number): Promise<boolean> {
  const before = findCondition(host.status.conditions, responding);
  const input = said.reason === undefined ? undefined : no(responding, said.reason, said.message ?? '');
  const after = conditionOf(before, input, host.metadata.generation, now);
  if (equal(before, after) && equal(host.status.fence, said.fence)) return false;
  const { name, uid, resourceVersion } = host.metadata;
  const status = { ...(after === undefined ? {} : { conditions: [after] }), ...(said.fence === undefined ? {} : { fence: said.fence }) };
  const object = { apiVersion: apiVersionOf(Host), kind: Host.kind, metadata: { name, uid, resourceVersion }, status };
  await client.apply(Host, { name }, object, { fieldManager: manager, subresource: 'status' });
  return true;
}

/** Says that its hosts are out of reach, or takes that back. @throws ApiError Conflict. */
export async function sayOfCluster(client: Client, cluster: HostCluster, isCutOff: boolean, now: number): Promise<boolean> {
  const before = findCondition(cluster.status.conditions, hostsReached);
  const message =
    'more of its hosts vanished at once than spec.availability.maxConcurrentFencing: it is presumed that the operator is cut off from them, and none is fenced';
  const input = isCutOff ? no(hostsReached, 'TooManyVanished', message) : undefined;
  const after = conditionOf(before, input, cluster.metadata.generation, now);
  if (equal(before, after)) return false;
  const { name, uid, resourceVersion } = cluster.metadata;
  const status = { conditions: after === undefined ? [] : [after] };
  const object = { apiVersion: apiVersionOf(HostCluster), kind: HostCluster.kind, metadata: { name, uid, resourceVersion }, status };
  await client.apply(HostCluster, { name }, object, { fieldManager: manager, subresource: 'status' });
  return true;
}

function no(type: string, reason: string, message: string): ConditionInput {
  return { type, status: 'False', reason, message };
}

function conditionOf(before: Condition | undefined, input: ConditionInput | undefined, generation = 0, now: number): Condition | undefined {
  return input === undefined ? undefined : setCondition(before === undefined ? [] : [before], input, generation, now)[0];
}
