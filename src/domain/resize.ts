/** What a running instance takes on at once when its VM's spec changes, and what waits for a restart. */
import { bytes, milliCores } from '../base/quantity.ts';
import type { VirtualMachine } from '../api/virtual-machine.ts';
import type { VirtualMachineInstance, VirtualMachineInstanceSpec } from '../api/virtual-machine-instance.ts';
import { networkNeeds } from './attachment.ts';

export type InstancePatch = Pick<VirtualMachineInstanceSpec, 'cpu' | 'memory' | 'disks'>;

/** The sizes that can change under a running guest (reservations, growing disks), as the VM's spec has them; undefined when they are so already. */
export function liveResize(vm: VirtualMachine, instance: VirtualMachineInstance): InstancePatch | undefined {
  const { spec } = instance;
  const wanted = new Map((vm.spec.disks ?? []).map((disk) => [disk.name, disk.size]));
  const disks = spec.disks?.map((disk) => ({ ...disk, size: larger(wanted.get(disk.name), disk.size) }));
  const patch: InstancePatch = {
    cpu: { ...fixed(spec.cpu), ...reserved(vm.spec.cpu.reservation) },
    memory: { size: spec.memory.size, ...reserved(vm.spec.memory.reservation) },
    ...(disks === undefined ? {} : { disks }),
  };
  return sameSizes(patch, spec) ? undefined : patch;
}

/** What of `resize` needs no more room than `instance` has: undefined when nothing is left of it. */
export function withoutGrowth(resize: InstancePatch, { spec }: VirtualMachineInstance): InstancePatch | undefined {
  const patch = { ...resize, cpu: spec.cpu };
  return sameSizes(patch, spec) ? undefined : patch;
}

/** What of its processors stays as it is for its life. */
function fixed({ cores, baseline }: InstancePatch['cpu']): InstancePatch['cpu'] {
  return { cores, ...(baseline === undefined ? {} : { baseline }) };
}

function reserved(reservation: string | number | undefined): { reservation?: string | number } {
  return reservation === undefined ? {} : { reservation };
}

function larger(wanted: string | number | undefined, present: string | number): string | number {
  return wanted !== undefined && bytes(String(wanted)) > bytes(String(present)) ? wanted : present;
}

function sameSizes(a: InstancePatch, b: InstancePatch): boolean {
  const sameDisks = (a.disks ?? []).every((disk, index) => bytes(String(disk.size)) === bytes(String(b.disks?.[index]?.size ?? 0)));
  return (
    sameDisks &&
    sameQuantity(a.cpu.reservation, b.cpu.reservation, milliCores) &&
    sameQuantity(a.memory.reservation, b.memory.reservation, bytes)
  );
}

function sameQuantity(a: string | number | undefined, b: string | number | undefined, read: (text: string) => number): boolean {
  if (a === undefined || b === undefined) return a === b;
  return read(String(a)) === read(String(b));
}

/** What of the VM's spec the instance cannot take on while it runs, field by field; empty when nothing waits. */
export function restartNeeds(vm: VirtualMachine, instance: VirtualMachineInstance): string[] {
  const { spec } = instance;
  const needs: string[] = [];
  if (vm.spec.cpu.cores !== spec.cpu.cores) needs.push(`spec.cpu.cores from ${String(spec.cpu.cores)} to ${String(vm.spec.cpu.cores)}`);
  const { baseline } = vm.spec.cpu;
  if (baseline !== undefined && baseline !== spec.cpu.baseline)
    needs.push(`spec.cpu.baseline from ${spec.cpu.baseline ?? 'what its host has'} to ${baseline}`);
  if (bytes(String(vm.spec.memory.size)) !== bytes(String(spec.memory.size)))
    needs.push(`spec.memory.size from ${String(spec.memory.size)} to ${String(vm.spec.memory.size)}`);
  const wanted = (vm.spec.disks ?? []).map((disk) => disk.name);
  const present = (spec.disks ?? []).map((disk) => disk.name);
  for (const name of wanted.filter((disk) => !present.includes(disk))) needs.push(`spec.disks: ${name} is new`);
  for (const name of present.filter((disk) => !wanted.includes(disk))) needs.push(`spec.disks: ${name} was removed`);
  needs.push(...networkNeeds(vm, spec.networks));
  if (vm.spec.hostCluster !== undefined && vm.spec.hostCluster !== spec.hostCluster)
    needs.push(`spec.hostCluster from ${spec.hostCluster} to ${vm.spec.hostCluster}`);
  return needs;
}
