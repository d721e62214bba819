import type { FTPair } from '../api/ft-pair.ts';
import type { HostCluster } from '../api/host-cluster.ts';
import { isProvedDead, type Host } from '../api/host.ts';
import { ready } from '../api/common.ts';
import type { VirtualMachine } from '../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { VirtualMachineMigration } from '../api/virtual-machine-migration.ts';
import { bytes } from '../base/quantity.ts';
import { parseTime } from '../base/time.ts';
import type { LifeView } from '../domain/life.ts';
import { admissionPolicy, admissionRefusal } from '../domain/admission.ts';
import { usesDisks } from '../domain/instances.ts';
import { claimantOf } from '../domain/maintenance.ts';
import { moverOf } from '../domain/migration-begin.ts';
import { shadowNewcomer } from '../domain/protection/pairing.ts';
import { chooseCluster, membershipOf, type Membership } from '../domain/membership.ts';
import {
  claimedFor,
  place,
  placeErrand,
  refusalAt,
  type Candidate,
  type Newcomer,
  type Placement,
  type Refusal,
  type Resident,
} from '../domain/placement.ts';
import { nothing, takenBy, type Resources } from '../domain/resources.ts';
import { storesOf } from '../domain/responses.ts';
import { isSoonEmptied, rollingOut } from '../domain/soon-emptied.ts';
import { mostPowerOns, type Peer } from '../domain/start-order.ts';
import type { Cache } from '../kube/types.ts';
import { findCondition, isTrue } from '../meta/conditions.ts';
import type { Node } from '../meta/core.ts';
import { keyOf, type ObjectRef } from '../meta/objects.ts';
import type { Ledger } from './ledger.ts';
import type { NetworkSources } from './network-sources.ts';
import type { Networks } from './networks.ts';

/** The caches that a VM's life depends on. */
export interface Sources {
  /** With the index `byStartAfter`, by the keys of the VMs that it starts after. */
  readonly vms: Cache<VirtualMachine>;
  /** By their VMs' names. */
  readonly pairs: Cache<FTPair>;
  /** With the indexes `byVirtualMachine`, by the VM's uid, `byName`, by the key of its name, and `byNode`. */
  readonly instances: Cache<VirtualMachineInstance>;
  readonly clusters: Cache<HostCluster>;
  readonly hosts: Cache<Host>;
  readonly nodes: Cache<Node>;
  /** With the index `byName`, by the key of the VM that it names. */
  readonly migrations: Cache<VirtualMachineMigration>;
  readonly networks: NetworkSources;
}

/** What a candidate is made of. None of these objects changes: where one is another, something changed. */
interface Seen {
  readonly node: Node;
  readonly host: Host | undefined;
  readonly taken: Resources;
  readonly residents: readonly Resident[];
  readonly silent: boolean;
}

/** The direct heartbeat of hosts. */
export interface Hearing {
  signs(host: string): { readonly silentMs: number };
  onReturn(handler: () => void): () => void;
}

/** A host that was not heard for so long is given nothing, milliseconds: it may be dying. */
const silentMs = 2_200;
const nobody: readonly Resident[] = [];
/** Of VMs with shadows, and of shadows, a host has at most so many unless its cluster says otherwise. */
const mostProtected = 4;

/** The fleet as it is now, for many VMs. */
export class Fleet {
  readonly #sources: Sources;
  readonly #ledger: Ledger;
  readonly #networks: Networks | undefined;
  #membership: Membership | undefined;
  /** Most hosts are as they were when the last VM was placed. */
  readonly #known = new Map<string, { readonly seen: Seen; readonly candidate: Candidate }>();

  readonly #hearing: Hearing | undefined;

  constructor(sources: Sources, ledger: Ledger, hearing?: Hearing, networks?: Networks) {
    this.#networks = networks;
    this.#sources = sources;
    this.#ledger = ledger;
    this.#hearing = hearing;
    sources.clusters.onChange(() => (this.#membership = undefined));
    sources.nodes.onChange((before, after) => {
      if (before !== undefined && after === undefined) this.#known.delete(before.metadata.name);
      if (before === undefined || after === undefined || before.metadata.labels !== after.metadata.labels) this.#membership = undefined;
    });
  }

  /** All that the decision for `vm` depends on, read once. */
  view(vm: VirtualMachine, now: number): Omit<LifeView, 'namespaceEnds'> {
    const { clusters, instances: all } = this.#sources;
    const instances = all.byIndex('byVirtualMachine', vm.metadata.uid);
    const attachment = this.#networks?.attachment(vm, instances);
    return {
      vm,
      instances,
      ...(attachment === undefined ? {} : { attachment }),
      predecessors: all
        .byIndex('byName', keyOf(vm.metadata))
        .filter((instance) => instance.spec.virtualMachineUID !== vm.metadata.uid && usesDisks(instance)),
      pair: this.#sources.pairs.get(vm.metadata),
      moves: this.#sources.migrations.byIndex('byName', keyOf(vm.metadata)),
      choice: chooseCluster(vm.spec.hostCluster ?? vm.status.hostCluster, clusters.list()),
      now,
      answers: (nodeName) => this.answers(nodeName),
      isFenced: (nodeName) => this.isFenced(nodeName),
      fencedAt: (nodeName) => parseTime(this.#sources.hosts.get({ name: nodeName })?.status.fence?.since),
      peer: (name) => this.#peer({ namespace: vm.metadata.namespace ?? '', name }),
      place: (newcomer, cluster) => this.#placeStart(newcomer, cluster),
      limit: (cluster) => this.#limit(cluster),
      admission: (newcomer, cluster) => this.#admission(newcomer, cluster, this.#ledger.demands(cluster.metadata.name, newcomer)),
      placeErrand: (cluster, boundTo) => this.#placeErrand(cluster, boundTo),
      fitsAgain: (instance) => this.#fitsAgain(instance),
      canGrow: (instance, takes) => this.#canGrow(instance, takes),
    };
  }

  /** Whether the agent of a host answers. */
  answers(nodeName: string): boolean {
    // A Host that is not ready for new VMs, since its Node is gone, may answer all the same: its Ready is False, not Unknown.
    const host = this.#sources.hosts.get({ name: nodeName });
    const said = findCondition(host?.status.conditions, ready);
    return said !== undefined && said.status !== 'Unknown' && host?.status.fence === undefined;
  }

  /** Whether whatever ran on a host is dead for certain, and nothing is started there. */
  isFenced(nodeName: string): boolean {
    return isProvedDead(this.#sources.hosts.get({ name: nodeName }));
  }

  /** One of which others may wait for a sign of life: of a host that is silent, what was said before says nothing. */
  #peer(ref: ObjectRef): Peer | undefined {
    const vm = this.#sources.vms.get(ref);
    if (vm === undefined) return undefined;
    const { nodeName } = vm.status;
    return { vm, isHeard: nodeName !== undefined && this.answers(nodeName) && !this.#isSilent(nodeName) };
  }

  #isSilent(nodeName: string): boolean {
    return (this.#hearing?.signs(nodeName).silentMs ?? 0) > silentMs;
  }

  /** Calls `handler` when a host may be placed on again without anybody writing so: it was not heard for a moment. */
  onHeard(handler: () => void): void {
    this.#hearing?.onReturn(handler);
  }

  whereIs(nodeName: string, cluster: HostCluster): 'Nowhere' | 'Elsewhere' | 'Member' {
    if (this.#candidates(cluster).some(({ name }) => name === nodeName)) return 'Member';
    const ref = { name: nodeName };
    return this.#sources.hosts.get(ref) === undefined && this.#sources.nodes.get(ref) === undefined ? 'Nowhere' : 'Elsewhere';
  }

  /** Why `newcomer` may not come to a host of `cluster`; undefined when it may. */
  refusal(newcomer: Newcomer, cluster: HostCluster, nodeName: string): Refusal | undefined {
    return refusalAt(this.#connected(newcomer), this.#candidates(cluster), nodeName);
  }

  /** With the switches that it is on. */
  #connected(newcomer: Newcomer): Newcomer {
    const switches = this.#networks?.needs(newcomer) ?? [];
    return switches.length === 0 ? newcomer : { ...newcomer, switches };
  }

  /** The best host that does not start as many as it may at once. */
  #placeStart(newcomer: Newcomer, cluster: HostCluster): Placement {
    const connected = this.#connected(newcomer);
    const candidates = this.#candidates(cluster);
    const found = place(connected, candidates, (name) => this.#ledger.starting(name) >= mostPowerOns);
    if ('host' in found || !('host' in place(connected, candidates))) return found;
    return { message: `waits its turn: each host that would do starts ${String(mostPowerOns)} VMs already`, paced: true };
  }

  /**
   * The best host of `cluster` for one that moves: of those that it need not soon leave again, else of all; of these one to which nothing moves, else
   * one that has not as many moves as it may.
   */
  placeMove(newcomer: Newcomer, cluster: HostCluster, fullness: (nodeName: string) => 'None' | 'Some' | 'Full'): Placement {
    const candidates = this.#candidates(cluster);
    const connected = this.#connected(newcomer);
    const soonEmptied = this.#soonEmptied(candidates);
    const isBusy = (name: string): boolean => fullness(name) !== 'None';
    const isFull = (name: string): boolean => fullness(name) === 'Full';
    const staying = [isBusy, isFull].map((isLeftOut) => (name: string) => soonEmptied.has(name) || isLeftOut(name));
    for (const isLeftOut of [...(soonEmptied.size === 0 ? [] : staying), isBusy, isFull]) {
      const found = place(connected, candidates, isLeftOut);
      if ('host' in found) return found;
    }
    return place(connected, candidates);
  }

  #soonEmptied(candidates: readonly Candidate[]): ReadonlySet<string> {
    const hosts = candidates.flatMap(({ name }) => this.#sources.hosts.get({ name }) ?? []);
    const rolling = rollingOut(hosts);
    const emptied = rolling.size === 0 ? [] : hosts.filter((host) => isSoonEmptied(host, rolling));
    return new Set(emptied.map(({ metadata }) => metadata.name));
  }

  /** How many originals and shadows a host of `cluster` may have, when it has as many without `beside`; undefined: it may have one more. */
  fullAt(nodeName: string, cluster: HostCluster, beside?: VirtualMachineInstance): number | undefined {
    const most = mostOn(cluster);
    const taken = this.#ledger.paired(nodeName, beside === undefined ? undefined : keyOf(beside.metadata));
    return taken >= most ? most : undefined;
  }

  /** The best host of `cluster` for a shadow: of those that have not as many of VMs with shadows, and of these, as they may have. */
  placeShadow(newcomer: Newcomer, cluster: HostCluster): Placement {
    const refused = this.#admission(newcomer, cluster, this.#ledger.demands(cluster.metadata.name));
    if (refused !== undefined) return { message: refused };
    const candidates = this.#candidates(cluster);
    const full = candidates.filter(({ name }) => this.fullAt(name, cluster) !== undefined).map(({ name }) => name);
    const found = place(this.#connected(newcomer), candidates, (name) => full.includes(name));
    if ('host' in found || full.length === 0) return found;
    const words = `${String(full.length)} with ${String(mostOn(cluster))} originals and shadows already (spec.limits.faultTolerantPerHost)`;
    return { message: `${found.message}; ${words}` };
  }

  /** Why no host would do for another one in the place of a shadow; undefined when one would, or it is of no use by itself. */
  shadowRefusal({ metadata, spec }: VirtualMachineInstance): string | undefined {
    const { clusters, instances, pairs, vms } = this.#sources;
    const { namespace = '' } = metadata;
    const vm = vms.get({ namespace, name: spec.virtualMachine });
    const pair = pairs.get({ namespace, name: spec.shadowOf?.pair ?? '' });
    const cluster = clusters.get({ name: spec.hostCluster });
    const primary = instances
      .byIndex('byVirtualMachine', spec.virtualMachineUID)
      .find((one) => one.metadata.uid === spec.shadowOf?.instanceUID);
    if (vm === undefined || pair === undefined || cluster === undefined || primary === undefined) return undefined;
    const placement = this.placeShadow(shadowNewcomer(pair, moverOf(vm, primary, cluster)), cluster);
    if (!('host' in placement)) return placement.message;
    return placement.host === spec.nodeName ? 'no other host would do' : undefined;
  }

  #candidates(cluster: HostCluster): Candidate[] {
    this.#membership ??= membershipOf(this.#sources.clusters.list(), this.#sources.nodes.list());
    const names = this.#membership.members.get(cluster.metadata.name) ?? [];
    const candidates = names.flatMap((name) => this.#candidate(name) ?? []);
    const spare = cluster.spec.availability?.admission?.dedicatedHosts?.nodeNames;
    if (spare === undefined) return candidates;
    return candidates.map((candidate) => (spare.includes(candidate.name) ? { ...candidate, spare: true } : candidate));
  }

  #candidate(name: string): Candidate | undefined {
    const node = this.#sources.nodes.get({ name });
    if (node === undefined) return undefined;
    const host = this.#sources.hosts.get({ name });
    const known = this.#known.get(name);
    // What was on a host that is dead takes nothing, and is nobody's neighbour.
    const isDead = isProvedDead(host);
    const taken = isDead ? nothing : this.#ledger.taken(name);
    const residents = isDead ? nobody : this.#ledger.residents(name);
    const silent = this.#isSilent(name);
    const seen = { node, host, taken, residents, silent };
    if (known !== undefined && isSame(known.seen, seen)) return known.candidate;
    const candidate = candidateOf(name, seen);
    this.#known.set(name, { seen, candidate });
    return candidate;
  }

  #limit(cluster: HostCluster): string | undefined {
    const limit = cluster.spec.limits?.virtualMachines;
    if (limit === undefined || this.#ledger.count(cluster.metadata.name) < limit) return undefined;
    return `HostCluster ${cluster.metadata.name} has its limit of ${String(limit)} VMs (spec.limits.virtualMachines)`;
  }

  #admission({ takes }: Newcomer, cluster: HostCluster, demands: readonly Resources[]): string | undefined {
    const policy = admissionPolicy(cluster.spec.availability?.admission);
    if (policy.type === 'None' || policy.type === 'DedicatedHosts') return undefined;
    const hosts = this.#candidates(cluster).filter(mayReceive);
    const refusal = admissionRefusal(policy, { hosts: hosts.map(({ capacity }) => capacity), demands }, takes);
    if (refusal === undefined) return undefined;
    return `HostCluster ${cluster.metadata.name} keeps room for the death of hosts (spec.availability.admission): ${refusal}`;
  }

  #placeErrand(cluster: HostCluster, boundTo: string | undefined): Placement {
    if (boundTo === undefined) return placeErrand(this.#candidates(cluster));
    return this.answers(boundTo) ? { host: boundTo } : { message: `${boundTo}, which has it, does not answer` };
  }

  #canGrow({ metadata, spec }: VirtualMachineInstance, takes: Resources): string | undefined {
    const cores = this.#sources.hosts.get({ name: spec.nodeName })?.status.inventory?.capacity.cores ?? 0;
    const free = cores * 1000 - this.#ledger.takenBeside({ metadata, spec }).milliCores;
    return takes.milliCores <= free ? undefined : `${spec.nodeName} has too little unreserved CPU`;
  }

  #fitsAgain(instance: VirtualMachineInstance): string | undefined {
    const { spec } = instance;
    const candidate = this.#candidate(spec.nodeName);
    if (candidate?.ready !== true) return `its memory is kept on ${spec.nodeName}, which does not answer`;
    if (candidate.claimedBy !== undefined) return `its memory is kept on ${spec.nodeName}, which is ${claimedFor(candidate.claimedBy)}`;
    const lost = storesOf(spec).find((name) => candidate.lostDatastores?.includes(name));
    if (lost !== undefined) return `its memory is kept on ${spec.nodeName}, which does not reach datastore ${lost}`;
    const takes = takenBy(spec.cpu, spec.memory);
    const taken = this.#ledger.takenBeside(instance);
    const fits =
      takes.memoryBytes <= candidate.capacity.memoryBytes - taken.memoryBytes &&
      takes.milliCores <= candidate.capacity.milliCores - taken.milliCores;
    return fits ? undefined : `its memory is kept on ${spec.nodeName}, which has too little room to wake it`;
  }
}

function mostOn({ spec }: HostCluster): number {
  return spec.limits?.faultTolerantPerHost ?? mostProtected;
}

/** A VM may be restarted there. */
function mayReceive({ ready, cordoned, claimedBy }: Candidate): boolean {
  return ready && !cordoned && claimedBy === undefined;
}

function isSame(a: Seen, b: Seen): boolean {
  return a.node === b.node && a.host === b.host && a.taken === b.taken && a.residents === b.residents && a.silent === b.silent;
}

function claimOn(host: Host | undefined): Pick<Candidate, 'claimedBy'> {
  const claimedBy = host === undefined ? undefined : claimantOf(host);
  return claimedBy === undefined ? {} : { claimedBy };
}

/** It may be given VMs. */
function isWell(host: Host | undefined): boolean {
  const { conditions, fence, inventory } = host?.status ?? {};
  return inventory !== undefined && fence === undefined && isTrue(conditions, ready);
}

function candidateOf(name: string, { node, host, taken, residents, silent }: Seen): Candidate {
  const { inventory } = host?.status ?? {};
  const capacity = inventory?.capacity;
  const cores = capacity?.cores ?? 0;
  return {
    name,
    labels: node.metadata.labels ?? {},
    taints: node.spec?.taints ?? [],
    cordoned: node.spec?.unschedulable === true,
    ...claimOn(host),
    ready: !silent && isWell(host),
    cores,
    ...inventory?.cpu,
    capacity: { milliCores: cores * 1000, memoryBytes: capacity === undefined ? 0 : bytes(String(capacity.memory)) },
    taken,
    residents,
    switches: switchesOf(host),
    ...lostBy(host),
  };
}

function lostBy(host: Host | undefined): Pick<Candidate, 'lostDatastores'> {
  const lost = (host?.status.lostDatastores ?? []).map(({ name }) => name);
  return lost.length === 0 ? {} : { lostDatastores: lost };
}

function switchesOf(host: Host | undefined): ReadonlyMap<string, boolean> {
  return new Map((host?.status.switches ?? []).map((one) => [one.name, one.ready]));
}
