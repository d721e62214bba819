import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';

/** On an instance that is to be powered off, so that its host becomes empty; says which host asked, as a trace for people. */
export const leaveAnnotation = 'hypersphere.io/leave';

/** Whether whoever empties its host asked for this instance to be powered off. */
export function isToLeave({ metadata }: Pick<VirtualMachineInstance, 'metadata'>): boolean {
  return metadata.annotations?.[leaveAnnotation] !== undefined;
}

/**
 * On an original whose shadow is to go on for it, or on a shadow that another one is made for, so that its host becomes empty. It ends nobody's life:
 * where the shadow is lost first, the original moves as any other.
 */
export const asideAnnotation = 'hypersphere.io/step-aside';

export function isToStepAside({ metadata }: Pick<VirtualMachineInstance, 'metadata'>): boolean {
  return metadata.annotations?.[asideAnnotation] !== undefined;
}

/** Whether its host is to become empty of it, one way or the other. */
export function isToGo(instance: Pick<VirtualMachineInstance, 'metadata'>): boolean {
  return isToLeave(instance) || isToStepAside(instance);
}
