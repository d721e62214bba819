/** A life and the one that stands by for it. */
import { ready } from '../../api/common.ts';
import type { FTPair } from '../../api/ft-pair.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { nameSuffix } from '../../base/hash.ts';
import { findCondition } from '../../meta/conditions.ts';
import type { Newcomer } from '../placement.ts';

/** Whether `shadow` stands by for `primary`, or did. */
export function standsBy(shadow: VirtualMachineInstance, primary: VirtualMachineInstance): boolean {
  return shadow.spec.shadowOf?.instanceUID === primary.metadata.uid;
}

/** Whether it stands by for another, and has not been the VM. */
export function isShadow({ spec, status }: Pick<VirtualMachineInstance, 'spec' | 'status'>): boolean {
  return spec.shadowOf !== undefined && spec.shadow === undefined && status.protection?.stage !== 'Live';
}

/** The VM as the host of its shadow sees it: what the pair asks for besides. */
export function shadowNewcomer({ spec }: FTPair, mover: Newcomer): Newcomer {
  const nodeSelector = { ...mover.placement.nodeSelector, ...spec.placement?.nodeSelector };
  return { ...mover, placement: { ...mover.placement, nodeSelector } };
}

/** The name of the next shadow: another one each time, and the same for a repetition. */
export function shadowName({ metadata, spec, status }: FTPair): string {
  return `${spec.virtualMachine}-${nameSuffix(`${metadata.uid}/shadow/${String((status.shadows ?? 0) + 1)}`, 6)}`;
}

/** Whether the life that has the VM holds its output for the shadow, as far as its agent has said: it goes alone first. */
export function isInUse({ spec, status }: VirtualMachineInstance, { metadata: { uid } }: VirtualMachineInstance): boolean {
  const { instanceUID, stage } = status.protection ?? {};
  return spec.shadow?.instanceUID === uid || (instanceUID === uid && (stage === 'Synchronising' || stage === 'InStep'));
}

/**
 * Whether a shadow is to stay beside the life that has the VM: while its pair names it. Once that life is dead for certain, only where the shadow could
 * go on, has not been refused, and reaches who says so: else nobody would ever start the VM again.
 */
export function isWanted(pair: FTPair | undefined, shadow: VirtualMachineInstance, primary: { readonly isDead: boolean }): boolean {
  const { conditions, phase, protection } = shadow.status;
  if (primary.isDead)
    return phase === 'Shadow' && protection?.stage !== 'Refused' && findCondition(conditions, ready)?.reason !== 'ArbiterUnreachable';
  return pair !== undefined && pair.metadata.deletionTimestamp === undefined && pair.status.shadow?.instance === shadow.metadata.name;
}

const before: ReadonlySet<string> = new Set(['Pending', 'Incoming']);

/** It has not come to say that it stands by, and the original said that they are in step. */
export function isUnsaidHeir(original: VirtualMachineInstance, { metadata, status }: VirtualMachineInstance): boolean {
  const { instanceUID, stage } = original.status.protection ?? {};
  const isHeir = instanceUID === metadata.uid && stage === 'InStep';
  return isHeir && before.has(status.phase ?? 'Pending') && status.protection?.stage !== 'Refused';
}
