import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { hasEnded, isReleased } from '../../domain/instances.ts';

/**
 * Of the instances of a VM's name those that nobody decides about any more, since their own VM is gone (somebody took its finalizer away), and
 * that wait for nothing but that. What they were asked to remove is removed first.
 */
export function orphans(vm: VirtualMachine | undefined, named: readonly VirtualMachineInstance[]): VirtualMachineInstance[] {
  return named.filter((instance) => {
    if (instance.spec.virtualMachineUID === vm?.metadata.uid || !hasEnded(instance)) return false;
    return !isReleased(instance) || instance.status.phase === 'Released';
  });
}
