import { rfc3339 } from '../../base/time.ts';
import type { Node, NodeTaint } from '../../meta/core.ts';

type NodeCondition = NonNullable<NonNullable<Node['status']>['conditions']>[number];

const watched = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];
export const unreachable = 'node.kubernetes.io/unreachable';

/** The conditions of a node that fell silent, or undefined when they say so already. Those that its kubelet never posted stay away, but for `Ready`. */
export function silentConditions(before: readonly NodeCondition[], now: number): NodeCondition[] | undefined {
  const lastTransitionTime = rfc3339(now);
  const after = before.map((condition): NodeCondition => {
    if (!watched.includes(condition.type) || condition.status === 'Unknown') return condition;
    const message = 'Kubelet stopped posting node status.';
    return { ...condition, status: 'Unknown', reason: 'NodeStatusUnknown', message, lastTransitionTime };
  });
  if (!before.some(({ type }) => type === 'Ready')) {
    const message = 'Kubelet never posted node status.';
    after.push({ type: 'Ready', status: 'Unknown', reason: 'NodeStatusNeverUpdated', message, lastTransitionTime });
  }
  return after.some((condition, index) => condition !== before[index]) ? after : undefined;
}

/** The taints of a node that is `lost` or not, or undefined when it has them already. Other taints stay as they are. */
export function taintsFor(before: readonly NodeTaint[], lost: boolean, now: number): NodeTaint[] | undefined {
  const others = before.filter(({ key }) => key !== unreachable);
  if (!lost) return others.length === before.length ? undefined : others;
  const missing = (['NoSchedule', 'NoExecute'] as const).filter(
    (effect) => !before.some((taint) => taint.key === unreachable && taint.effect === effect),
  );
  if (missing.length === 0) return undefined;
  return [...before, ...missing.map((effect) => ({ key: unreachable, effect, timeAdded: rfc3339(now) }))];
}
