/** Carries out what was decided. Each act may be repeated, and each is conditional on what the decision saw. */
import { VirtualMachine, virtualMachineFinalizer } from '../../api/virtual-machine.ts';
import { guestFinalizer, VirtualMachineInstance, type VirtualMachineInstanceSpec } from '../../api/virtual-machine-instance.ts';
import type { Decision } from '../../domain/life.ts';
import type { Client } from '../../kube/types.ts';
import { keyOf, type ObjectMeta } from '../../meta/objects.ts';
import { apiVersionOf } from '../../meta/resource.ts';
import { isApiError } from '../../meta/status.ts';
import type { Ledger } from './ledger.ts';

type Create = Decision & { readonly do: 'create' };
type InstanceDraft = Omit<VirtualMachineInstance, 'metadata' | 'status'> & {
  readonly metadata: Partial<ObjectMeta> & { readonly name: string };
};

export class Acts {
  readonly #client: Client;
  readonly #ledger: Ledger;

  constructor(client: Client, ledger: Ledger) {
    this.#client = client;
    this.#ledger = ledger;
  }

  /** @param vm as it is after the decision was written into its status: its version guards what follows. */
  async carryOut(vm: VirtualMachine, decision: Decision): Promise<void> {
    switch (decision.do) {
      case 'create':
        return this.#create(vm, decision);
      case 'patch':
        return this.#patch(decision);
      case 'delete':
        for (const instance of decision.instances) await this.#delete(instance);
        return;
      case 'finish':
        return this.#setFinalizers(vm, without(vm.metadata.finalizers));
      case 'nothing':
      case 'wait':
        return;
    }
  }

  async #create(vm: VirtualMachine, decision: Create): Promise<void> {
    const namespace = vm.metadata.namespace ?? '';
    const key = keyOf({ namespace, name: decision.name });
    try {
      // The finalizer comes before the instance: once there is a guest, a delete of the VM must wait for it.
      if (!(vm.metadata.finalizers ?? []).includes(virtualMachineFinalizer)) {
        await this.#setFinalizers(vm, [...(vm.metadata.finalizers ?? []), virtualMachineFinalizer]);
      }
      await this.#client.create(VirtualMachineInstance, draftOf(vm, decision));
    } catch (error) {
      // Made by an earlier try whose answer was lost: the name is that of this very decision.
      if (isApiError(error, 'AlreadyExists')) return;
      this.#ledger.forget(key);
      throw error;
    }
  }

  async #patch({ instance, spec }: Decision & { do: 'patch' }): Promise<void> {
    const { resourceVersion } = instance.metadata;
    await this.#client.patch(VirtualMachineInstance, instance.metadata, {
      metadata: { resourceVersion },
      spec: removing(spec, instance.spec),
    });
  }

  async #delete(instance: VirtualMachineInstance): Promise<void> {
    await this.#client.delete(VirtualMachineInstance, instance.metadata, { preconditions: { uid: instance.metadata.uid } });
  }

  async #setFinalizers(vm: VirtualMachine, finalizers: string[]): Promise<void> {
    const { resourceVersion, uid } = vm.metadata;
    await this.#client.patch(VirtualMachine, vm.metadata, { metadata: { resourceVersion, uid, finalizers } });
  }
}

function without(finalizers: ObjectMeta['finalizers']): string[] {
  return (finalizers ?? []).filter((finalizer) => finalizer !== virtualMachineFinalizer);
}

/** The instance that `decision` asks for, owned by `vm`. */
export function draftOf(vm: VirtualMachine, decision: Create): InstanceDraft {
  return {
    apiVersion: apiVersionOf(VirtualMachineInstance),
    kind: VirtualMachineInstance.kind,
    metadata: {
      name: decision.name,
      namespace: vm.metadata.namespace ?? '',
      finalizers: [guestFinalizer],
      ownerReferences: [
        {
          apiVersion: apiVersionOf(VirtualMachine),
          kind: VirtualMachine.kind,
          name: vm.metadata.name,
          uid: vm.metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: decision.spec,
  };
}

/** A merge patch that leaves out what `after` no longer has: a reservation that was taken back. */
function removing(after: Partial<VirtualMachineInstanceSpec>, before: VirtualMachineInstanceSpec): object {
  const patch: Record<string, unknown> = { ...after };
  if (after.cpu !== undefined && after.cpu.reservation === undefined && before.cpu.reservation !== undefined)
    patch['cpu'] = { ...after.cpu, reservation: null };
  if (after.memory !== undefined && after.memory.reservation === undefined && before.memory.reservation !== undefined)
    patch['memory'] = { ...after.memory, reservation: null };
  return patch;
}
