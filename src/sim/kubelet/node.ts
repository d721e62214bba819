/** What the Nodes of simulated hosts look like: pure. */
import { hostLabel, simulatedTaint } from '../../api/common.ts';
import { hostPoolLabel } from '../../api/host-pool.ts';
import { equal } from '../../base/equal.ts';
import { fnv1a } from '../../base/hash.ts';
import { formatBytes, parseQuantity } from '../../base/quantity.ts';
import { rfc3339 } from '../../base/time.ts';
import { Node, type NodeTaint } from '../../meta/core.ts';
import { apiVersionOf } from '../../meta/resource.ts';
import type { Draft } from '../../kube/types.ts';
import type { HostState } from '../world/world.ts';

export type NodeStatus = NonNullable<Node['status']>;
type NodeCondition = NonNullable<NodeStatus['conditions']>[number];

/** What a kubelet is started with. */
export interface NodeTemplate {
  readonly name: string;
  readonly pool: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly NodeTaint[];
}

/** The Node as its kubelet registers it. Labels, taints and cordon are its users' from then on. */
export function nodeOf(template: NodeTemplate, host: HostState, now: number): Draft<Node> {
  const { name, pool, labels, taints } = template;
  const simulated: NodeTaint = { key: simulatedTaint, effect: 'NoSchedule' };
  const others = taints.filter(({ key, effect }) => key !== simulated.key || effect !== simulated.effect);
  return {
    apiVersion: apiVersionOf(Node),
    kind: Node.kind,
    metadata: { name, labels: { ...labels, ...ownLabels(name), [hostLabel]: 'true', [hostPoolLabel]: pool } },
    spec: { providerID: providerId(template), taints: [simulated, ...others.map((taint) => ({ ...taint }))] },
    status: nodeStatusOf(name, host, undefined, now),
  };
}

function ownLabels(name: string): Record<string, string> {
  return { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' };
}

/** Says whose Node it is; cannot be changed once set. */
function providerId({ pool, name }: Pick<NodeTemplate, 'pool' | 'name'>): string {
  return `hypersphere-sim://${pool}/${name}`;
}

/** Whether a Node of the host's name is the host's, and not a stranger's. */
export function isOwn(node: Node, { pool, name }: Pick<NodeTemplate, 'pool' | 'name'>): boolean {
  return node.spec?.providerID === providerId({ pool, name });
}

/** The status that a kubelet posts. Equal to `before`, times included, when there is nothing new to say (rule 7). */
export function nodeStatusOf(name: string, host: HostState, before: NodeStatus | undefined, now: number): NodeStatus {
  const { cores, memoryBytes } = host.hardware;
  const room = { cpu: String(cores), memory: formatBytes(memoryBytes), pods: '110' };
  const conditions = conditionsOf(before?.conditions ?? [], now);
  const after = { capacity: room, allocatable: room, addresses: addressesOf(name), conditions, nodeInfo: nodeInfoOf(name, host.bootId) };
  return before !== undefined && saysAlready(before, after) ? before : after;
}

/** Others may add conditions and addresses of their own. */
function saysAlready(before: NodeStatus, after: NodeStatus): boolean {
  const { conditions: was = [], addresses: wasAt = [] } = before;
  const { conditions = [], addresses = [] } = after;
  return (
    sameRoom(before.capacity, after.capacity) &&
    sameRoom(before.allocatable, after.allocatable) &&
    equal(before.nodeInfo, after.nodeInfo) &&
    addresses.every((address) => wasAt.some((one) => equal(one, address))) &&
    conditions.every((condition) => was.some((one) => equal(withoutTimes(one), withoutTimes(condition))))
  );
}

type Room = Readonly<Record<string, string>> | undefined;

/** Servers write quantities in their own form, and others may count things that we don't. */
function sameRoom(before: Room = {}, after: Room = {}): boolean {
  return Object.entries(after).every(([what, quantity]) => {
    const was = before[what];
    return was !== undefined && parseQuantity(was) === parseQuantity(quantity);
  });
}

function withoutTimes({ type, status, reason, message }: NodeCondition) {
  return { type, status, reason, message };
}

const wellConditions = [
  { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' },
  { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
  { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' },
  { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
] as const;

function conditionsOf(before: readonly NodeCondition[], now: number): NodeCondition[] {
  const time = rfc3339(now);
  return wellConditions.map((condition) => {
    const was = before.find(({ type }) => type === condition.type);
    const lastTransitionTime = was?.status === condition.status ? was.lastTransitionTime : time;
    return { ...condition, lastHeartbeatTime: time, lastTransitionTime };
  });
}

function addressesOf(name: string): { type: string; address: string }[] {
  return [
    { type: 'InternalIP', address: addressOf(name) },
    { type: 'Hostname', address: name },
  ];
}

/** An address for anything simulated, by its name. */
export function addressOf(name: string): string {
  const digits = fnv1a(name);
  const octet = (at: number): string => String(parseInt(digits.slice(at, at + 2), 16));
  return `10.${octet(0)}.${octet(2)}.${octet(4)}`;
}

function nodeInfoOf(name: string, bootID: string): Record<string, string> {
  const machineID = `${fnv1a(`${name} machine`)}${fnv1a(`${name} system`)}`;
  return {
    machineID,
    systemUUID: machineID.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    bootID,
    kernelVersion: '6.1.0-simulated',
    osImage: 'Simulated host',
    containerRuntimeVersion: 'simulated://1.0.0',
    kubeletVersion: 'v1.37.2',
    kubeProxyVersion: '',
    operatingSystem: 'linux',
    architecture: 'amd64',
  };
}
