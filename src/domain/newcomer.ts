/** What placement, disks and arbiter of a VM follow from its spec and what it already has. */
import type { Datastore, HostCluster } from '../api/host-cluster.ts';
import { whenRemovedOf, type Disk, type VirtualMachine, type VirtualMachineStatus } from '../api/virtual-machine.ts';
import type { AffinityTerm } from '../api/virtual-machine.ts';
import type { Newcomer, Resident } from './placement.ts';
import { takenBy } from './resources.ts';

export type Arbiter = NonNullable<VirtualMachineStatus['arbiter']>;
export type DiskStatus = NonNullable<VirtualMachineStatus['disks']>[number];

export interface ResolvedDisk {
  readonly disk: Disk;
  readonly datastore: Datastore;
}

export type Resolution = { readonly disks: readonly ResolvedDisk[] } | { readonly reason: 'DatastoreNotFound'; readonly message: string };

/** Each disk with its datastore: the named one or the cluster's first; a disk that was made stays where it is. */
export function resolveDisks(vm: VirtualMachine, cluster: HostCluster): Resolution {
  const datastores = cluster.spec.datastores ?? [];
  const disks: ResolvedDisk[] = [];
  for (const [index, disk] of (vm.spec.disks ?? []).entries()) {
    const name = madeDisk(vm, disk.name)?.datastore ?? disk.datastore ?? datastores[0]?.name;
    const datastore = datastores.find((candidate) => candidate.name === name);
    if (datastore === undefined) return { reason: 'DatastoreNotFound', message: missingDatastore(index, name, cluster) };
    disks.push({ disk, datastore });
  }
  return { disks };
}

function missingDatastore(index: number, name: string | undefined, cluster: HostCluster): string {
  const names = (cluster.spec.datastores ?? []).map((datastore) => datastore.name);
  const has = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
  const wanted = name === undefined ? 'no datastore' : `no datastore ${name}`;
  return `spec.disks[${String(index)}].datastore: HostCluster ${cluster.metadata.name} has ${wanted}; ${has}`;
}

function madeDisk(vm: VirtualMachine, name: string): DiskStatus | undefined {
  return vm.status.disks?.find((made) => made.name === name);
}

/** Fixed at the first start and kept for the VM's life: two arbiters might both say yes. */
export function arbiterOf(vm: VirtualMachine, disks: readonly ResolvedDisk[]): Arbiter {
  if (vm.status.arbiter !== undefined) return vm.status.arbiter;
  const [first] = disks;
  const shared = first?.datastore.type === 'SharedDirectory' && disks.every(({ datastore }) => datastore.name === first.datastore.name);
  return shared ? { datastore: first.datastore.name } : { lease: `vm-${vm.metadata.uid}` };
}

/** The disks that the VM has once an instance of it runs on `nodeName`, and those that wait to be deleted. */
export function disksOn(vm: VirtualMachine, disks: readonly ResolvedDisk[], nodeName: string): DiskStatus[] {
  const present = disks.map(({ disk, datastore }) => ({
    name: disk.name,
    datastore: datastore.name,
    size: disk.size,
    whenRemoved: whenRemovedOf(disk),
    ...(datastore.type === 'Local' ? { nodeName } : {}),
  }));
  return [...present, ...disksToRemove(vm)];
}

/** Made disks that nobody wants any more: of a VM that goes, all with `whenRemoved: Delete`; else those that left its spec. */
export function disksToRemove(vm: VirtualMachine): DiskStatus[] {
  const wanted = new Set((vm.spec.disks ?? []).map((disk) => disk.name));
  const leaving = vm.metadata.deletionTimestamp !== undefined;
  return disksToDelete(vm).filter((made) => leaving || !wanted.has(made.name));
}

/** Whether it has made disks that are to be removed some day, now or when it goes. */
export function hasDisksToDelete(vm: VirtualMachine): boolean {
  return disksToDelete(vm).length > 0;
}

/** What its spec says of a disk holds; of one that left it, what it said last. */
function disksToDelete(vm: VirtualMachine): DiskStatus[] {
  const wanted = new Map((vm.spec.disks ?? []).map((disk) => [disk.name, disk]));
  return (vm.status.disks ?? []).filter((made) => {
    const disk = wanted.get(made.name);
    return (disk === undefined ? made.whenRemoved : whenRemovedOf(disk)) === 'Delete';
  });
}

/** The VM as placement sees it. @param sizes what it runs with, when that is not what it should. */
export function newcomerOf(vm: VirtualMachine, { cpu, memory }: Pick<VirtualMachine['spec'], 'cpu' | 'memory'> = vm.spec): Newcomer {
  const made = vm.status.disks ?? [];
  const boundTo = made.find((disk) => disk.nodeName !== undefined)?.nodeName;
  const datastores = datastoresOf(made, vm.status.arbiter);
  return {
    namespace: vm.metadata.namespace ?? '',
    name: vm.metadata.name,
    labels: vm.metadata.labels ?? {},
    placement: vm.spec.placement ?? {},
    cores: cpu.cores,
    takes: takenBy(cpu, memory),
    ...(cpu.baseline === undefined ? {} : { baseline: cpu.baseline }),
    ...(boundTo === undefined ? {} : { boundTo }),
    ...(datastores.length === 0 ? {} : { datastores }),
  };
}

/** Where its disks are, or are to be made, and its lease. */
export function datastoresOf(disks: readonly { readonly datastore: string }[], arbiter: Arbiter | undefined): string[] {
  return [...new Set([...disks.map(({ datastore }) => datastore), ...(arbiter?.datastore === undefined ? [] : [arbiter.datastore])])];
}

/** The VM as others see it once it is on a host. */
export function residentOf(vm: VirtualMachine): Resident {
  const required: AffinityTerm[] = (vm.spec.placement?.antiAffinity ?? []).filter((term) => term.required);
  const { namespace = '', name, labels = {} } = vm.metadata;
  return { namespace, name, labels, antiAffinity: required };
}
