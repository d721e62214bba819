import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { bytes } from '../base/quantity.ts';
import type { VolumeRef } from '../ports/datastores.ts';
import { PortError } from '../ports/errors.ts';
import type { GuestSpec } from '../ports/guests.ts';

/** The name of a volume in its datastore: the same for every life of a VM, so that a retained disk is found again. */
export function volumeName(namespace: string, virtualMachine: string, disk: string): string {
  return `${namespace}/${virtualMachine}/${disk}`;
}

/** Not a name that a disk can have. */
const memoryFile = '_memory';

/** What the hypervisor needs to run `instance`. @param home the datastore for its memory file when it has no disk; empty: there is none. */
export function guestSpecOf(instance: VirtualMachineInstance, home: string): GuestSpec {
  const { spec, metadata } = instance;
  const namespace = metadata.namespace ?? '';
  const volume = (datastore: string, disk: string): VolumeRef => ({ datastore, volume: volumeName(namespace, spec.virtualMachine, disk) });
  const disks = (spec.disks ?? []).map((disk) => ({ name: disk.name, volume: volume(disk.datastore, disk.name) }));
  return {
    id: metadata.uid,
    vm: { uid: spec.virtualMachineUID, namespace, name: spec.virtualMachine },
    cores: spec.cpu.cores,
    ...(spec.cpu.baseline === undefined ? {} : { baseline: spec.cpu.baseline }),
    memoryBytes: bytes(String(spec.memory.size)),
    disks,
    memoryFile: volume(spec.arbiter.datastore ?? disks[0]?.volume.datastore ?? home, memoryFile),
  };
}

/** @throws {PortError} NotFound, in words for people, when `guest` was started where no datastore could hold its memory. */
export function checkMemoryHome({ memoryFile: { datastore } }: GuestSpec, hostCluster: string): void {
  if (datastore !== '') return;
  throw new PortError(
    'NotFound',
    `HostCluster ${hostCluster} had no spec.datastores when the VM started, and the VM has no disk: nothing can hold its memory; ` +
      'add a datastore and power the VM off and on again, or set powerState PoweredOff',
  );
}
