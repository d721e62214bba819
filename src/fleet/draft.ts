/** The instances that controllers make, and how sure they are of having made them. */
import { VirtualMachine } from '../api/virtual-machine.ts';
import {
  disksFinalizer,
  guestFinalizer,
  VirtualMachineInstance,
  type VirtualMachineInstanceSpec,
} from '../api/virtual-machine-instance.ts';
import { hasDisksToDelete } from '../domain/newcomer.ts';
import type { ObjectMeta } from '../meta/objects.ts';
import { apiVersionOf } from '../meta/resource.ts';
import { ApiError } from '../meta/status.ts';

export type InstanceDraft = Omit<VirtualMachineInstance, 'metadata' | 'status'> & {
  readonly metadata: Partial<ObjectMeta> & { readonly name: string };
};

/** An instance of `vm`, and owned by it. */
export function instanceDraft(vm: VirtualMachine, name: string, spec: VirtualMachineInstanceSpec): InstanceDraft {
  const owner = { apiVersion: apiVersionOf(VirtualMachine), kind: VirtualMachine.kind, name: vm.metadata.name, uid: vm.metadata.uid };
  return {
    apiVersion: apiVersionOf(VirtualMachineInstance),
    kind: VirtualMachineInstance.kind,
    metadata: {
      name,
      namespace: vm.metadata.namespace ?? '',
      finalizers: finalizersOf(vm, spec),
      ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
    },
    spec,
  };
}

/** One that never runs has no guest to wait for; where disks are to be removed some day, it stays until that is settled. */
function finalizersOf(vm: VirtualMachine, { powerState }: VirtualMachineInstanceSpec): string[] {
  if (powerState === 'Released') return [disksFinalizer];
  return hasDisksToDelete(vm) ? [guestFinalizer, disksFinalizer] : [guestFinalizer];
}

/** A no for good. Asked to come again, who knows what was done the first time? */
export function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.code >= 400 && error.code < 500 && ![408, 429].includes(error.code);
}
