import type { HostCluster } from '../../api/host-cluster.ts';
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { Log } from '../../base/log.ts';
import { errandName } from '../../domain/errands.ts';
import type { DiskStatus } from '../../domain/newcomer.ts';
import type { Cache, EventRecorder, Metrics } from '../../kube/types.ts';

export interface LeftBehindContext {
  readonly events: EventRecorder;
  readonly log: Log;
  readonly clusters: Cache<HostCluster>;
  readonly metrics?: Metrics;
}

/**
 * Tells of disks that should go with a VM and that nobody can be asked to remove. Nothing can be told in a namespace that is being deleted, so
 * it is said of the HostCluster, whose datastores have them.
 */
export function leftBehind({
  events,
  log,
  clusters,
  metrics,
}: LeftBehindContext): (vm: VirtualMachine, disks: readonly DiskStatus[]) => void {
  const counter = metrics?.counter(
    'hypersphere_disks_left_behind_total',
    'Disks that should have been removed with their VM, and stay since its namespace was deleted while no instance of it was left.',
  );
  return ({ metadata, status }, disks) => {
    if (disks.length === 0) return;
    const vm = `${metadata.namespace ?? ''}/${metadata.name}`;
    const names = disks.map(errandName).join(', ');
    log.warn('disks left behind', { vm, hostCluster: status.hostCluster, disks: names });
    counter?.add(disks.length);
    const cluster = clusters.get({ name: status.hostCluster ?? '' });
    const note = `VM ${vm} went with its namespace while no instance of it was left to remove its disks: ${names}`;
    if (cluster !== undefined) events.event(cluster, 'Warning', 'DisksLeftBehind', note);
  };
}
