/** How far an instance has come on its way. */
import { disksFinalizer, guestFinalizer, type VirtualMachineInstance } from '../api/virtual-machine-instance.ts';

export function isGoing({ metadata }: VirtualMachineInstance): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** It runs no more, or never did: its agent only removes disks. */
export function isReleased({ spec }: VirtualMachineInstance): boolean {
  return spec.powerState === 'Released';
}

/** It carries its VM, or is to. */
export function isLive(instance: VirtualMachineInstance): boolean {
  return !isGoing(instance) && !isReleased(instance);
}

/** It stays until the operator knows what becomes of the VM's disks. */
export function isHeldForDisks({ metadata }: VirtualMachineInstance): boolean {
  return metadata.finalizers?.includes(disksFinalizer) === true;
}

/** Its agent has said that the guest is dead and the arbiter free; it stays for the sake of the disks alone. */
export function hasEnded(instance: VirtualMachineInstance): boolean {
  return isGoing(instance) && isHeldForDisks(instance) && instance.metadata.finalizers?.includes(guestFinalizer) === false;
}

/** Its guest may run, or it has disks to remove still. */
export function usesDisks(instance: VirtualMachineInstance): boolean {
  if (isReleased(instance)) return instance.status.phase !== 'Released';
  return instance.metadata.finalizers?.includes(guestFinalizer) === true;
}
