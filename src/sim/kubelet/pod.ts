/** What Pods on simulated hosts say and when they end: pure. */
import { parseTime, rfc3339 } from '../../base/time.ts';
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
  if (phase === 'Running' && wellConditions.every((type) => isTrue(conditions, type))) return undefined;
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
    containerStatuses: (pod.spec?.containers ?? []).map((container) => runningContainer(container, time)),
  };
}

function runningContainer({ name, image = '' }: { name: string; image?: string }, startedAt: string) {
  const containerID = `simulated://${name}`;
  return { name, image, imageID: image, containerID, ready: true, started: true, restartCount: 0, state: { running: { startedAt } } };
}
