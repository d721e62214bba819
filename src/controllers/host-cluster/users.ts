import type { HostCluster } from '../../api/host-cluster.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { Cache } from '../../kube/types.ts';

export interface UserSources {
  readonly vms: Cache<VirtualMachine>;
  readonly instances: Cache<VirtualMachineInstance>;
}

/**
 * The VMs that need `cluster`, as `namespace/name`: those with an instance in it, and those with disks that must be removed some day, which
 * takes one of its hosts. One that is off and retains its disks does not hold it: it says what it misses when it should start.
 */
export function usersOf({ metadata: { name } }: HostCluster, { vms, instances }: UserSources): string[] {
  const users = new Set<string>();
  for (const instance of instances.list()) if (instance.spec.hostCluster === name) users.add(vmOf(instance));
  for (const vm of vms.list()) if (vm.status.hostCluster === name && hasDisksToRemove(vm)) users.add(nameOf(vm));
  return [...users].sort();
}

function vmOf({ metadata, spec }: VirtualMachineInstance): string {
  return `${metadata.namespace ?? ''}/${spec.virtualMachine}`;
}

function nameOf({ metadata }: VirtualMachine): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function hasDisksToRemove({ status }: VirtualMachine): boolean {
  return (status.disks ?? []).some((disk) => disk.whenRemoved === 'Delete');
}
