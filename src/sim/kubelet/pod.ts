/** What Pods on simulated hosts say and when they end: pure. */
import { parseTime, rfc3339 } from '../../base/time.ts';
import { equal } from '../../base/equal.ts';
import { findCondition, isTrue } from '../../meta/conditions.ts';
import type { Pod } from '../../meta/core.ts';
import { addressOf } from './node.ts';

/** How long the containers of a simulated Pod take to end when they are asked to. */
const endMs = 1000;

/** Milliseconds until the Pod's containers have ended, zero or less when they have; undefined when nobody asked them to, or when it was said already. */
export function endsIn({ metadata }: Pod, now: number): number | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata;
  const deadline = parseTime(deletionTimestamp);
  if (deadline === undefined || deletionGracePeriodSeconds === 0) return undefined;
  const askedAt = deadline - deletionGracePeriodSeconds * 1000;
  return Math.min(deadline, askedAt + endMs) - now;
}

const wellConditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady'] as const;

/** The status of a Pod whose containers run; undefined when it says so already, or has run to its end. */
export function runningStatus(pod: Pod, now: number): object | undefined {
  const { phase, conditions } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') return undefined;
  if (phase === 'Running' && wellConditions.every((type) => isTrue(conditions, type)) && runsWithItsResources(pod)) return undefined;
  const time = rfc3339(now);
  const podIP = addressOf(`${pod.metadata.namespace ?? ''}/${pod.metadata.name}`);
  const hostIP = addressOf(pod.spec?.nodeName ?? '');
  return {
    phase: 'Running',
    conditions: wellConditions.map((type) => {
      const before = findCondition(conditions, type);
      return { type, status: 'True', lastTransitionTime: before?.status === 'True' ? before.lastTransitionTime : time };
    }),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    podIP,
    podIPs: [{ ip: podIP }],
    startTime: rfc3339(parseTime(pod.metadata.creationTimestamp) ?? now),
    containerStatuses: (pod.spec?.containers ?? []).map((container) => runningContainer(container, startOf(pod, container) ?? time)),
  };
}

type Container = NonNullable<NonNullable<Pod['spec']>['containers']>[number];

/** With what it runs: a server takes a Node whose kubelet does not say so for one that cannot resize. */
function runningContainer({ name, image = '', resources = {} }: Container, startedAt: string) {
  const containerID = `simulated://${name}`;
  const state = { running: { startedAt } };
  const { requests } = resources;
  const allocated = requests === undefined ? {} : { allocatedResources: requests };
  return { name, image, imageID: image, containerID, ready: true, started: true, restartCount: 0, state, resources, ...allocated };
}

function startOf({ status }: Pod, { name }: Container): string | undefined {
  return status?.containerStatuses?.find((said) => said.name === name)?.state?.running?.startedAt;
}

/** A resize takes effect at once. */
function runsWithItsResources({ spec, status }: Pod): boolean {
  const said = new Map((status?.containerStatuses ?? []).map(({ name, resources }) => [name, resources]));
  return (spec?.containers ?? []).every(({ name, resources = {} }) => equal(said.get(name), resources));
}
