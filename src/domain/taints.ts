import type { Toleration } from '../api/common.ts';
import type { NodeTaint } from '../meta/core.ts';
import { simulatedTaint } from '../api/common.ts';

/** Taints of `node.kubernetes.io/*`, which Kubernetes sets when it lost sight of a node, mean nothing to VMs; nor does the one of simulated nodes. */
export function concernsVms(taint: NodeTaint): boolean {
  return taint.key !== simulatedTaint && !taint.key.startsWith('node.kubernetes.io/');
}

/** Whether one of `tolerations` puts up with `taint`, as for a Pod. */
export function tolerates(tolerations: readonly Toleration[], taint: NodeTaint): boolean {
  return tolerations.some((toleration) => {
    if (toleration.effect !== undefined && toleration.effect !== taint.effect) return false;
    if (toleration.key === undefined) return toleration.operator === 'Exists';
    if (toleration.key !== taint.key) return false;
    return toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? '');
  });
}

/** The first taint that keeps a newcomer away. One that it tolerates for a while only would send it away again, so that it keeps it away too. */
export function forbiddingTaint(taints: readonly NodeTaint[], tolerations: readonly Toleration[]): NodeTaint | undefined {
  const lasting = tolerations.filter(({ tolerationSeconds }) => tolerationSeconds === undefined);
  return taints.find((taint) => {
    if (taint.effect === 'PreferNoSchedule' || !concernsVms(taint)) return false;
    return !tolerates(taint.effect === 'NoExecute' ? lasting : tolerations, taint);
  });
}

/** How many taints ask a newcomer to go elsewhere if it can. */
export function discouragements(taints: readonly NodeTaint[], tolerations: readonly Toleration[]): number {
  return taints.filter((taint) => taint.effect === 'PreferNoSchedule' && concernsVms(taint) && !tolerates(tolerations, taint)).length;
}
