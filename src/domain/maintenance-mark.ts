import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';

/** On an instance that is to be powered off, so that its host becomes empty; says which host asked, as a trace for people. */
export const leaveAnnotation = 'hypersphere.io/leave';

/** Whether whoever empties its host asked for this instance to be powered off. */
export function isToLeave({ metadata }: Pick<VirtualMachineInstance, 'metadata'>): boolean {
  return metadata.annotations?.[leaveAnnotation] !== undefined;
}
