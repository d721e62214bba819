/**
 * Whether one more VM may start without breaking what a HostCluster promises for the death of hosts. Pure. As elsewhere memory is counted in full,
 * and processors as far as they are reserved.
 */
import type { ClusterAvailability } from '../api/host-cluster.ts';
import { nothing, most, plus, type Resources } from './resources.ts';

/** What a HostCluster keeps free, and for what. Percents are of what all its hosts have. */
export type AdmissionPolicy =
  | { readonly type: 'HostFailures'; readonly number: number }
  | { readonly type: 'Percentage'; readonly cpu: number; readonly memory: number }
  | { readonly type: 'DedicatedHosts'; readonly nodeNames: readonly string[] }
  | { readonly type: 'None' };

/** What a HostCluster says, as one of the kinds. */
export function admissionPolicy(said: ClusterAvailability['admission']): AdmissionPolicy {
  if (said?.hostFailures !== undefined) return { type: 'HostFailures', ...said.hostFailures };
  if (said?.percentage !== undefined) return { type: 'Percentage', ...said.percentage };
  if (said?.dedicatedHosts !== undefined) return { type: 'DedicatedHosts', ...said.dedicatedHosts };
  return { type: 'None' };
}

/** What admission looks at. */
export interface Capacity {
  /** Of each host that VMs may be restarted on. */
  readonly hosts: readonly Resources[];
  /** Of each VM that runs, or is about to. */
  readonly demands: readonly Resources[];
}

/** A room in which any of the VMs would find place: as much of each as the one takes that takes most of it. */
export function slotOf(demands: readonly Resources[]): Resources {
  return demands.reduce(most, nothing);
}

/** How many VMs of the size of `slot` a host can take; what a slot does not take does not count. */
export function slotsOn(host: Resources, slot: Resources): number {
  const byMemory = slot.memoryBytes === 0 ? Infinity : Math.floor(host.memoryBytes / slot.memoryBytes);
  const byProcessors = slot.milliCores === 0 ? Infinity : Math.floor(host.milliCores / slot.milliCores);
  return Math.min(byMemory, byProcessors);
}

/** The slots that are left when the `failures` hosts with the most are away. */
export function slotsLeft({ hosts, demands }: Capacity, failures: number): number {
  const slot = slotOf(demands);
  const slots = hosts.map((host) => slotsOn(host, slot)).sort((a, b) => b - a);
  return slots.slice(failures).reduce((sum, count) => sum + count, 0);
}

/**
 * How many hosts may die, whichever they are, so that those which stay have a slot for each VM. One stays in any case: a fleet without hosts
 * survives nothing.
 */
export function toleratedFailures(capacity: Capacity): number {
  const { hosts, demands } = capacity;
  let failures = 0;
  while (failures + 1 < hosts.length && slotsLeft(capacity, failures + 1) >= demands.length) failures += 1;
  return failures;
}

/** Why `newcomer` may not start, in words with figures; undefined when it may. */
export function admissionRefusal(policy: AdmissionPolicy, capacity: Capacity, newcomer: Resources): string | undefined {
  const after = { hosts: capacity.hosts, demands: [...capacity.demands, newcomer] };
  switch (policy.type) {
    case 'HostFailures':
      return slotRefusal(policy.number, after);
    case 'Percentage':
      return shareRefusal(policy, after);
    case 'DedicatedHosts':
    case 'None':
      return undefined;
  }
}

function slotRefusal(failures: number, after: Capacity): string | undefined {
  const left = slotsLeft(after, failures);
  if (left >= after.demands.length) return undefined;
  const hosts = after.hosts.length;
  const away = `the largest ${String(Math.min(failures, hosts))} of ${String(hosts)} hosts away`;
  return `it would need ${String(after.demands.length)} slots of ${describe(slotOf(after.demands))}, and with ${away} there are ${String(left)}`;
}

function shareRefusal(policy: { readonly cpu: number; readonly memory: number }, after: Capacity): string | undefined {
  const has = after.hosts.reduce(plus, nothing);
  const takes = after.demands.reduce(plus, nothing);
  const memory = freePercent(has.memoryBytes, takes.memoryBytes);
  if (memory < policy.memory) return `it would leave ${String(memory)}% of memory free, and ${String(policy.memory)}% is kept`;
  const cpu = freePercent(has.milliCores, takes.milliCores);
  return cpu < policy.cpu ? `it would leave ${String(cpu)}% of processors unreserved, and ${String(policy.cpu)}% is kept` : undefined;
}

/** Rounded down, so that a promise is never kept by rounding. Nothing of nothing is nothing. */
function freePercent(has: number, takes: number): number {
  return has === 0 ? 0 : Math.floor(((has - takes) / has) * 100);
}

const mebibyte = 1024 * 1024;

function describe({ milliCores, memoryBytes }: Resources): string {
  const memory = `${String(Math.ceil(memoryBytes / mebibyte))}Mi`;
  return milliCores === 0 ? memory : `${memory} and ${String(milliCores)}m`;
}
