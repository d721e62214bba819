/** The guard of a host: the Pod that stands for its VMs, so that `kubectl drain` and kube-scheduler see them. Pure. */
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { bytes, formatMilliCores, milliCores } from '../base/quantity.ts';
import type { Node, Pod } from '../meta/core.ts';
import { asksForDrain, isCordoned, isGoing, isHeld, isLifted, type HostFacts } from './maintenance.ts';
import { nothing, plus, takenBy, type Resources } from './resources.ts';

export type Requests = Readonly<Record<'cpu' | 'memory', string>>;

export interface GuardFacts extends HostFacts {
  /** Those that have, or may have, a guest on the host. */
  readonly occupants: readonly VirtualMachineInstance[];
  /** How long nothing was on the host, milliseconds. */
  readonly emptyForMs: number;
}

export type GuardStep =
  | { readonly do: 'create' }
  | { readonly do: 'resize'; readonly pod: Pod; readonly requests: Requests }
  /** It is there without need: its finalizer goes first, since a deletion of one that is held may be a drain. */
  | { readonly do: 'delete'; readonly pod: Pod }
  /** Its finalizer goes, and who waits for it waits no more. */
  | { readonly do: 'release'; readonly pod: Pod };

/** A VM that is restarted does not cost a Pod. */
export const guardLingersMs = 30_000;

export function guardSteps(facts: GuardFacts): GuardStep[] {
  const { host, node, guards, occupants, emptyForMs } = facts;
  const steps: GuardStep[] = guards
    .filter((pod) => isGoing(pod) && isHeld(pod) && mayGo(facts, pod))
    .map((pod) => ({ do: 'release', pod }));
  const there = guards.filter((pod) => !isGoing(pod)).sort(byAge);
  // One whose finalizer somebody took away would not hold a drain.
  const live = there.find(isHeld);
  steps.push(...there.filter((pod) => pod !== live).map((pod) => ({ do: 'delete', pod }) as const));
  if (node === undefined || host.metadata.deletionTimestamp !== undefined) return steps;
  if (occupants.length === 0) {
    if (live !== undefined && emptyForMs >= guardLingersMs) steps.push({ do: 'delete', pod: live });
    return steps;
  }
  const drained = guards.some((pod) => asksForDrain(pod, node));
  if (live === undefined) return drained ? steps : [...steps, { do: 'create' }];
  const requests = requestsOf(occupants, node);
  return sameRequests(live, requests) ? steps : [...steps, { do: 'resize', pod: live, requests }];
}

/** What one is made with. Requests grow by `resize`, which a kubelet may put off; with all of them from the start it might refuse the Pod. */
export const firstRequests: Requests = { cpu: '1m', memory: '1Mi' };

/**
 * A drain waits until nothing is on the host, and until the claim remembers it: then the guard is gone, and only the cordon is left of the drain.
 * One that was lifted waits all the same, since `kubectl drain` says that the host is empty when its Pod is gone.
 */
function mayGo({ host, node, occupants }: GuardFacts, pod: Pod): boolean {
  if (node === undefined) return true;
  if (isLifted(pod)) return occupants.length === 0;
  if (!asksForDrain(pod, node)) return true;
  return occupants.length === 0 && (!isCordoned(node) || host.status.claim?.drain === true);
}

function byAge(a: Pod, b: Pod): number {
  const [one, other] = [a.metadata, b.metadata].map(({ creationTimestamp, name }) => `${creationTimestamp} ${name}`);
  return (one ?? '') < (other ?? '') ? -1 : 1;
}

const mebibyte = 2 ** 20;

/** What the VMs take, at most what the Node has to give: a server refuses more. Requests cannot be taken away, so there is always a little. */
export function requestsOf(occupants: readonly VirtualMachineInstance[], node: Node): Requests {
  const sum = occupants.map(({ spec }) => takenBy(spec.cpu, spec.memory)).reduce(plus, nothing);
  const taken = atMost(sum, node);
  return {
    cpu: formatMilliCores(Math.max(1, taken.milliCores)),
    memory: `${String(Math.max(1, Math.floor(taken.memoryBytes / mebibyte)))}Mi`,
  };
}

function atMost({ milliCores: cpu, memoryBytes }: Resources, { status }: Node): Resources {
  const { cpu: cores, memory } = status?.allocatable ?? {};
  return {
    milliCores: Math.min(cpu, cores === undefined ? cpu : milliCores(cores)),
    memoryBytes: Math.min(memoryBytes, memory === undefined ? memoryBytes : bytes(memory)),
  };
}

function sameRequests(pod: Pod, { cpu, memory }: Requests): boolean {
  const said = pod.spec?.containers?.[0]?.resources?.requests ?? {};
  return milliCores(said['cpu'] ?? '0') === milliCores(cpu) && bytes(said['memory'] ?? '0') === bytes(memory);
}
