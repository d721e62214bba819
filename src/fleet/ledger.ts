import type { FTPair } from '../api/ft-pair.ts';
import { ready } from '../api/common.ts';
import type { VirtualMachine } from '../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { VirtualMachineMigration } from '../api/virtual-machine-migration.ts';
import { isOver } from '../domain/moving.ts';
import { residentOf } from '../domain/newcomer.ts';
import { isShadow } from '../domain/protection/pairing.ts';
import type { Resident } from '../domain/placement.ts';
import { minus, most, nothing, plus, takenBy, type Resources } from '../domain/resources.ts';
import type { Cache } from '../kube/types.ts';
import { findCondition } from '../meta/conditions.ts';
import { keyOf, type ObjectRef } from '../meta/objects.ts';

/** What one instance takes, and where. */
interface Entry {
  readonly nodeName: string;
  readonly cluster: string;
  readonly takes: Resources;
  readonly vm: { readonly namespace: string; readonly name: string };
  /** One that never runs is nobody's neighbour, and no limit is for it. */
  readonly runs: boolean;
  /** Its guest is about to be started. */
  readonly starts: boolean;
  /** It is the shadow of another, which runs beside it. */
  readonly standsBy: boolean;
  /** It has a shadow, or is one. */
  readonly pairs: boolean;
  /** The key of the instance that it stands by for, or stood by for. */
  readonly of?: string;
}

/** An instance that somebody has said to make. */
interface Announced {
  readonly instance: string;
  readonly nodeName: string;
  readonly standsBy?: boolean;
  /** As a shadow. */
  readonly pairs?: boolean;
  /** By its key, the one that it stands by for. */
  readonly of?: string;
}

/**
 * What every host has given away: kept as instances come and go, so that a placement need not add up the whole fleet. What was decided a
 * moment ago counts at once, before the cache shows it; else two VMs would be promised the same room.
 */
export class Ledger {
  readonly #freed = new Set<() => void>();
  readonly #vms: Cache<VirtualMachine>;
  readonly #seen = new Map<string, Entry>();
  readonly #assumed = new Map<string, Entry>();
  readonly #taken = new Map<string, Resources>();
  readonly #onHost = new Map<string, Map<string, Entry>>();
  /** By HostCluster, how many instances each VM (by key) has in it: two while it moves. */
  readonly #perCluster = new Map<string, Map<string, number>>();
  /** Answers of `residents` that still hold. */
  readonly #residents = new Map<string, readonly Resident[]>();
  /** The hosts of each VM's instances, by the instance's key. */
  readonly #ofVm = new Map<string, Map<string, string>>();
  /** What was assumed and has come about; the cache will tell. */
  readonly #accepted = new Set<string>();
  /** How many stand by, or are about to, for each instance (by key). */
  readonly #originals = new Map<string, number>();
  /** How many guests are about to be started on each host. */
  readonly #starting = new Map<string, number>();
  readonly #onStarted = new Set<() => void>();
  /** Since when (monotonic milliseconds) it is not known whether what was assumed came about. */
  readonly #doubtful = new Map<string, number>();
  /** Since when (monotonic milliseconds) an instance is awaited that somebody else has announced. */
  readonly #announced = new Map<string, number>();

  constructor(vms: Cache<VirtualMachine>, instances: Cache<VirtualMachineInstance>) {
    this.#vms = vms;
    for (const instance of instances.list()) this.#observe(keyOf(instance.metadata), instance);
    instances.onChange((before, after) => {
      const known = after ?? before;
      if (known !== undefined) this.#observe(keyOf(known.metadata), after);
    });
    vms.onChange((before, after) => {
      const known = after ?? before;
      if (known !== undefined && !sameNeighbour(before, after)) this.#forgetResidentsBeside(keyOf(known.metadata));
    });
  }

  /** `freed` is called whenever something that was assumed does not count any more. */
  onFreed(freed: () => void): void {
    this.#freed.add(freed);
  }

  /** `started` is called whenever a guest less is about to be started on a host. */
  onStarted(started: () => void): void {
    this.#onStarted.add(started);
  }

  /** How many guests are about to be started on a host, as decided; those that cannot be do not count. */
  starting(nodeName: string): number {
    return this.#starting.get(nodeName) ?? 0;
  }

  /** How many originals and shadows there are on a host, or are about to be. @param beside the key of an instance that is left out. */
  paired(nodeName: string, beside?: string): number {
    // One that a shadow is made for is not told of it before that is there.
    return [...(this.#onHost.get(nodeName) ?? [])].filter(([key, { pairs }]) => key !== beside && (pairs || this.#originals.has(key)))
      .length;
  }

  #free(): void {
    for (const freed of this.#freed) freed();
  }

  #forgetResidentsBeside(vm: string): void {
    for (const nodeName of this.#ofVm.get(vm)?.values() ?? []) this.#residents.delete(nodeName);
  }

  #observe(key: string, instance: VirtualMachineInstance | undefined): void {
    this.#accepted.delete(key);
    this.#doubtful.delete(key);
    this.#announced.delete(key);
    const before = this.#assumed.get(key) ?? this.#seen.get(key);
    this.#drop(this.#assumed, key);
    this.#drop(this.#seen, key);
    if (instance !== undefined) this.#add(this.#seen, key, entryOf(instance));
    if (before?.starts === true && this.#seen.get(key)?.starts !== true) this.#tellStarted();
  }

  /** Counts `instance` as it is about to be, until the cache tells of it; what it is about to free, as still taken. */
  assume(instance: Pick<VirtualMachineInstance, 'metadata' | 'spec' | 'status'>): void {
    const key = keyOf(instance.metadata);
    const known = this.#assumed.get(key) ?? this.#seen.get(key);
    this.#doubtful.delete(key);
    this.#drop(this.#seen, key);
    this.#drop(this.#assumed, key);
    const entry = entryOf(instance);
    this.#add(this.#assumed, key, known?.runs === true ? { ...entry, runs: true, takes: most(entry.takes, known.takes) } : entry);
  }

  /** Whether an instance was decided on that the cache has not shown yet. */
  awaits(key: string): boolean {
    return this.#assumed.has(key);
  }

  /** The server has done what was assumed: a later no, to one who acts on an older copy, takes nothing of it back. */
  accept(key: string): void {
    if (this.#assumed.has(key)) this.#accepted.add(key);
  }

  isAccepted(key: string): boolean {
    return this.#accepted.has(key);
  }

  /** Takes back what was assumed of an instance that was not made after all. */
  forget(key: string): void {
    this.#accepted.delete(key);
    this.#doubtful.delete(key);
    if (!this.#assumed.has(key)) return;
    this.#drop(this.#assumed, key);
    this.#tellStarted();
    this.#free();
  }

  #tellStarted(): void {
    for (const started of this.#onStarted) started();
  }

  /** Takes back what was assumed of the instances of a VM that is gone. */
  forgetAllOf(vm: ObjectRef): void {
    const theirs = [...this.#assumed].filter(([, entry]) => entry.vm.namespace === vm.namespace && entry.vm.name === vm.name);
    for (const [key] of theirs) this.forget(key);
    for (const key of this.#announced.keys()) if (key.startsWith(`${keyOf(vm)}-`)) this.#announced.delete(key);
  }

  /** It goes on counting as assumed, but nobody knows whether it will be so. @param now monotonic milliseconds. */
  doubt(key: string, now: number): void {
    if (this.#assumed.has(key)) this.#doubtful.set(key, now);
  }

  /** Since when what was assumed is in doubt, monotonic milliseconds. */
  doubtfulSince(key: string): number | undefined {
    return this.#doubtful.get(key);
  }

  /** Another operator has said that it makes the instance, and nobody has seen it. @returns since when that is known, `now` when it is new. */
  announcedSince(key: string, now: number): number {
    const since = this.#announced.get(key) ?? now;
    this.#announced.set(key, since);
    return since;
  }

  /**
   * Counts what whoever led before has said that it makes, starts, targets of `moves` and shadows of `pairs`, and nobody has seen: its request may be on its way still, and
   * the room and the neighbours that it was promised are not for others meanwhile. @param now monotonic milliseconds.
   */
  expectAnnounced(now: number, moves: readonly VirtualMachineMigration[], pairs: readonly FTPair[] = []): void {
    for (const vm of this.#vms.list()) {
      const { instance, nodeName, phase } = vm.status;
      if (phase !== 'Starting' || instance === undefined || nodeName === undefined) continue;
      this.#expect(vm, { instance, nodeName }, now);
    }
    this.#expectShadows(now, pairs);
    for (const move of moves) {
      const { sourceInstance, target: nodeName, targetInstance: instance, phase, virtualMachineUID } = move.status;
      if (isOver(move) || phase !== 'Preparing' || instance === undefined || nodeName === undefined) continue;
      const { namespace = '' } = move.metadata;
      const vm = this.#vms.get({ namespace, name: move.spec.virtualMachine });
      if (vm === undefined || vm.metadata.uid !== virtualMachineUID) continue;
      this.#expect(vm, { instance, nodeName }, now, this.#seen.get(keyOf({ namespace, name: sourceInstance ?? '' })));
    }
  }

  /** The shadows that `pairs` name. */
  #expectShadows(now: number, pairs: readonly FTPair[]): void {
    for (const { metadata, status } of pairs) {
      const { namespace = '', name } = metadata;
      const vm = this.#vms.get({ namespace, name });
      if (vm === undefined || status.shadow === undefined) continue;
      const of = keyOf({ namespace, name: status.primary?.instance ?? '' });
      this.#expect(vm, { ...status.shadow, standsBy: true, pairs: true, of }, now, this.#seen.get(of));
    }
  }

  /** @param source from where it goes on, with the sizes that it runs with. */
  #expect(vm: VirtualMachine, announced: Announced, now: number, source?: Entry): void {
    const { instance: name, nodeName, of, pairs = false, standsBy = false } = announced;
    const { namespace = '' } = vm.metadata;
    const key = keyOf({ namespace, name });
    if (this.#seen.has(key) || this.#assumed.has(key)) return;
    const takes = source?.takes ?? takenBy(vm.spec.cpu, vm.spec.memory);
    const cluster = source?.cluster ?? vm.status.hostCluster ?? '';
    this.#add(this.#assumed, key, {
      nodeName,
      cluster,
      takes,
      vm: { namespace, name: vm.metadata.name },
      runs: true,
      starts: source === undefined && !standsBy,
      standsBy,
      pairs,
      ...(of === undefined ? {} : { of }),
    });
    this.doubt(key, now);
  }

  /** Counts an instance as the cache has it: what was assumed of it did not come about. */
  restore(ref: ObjectRef, instances: Cache<VirtualMachineInstance>): void {
    this.#observe(keyOf(ref), instances.get(ref));
    this.#free();
  }

  /** What is taken on the host of an instance by all others. */
  takenBeside(instance: Pick<VirtualMachineInstance, 'metadata' | 'spec'>): Resources {
    const key = keyOf(instance.metadata);
    const own = (this.#assumed.get(key) ?? this.#seen.get(key))?.takes ?? nothing;
    return minus(this.taken(instance.spec.nodeName), own);
  }

  taken(nodeName: string): Resources {
    return this.#taken.get(nodeName) ?? nothing;
  }

  /** How many VMs that run, or sleep, belong to a HostCluster. */
  count(cluster: string): number {
    return this.#perCluster.get(cluster)?.size ?? 0;
  }

  /**
   * What each VM of a HostCluster takes that runs, or is about to: once each, where it takes most; and once more each of their shadows, which run
   * beside them for good. @param beside a VM that is left out, but for its shadow.
   */
  demands(cluster: string, beside?: ObjectRef): Resources[] {
    const byVm = new Map<string, Resources>();
    for (const book of [this.#seen, this.#assumed]) {
      for (const entry of book.values()) {
        if (entry.cluster !== cluster || !entry.runs) continue;
        const vm = entry.standsBy ? `${keyOf(entry.vm)} shadow` : keyOf(entry.vm);
        byVm.set(vm, most(entry.takes, byVm.get(vm) ?? nothing));
      }
    }
    if (beside !== undefined) byVm.delete(keyOf(beside));
    return [...byVm.values()];
  }

  /** The VMs on a host. The same array until one comes, goes, or changes. */
  residents(nodeName: string): readonly Resident[] {
    const known = this.#residents.get(nodeName);
    if (known !== undefined) return known;
    const residents: Resident[] = [];
    for (const entry of this.#onHost.get(nodeName)?.values() ?? []) {
      const vm = this.#vms.get(entry.vm);
      if (vm !== undefined) residents.push(residentOf(vm));
    }
    this.#residents.set(nodeName, residents);
    return residents;
  }

  #add(book: Map<string, Entry>, key: string, entry: Entry): void {
    book.set(key, entry);
    if (!entry.runs) return;
    this.#taken.set(entry.nodeName, plus(this.taken(entry.nodeName), entry.takes));
    this.#countIn(entry, 1);
    this.#countOriginal(entry, 1);
    if (entry.starts) this.#starting.set(entry.nodeName, this.starting(entry.nodeName) + 1);
    const here = this.#onHost.get(entry.nodeName) ?? new Map<string, Entry>();
    this.#onHost.set(entry.nodeName, here.set(key, entry));
    this.#residents.delete(entry.nodeName);
    const vm = keyOf(entry.vm);
    this.#ofVm.set(vm, (this.#ofVm.get(vm) ?? new Map<string, string>()).set(key, entry.nodeName));
  }

  #countIn({ cluster, vm }: Entry, more: 1 | -1): void {
    const counts = this.#perCluster.get(cluster) ?? new Map<string, number>();
    const count = (counts.get(keyOf(vm)) ?? 0) + more;
    if (count === 0) counts.delete(keyOf(vm));
    else counts.set(keyOf(vm), count);
    this.#perCluster.set(cluster, counts);
  }

  #countOriginal({ of }: Entry, more: 1 | -1): void {
    if (of === undefined) return;
    const count = (this.#originals.get(of) ?? 0) + more;
    if (count === 0) this.#originals.delete(of);
    else this.#originals.set(of, count);
  }

  #drop(book: Map<string, Entry>, key: string): void {
    const entry = book.get(key);
    if (entry === undefined) return;
    book.delete(key);
    if (!entry.runs) return;
    this.#taken.set(entry.nodeName, minus(this.taken(entry.nodeName), entry.takes));
    this.#countIn(entry, -1);
    this.#countOriginal(entry, -1);
    if (entry.starts) this.#starting.set(entry.nodeName, this.starting(entry.nodeName) - 1);
    this.#onHost.get(entry.nodeName)?.delete(key);
    this.#residents.delete(entry.nodeName);
    const vm = keyOf(entry.vm);
    const theirs = this.#ofVm.get(vm);
    theirs?.delete(key);
    if (theirs?.size === 0) this.#ofVm.delete(vm);
  }
}

/** Whether placement sees the same of a VM on a host: a status may change as it will. */
function sameNeighbour(before: VirtualMachine | undefined, after: VirtualMachine | undefined): boolean {
  if (before === undefined || after === undefined) return false;
  return (
    before.metadata.generation === after.metadata.generation &&
    JSON.stringify(before.metadata.labels) === JSON.stringify(after.metadata.labels)
  );
}

function entryOf(instance: Pick<VirtualMachineInstance, 'metadata' | 'spec' | 'status'>): Entry {
  return {
    nodeName: instance.spec.nodeName,
    cluster: instance.spec.hostCluster,
    takes: takenByInstance(instance),
    runs: instance.spec.powerState !== 'Released',
    starts: isStarting(instance),
    standsBy: isShadow(instance),
    pairs: instance.spec.shadow !== undefined || instance.spec.shadowOf !== undefined,
    ...ofWhom(instance),
    vm: { namespace: instance.metadata.namespace ?? '', name: instance.spec.virtualMachine },
  };
}

function ofWhom({ metadata, spec }: Pick<VirtualMachineInstance, 'metadata' | 'spec'>): Pick<Entry, 'of'> {
  const { namespace = '' } = metadata;
  return spec.shadowOf === undefined ? {} : { of: keyOf({ namespace, name: spec.shadowOf.instance }) };
}

/** A suspended guest's memory is on disk: it takes nothing of its host. */
function takenByInstance({ spec, status }: Pick<VirtualMachineInstance, 'spec' | 'status'>): Resources {
  const asleep = spec.powerState === 'Suspended' && status.phase === 'Suspended';
  return asleep ? nothing : takenBy(spec.cpu, spec.memory);
}

/** It is to run, and its agent has neither started it nor said why it cannot. What moves here is not started. */
function isStarting({ spec, status }: Pick<VirtualMachineInstance, 'spec' | 'status'>): boolean {
  if (spec.powerState !== 'PoweredOn' || spec.origin !== undefined || spec.shadowOf !== undefined) return false;
  if (status.phase !== undefined && status.phase !== 'Pending') return false;
  return onItsWay.has(findCondition(status.conditions, ready)?.reason ?? 'Pending');
}

const onItsWay: ReadonlySet<string> = new Set(['Pending', 'Starting']);
