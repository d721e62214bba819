import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { dependsOnNamespace } from '../../domain/errands.ts';
import type { Client } from '../../kube/types.ts';
import { Namespace } from '../../meta/core.ts';
import { keyOf } from '../../meta/objects.ts';
import { isApiError } from '../../meta/status.ts';

/** Whether anything more can be made in the namespaces of VMs: asked of the server, and only where a decision depends on it. */
export class Namespaces {
  readonly #client: Client;
  /** VMs for which the server would not make something: maybe since their namespace is being deleted. */
  readonly #refused = new Set<string>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** Whether nothing more can be made in the VM's namespace, since it is being deleted. */
  async ends(vm: VirtualMachine, instances: readonly VirtualMachineInstance[]): Promise<boolean> {
    const key = keyOf(vm.metadata);
    if (!this.#refused.delete(key) && !dependsOnNamespace(vm, instances)) return false;
    const namespace = await this.#client.get(Namespace, { name: vm.metadata.namespace ?? '' });
    const ends = namespace === undefined || namespace.metadata.deletionTimestamp !== undefined;
    if (ends) this.#refused.add(key);
    return ends;
  }

  noteRefusal(vm: VirtualMachine, error: unknown): void {
    if (isApiError(error, 'Forbidden')) this.#refused.add(keyOf(vm.metadata));
  }

  /** The VM is gone. */
  forget(key: string): void {
    this.#refused.delete(key);
  }
}
