/** A life and the one that stands by for it. */
import type { FTPair } from '../../api/ft-pair.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { nameSuffix } from '../../base/hash.ts';

/** Whether `shadow` stands by for `primary`, or did. */
export function standsBy(shadow: VirtualMachineInstance, primary: VirtualMachineInstance): boolean {
  return shadow.spec.shadowOf?.instanceUID === primary.metadata.uid;
}

/** Whether it stands by for another, and has not been the VM. */
export function isShadow({ spec, status }: Pick<VirtualMachineInstance, 'spec' | 'status'>): boolean {
  return spec.shadowOf !== undefined && spec.shadow === undefined && status.protection?.stage !== 'Live';
}

/** The name of the next shadow: another one each time, and the same for a repetition. */
export function shadowName({ metadata, spec, status }: FTPair): string {
  return `${spec.virtualMachine}-${nameSuffix(`${metadata.uid}/shadow/${String((status.shadows ?? 0) + 1)}`, 6)}`;
}

/**
 * Whether a shadow is to stay beside the life that has the VM: while its pair names it. Once that life is dead for certain, only where the shadow could
 * go on, and has not been refused: else nobody would ever start the VM again.
 */
export function isWanted(pair: FTPair | undefined, shadow: VirtualMachineInstance, primary: { readonly isDead: boolean }): boolean {
  if (primary.isDead) return shadow.status.phase === 'Shadow' && shadow.status.protection?.stage !== 'Refused';
  return pair !== undefined && pair.metadata.deletionTimestamp === undefined && pair.status.shadow?.instance === shadow.metadata.name;
}
