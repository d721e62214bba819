import type { PortCounters } from '../api/effective-port.ts';
import type { HostUsage } from '../api/host-usage.ts';
import { defaultPorts, type PortGroup } from '../api/port-group.ts';
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { countersOf, mostOf } from '../domain/port-counters.ts';
import type { Cache } from '../kube/types.ts';
import { keyOf, refOf } from '../meta/objects.ts';
import type { NetworkSources } from './network-sources.ts';

export interface PortBookSources {
  readonly instances: Cache<VirtualMachineInstance>;
  readonly networks: Pick<NetworkSources, 'ports' | 'usages'>;
}

/**
 * What is known of ports beside what stands on them: what they had counted in lives that have ended, which may be gone with their instances before
 * anybody writes it down, and in reports of hosts; and which ports were made a moment ago, before the cache shows them.
 */
export class PortBook {
  readonly #sources: PortBookSources;
  readonly #final = new Map<string, PortCounters>();
  readonly #reported = new Map<string, PortCounters>();
  /** The group of each port that is being made, by the port's key. */
  readonly #made = new Map<string, string>();

  constructor(sources: PortBookSources) {
    this.#sources = sources;
    const { instances, networks } = sources;
    for (const instance of instances.list()) this.#noteInstance(instance);
    for (const usage of networks.usages.list()) this.#noteUsage(usage);
    instances.onChange((before, after) => this.#noteInstance(after ?? before));
    networks.usages.onChange((_, after) => this.#noteUsage(after));
    networks.ports.onChange((before, after) => {
      const key = keyOf((after ?? before)?.metadata ?? { name: '' });
      this.#made.delete(key);
      if (after !== undefined) return;
      this.#final.delete(key);
      this.#reported.delete(key);
    });
  }

  #noteInstance(instance: VirtualMachineInstance | undefined): void {
    for (const { name, ...counted } of instance?.status.networks ?? []) {
      const port = instance?.spec.networks?.find((nic) => nic.name === name)?.port;
      if (port !== undefined) note(this.#final, keyOf({ namespace: instance?.metadata.namespace ?? '', name: port }), counted);
    }
  }

  #noteUsage(usage: HostUsage | undefined): void {
    for (const { namespace, name, ...counted } of usage?.status.ports ?? []) note(this.#reported, keyOf({ namespace, name }), counted);
  }

  /** What a port had counted at the end of lives of its VM. */
  final(port: string): PortCounters | undefined {
    return mostOf(this.#final.get(port), this.#sources.networks.ports.get(refOf(port))?.status.counters);
  }

  /** What a port has counted, as far as anybody has said. */
  counters(port: string): PortCounters | undefined {
    return mostOf(this.final(port), this.#reported.get(port));
  }

  /** A port of `group` is being made: it counts from now on. */
  assume(port: string, group: string): void {
    this.#made.set(port, group);
  }

  /** It was not made after all. */
  forget(port: string): void {
    this.#made.delete(port);
  }

  used(group: string): number {
    const { ports } = this.#sources.networks;
    const made = [...this.#made].filter(([key, of]) => of === group && ports.get(refOf(key)) === undefined);
    return ports.byIndex('byGroup', group).length + made.length;
  }

  hasFreePort({ metadata, spec }: PortGroup): boolean {
    if (spec.binding === 'Ephemeral' || spec.autoExpand !== false) return true;
    return this.used(metadata.name) < (spec.ports ?? defaultPorts);
  }
}

function note(book: Map<string, PortCounters>, key: string, counted: PortCounters): void {
  const most = mostOf(book.get(key), countersOf(counted));
  if (most !== undefined) book.set(key, most);
}
