import type { VirtualMachine } from '../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { attachmentOf, type Attachment, type SwitchNeed } from '../domain/attachment.ts';
import { isLive } from '../domain/instances.ts';
import type { Cache } from '../kube/types.ts';
import { keyOf } from '../meta/objects.ts';
import type { NetworkSources } from './network-sources.ts';
import type { PortBook } from './port-book.ts';

export interface NetworksSources {
  readonly vms: Cache<VirtualMachine>;
  /** With the index `byName`, by the VM's key. */
  readonly instances: Cache<VirtualMachineInstance>;
  readonly networks: NetworkSources;
}

/** The networks of the fleet as VMs see them. */
export class Networks {
  readonly #sources: NetworksSources;
  readonly #book: PortBook;

  constructor(sources: NetworksSources, book: PortBook) {
    this.#sources = sources;
    this.#book = book;
  }

  /** Undefined: the VM has no networks, nor had any that an instance of it has still. */
  attachment(vm: VirtualMachine, instances: readonly VirtualMachineInstance[]): Attachment | undefined {
    const wished = vm.spec.networks ?? [];
    if (wished.length === 0 && !instances.some(({ spec }) => (spec.networks ?? []).length > 0)) return undefined;
    const { groups, switches, ports } = this.#sources.networks;
    const namespace = vm.metadata.namespace ?? '';
    return attachmentOf(vm, {
      group: (name) => groups.get({ name }),
      switch: (name) => switches.get({ name }),
      port: (name) => ports.get({ namespace, name }),
      namespaceLabels: this.namespaceLabels(namespace),
      hasFreePort: (group) => this.#book.hasFreePort(group),
      counters: (port) => this.#book.counters(keyOf({ namespace, name: port })),
    });
  }

  namespaceLabels(name: string): Readonly<Record<string, string>> {
    return this.#sources.networks.namespaces.get({ name })?.metadata.labels ?? {};
  }

  /** The switches that a host must have for the VM: those of the life that it has, else of the one that it is to have. */
  needs(vm: { readonly namespace: string; readonly name: string }): SwitchNeed[] {
    const { vms, instances, networks } = this.#sources;
    const present = instances
      .byIndex('byName', keyOf(vm))
      .filter(isLive)
      .flatMap(({ spec }) => spec.networks ?? []);
    const wished = vms.get(vm)?.spec.networks ?? [];
    const names =
      present.length > 0
        ? present.map((nic) => nic.switch)
        : wished.flatMap(({ portGroup }) => networks.groups.get({ name: portGroup })?.spec.switch ?? []);
    return [...new Set(names)].sort().flatMap((name) => {
      const found = networks.switches.get({ name });
      return found === undefined ? [] : [{ name, hostSelector: found.spec.hostSelector }];
    });
  }
}
