/** What the API server holds, as the observer sees it beside all clients: from the store itself. */
import type { VirtualMachineInstance } from '../../src/api/virtual-machine-instance.ts';
import type { VirtualMachine } from '../../src/api/virtual-machine.ts';
import type { PortCounters, PortId } from '../../src/api/effective-port.ts';
import type { HostUsage } from '../../src/api/host-usage.ts';
import type { FTPair } from '../../src/api/ft-pair.ts';
import type { HostProfile } from '../../src/api/host-profile.ts';
import type { Host } from '../../src/api/host.ts';
import type { Change, Store } from '../../src/apiserver/store/types.ts';
import type { Lease, Node } from '../../src/meta/core.ts';
import type { KubeObject } from '../../src/meta/objects.ts';

const prefixes = {
  vms: '/registry/hypersphere.io/virtualmachines/',
  instances: '/registry/hypersphere.io/virtualmachineinstances/',
  hosts: '/registry/hypersphere.io/hosts/',
  leases: '/registry/coordination.k8s.io/leases/',
  nodes: '/registry/nodes/',
  profiles: '/registry/hypersphere.io/hostprofiles/',
  pairs: '/registry/hypersphere.io/ftpairs/',
  usages: '/registry/hypersphere.io/hostusages/',
} as const;

export type Mirrored = keyof typeof prefixes;

/** What of it is judged by. */
export type Seen = Pick<Mirror, 'vm' | 'vms' | 'instances' | 'host' | 'hosts' | 'pair' | 'profile' | 'node' | 'lease'>;

export class Mirror {
  /** By key of the store. */
  readonly #objects = new Map<string, KubeObject>();
  readonly #onChange: (kind: Mirrored, before: KubeObject | undefined, after: KubeObject | undefined) => void;

  constructor(onChange: (kind: Mirrored, before: KubeObject | undefined, after: KubeObject | undefined) => void) {
    this.#onChange = onChange;
  }

  /** Follows a server that has just come up, from its state on. */
  follow(store: Store): void {
    const there = new Map<string, KubeObject>();
    for (const [kind, prefix] of entries(prefixes)) {
      for (const { key, object } of store.list(prefix).items) {
        there.set(key, object);
        this.#put(kind, key, object);
      }
      for (const key of [...this.#objects.keys()]) if (key.startsWith(prefix) && !there.has(key)) this.#remove(kind, key);
      void this.#watch(kind, store, prefix);
    }
  }

  async #watch(kind: Mirrored, store: Store, prefix: string): Promise<void> {
    for await (const changes of store.watch(prefix, store.revision())) for (const change of changes) this.#take(kind, change);
  }

  #take(kind: Mirrored, { type, key, object }: Change): void {
    if (type === 'DELETED') this.#remove(kind, key);
    else this.#put(kind, key, object.object);
  }

  #put(kind: Mirrored, key: string, object: KubeObject): void {
    const before = this.#objects.get(key);
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    this.#objects.set(key, object);
    this.#onChange(kind, before, object);
  }

  #remove(kind: Mirrored, key: string): void {
    const before = this.#objects.get(key);
    this.#objects.delete(key);
    this.#onChange(kind, before, undefined);
  }

  #all(kind: Mirrored): KubeObject[] {
    return [...this.#objects].flatMap(([key, object]) => (key.startsWith(prefixes[kind]) ? [object] : []));
  }

  vm(name: string): VirtualMachine | undefined {
    return this.#objects.get(`${prefixes.vms}shop/${name}`) as VirtualMachine | undefined;
  }

  vms(): VirtualMachine[] {
    return this.#all('vms') as VirtualMachine[];
  }

  instances(): VirtualMachineInstance[] {
    return this.#all('instances') as VirtualMachineInstance[];
  }

  host(name: string): Host | undefined {
    return this.#objects.get(`${prefixes.hosts}${name}`) as Host | undefined;
  }

  hosts(): Host[] {
    return this.#all('hosts') as Host[];
  }

  /** Of the VM of that name. */
  pair(vm: string): FTPair | undefined {
    return this.#objects.get(`${prefixes.pairs}shop/${vm}`) as FTPair | undefined;
  }

  profile(name: string): HostProfile | undefined {
    return this.#objects.get(`${prefixes.profiles}${name}`) as HostProfile | undefined;
  }

  node(name: string): Node | undefined {
    return this.#objects.get(`${prefixes.nodes}${name}`);
  }

  /** What the host has told of a port, `shop/<name>`. */
  reported(host: string, id: PortId): PortCounters | undefined {
    const usage = this.#objects.get(`${prefixes.usages}${host}`) as Partial<HostUsage> | undefined;
    // One that was just made says nothing yet.
    return usage?.status?.ports?.find(({ namespace, name }) => `${namespace}/${name}` === id);
  }

  /** In namespace `shop`. */
  lease(name: string): Lease | undefined {
    return this.#objects.get(`${prefixes.leases}shop/${name}`);
  }
}

function entries<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  return Object.entries(record) as [K, V][];
}
