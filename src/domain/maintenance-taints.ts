/** NoExecute taints of people's: what does not tolerate them is to leave, as a Pod would. Pure. */
import type { Toleration } from '../api/common.ts';
import type { NodeTaint } from '../meta/core.ts';
import { concernsVms, tolerates } from './taints.ts';

/** Those that drive VMs away. Kubernetes' own, of `node.kubernetes.io/*`, do not: it sets them when *it* lost sight of a node. */
export function evictingTaints(taints: readonly NodeTaint[]): NodeTaint[] {
  return taints.filter((taint) => taint.effect === 'NoExecute' && concernsVms(taint));
}

/** Told apart by these, as Kubernetes does. */
export function taintKey({ key, value, effect }: NodeTaint): string {
  return `${key}=${value ?? ''}:${effect}`;
}

/**
 * When a VM with these tolerations is to leave, milliseconds since 1970; undefined when it may stay. The shortest `tolerationSeconds` counts.
 * @param since when a taint was put there, milliseconds since 1970.
 */
export function leavesAt(
  taints: readonly NodeTaint[],
  tolerations: readonly Toleration[],
  since: (taint: NodeTaint) => number,
): number | undefined {
  const times = evictingTaints(taints).flatMap((taint) => {
    const tolerating = tolerations.find((toleration) => tolerates([toleration], taint));
    if (tolerating === undefined) return [since(taint)];
    return tolerating.tolerationSeconds === undefined ? [] : [since(taint) + tolerating.tolerationSeconds * 1000];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}
