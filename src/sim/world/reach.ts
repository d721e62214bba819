/** What runs of a VM, and how somebody outside reaches it. */
import { storeKeyOf } from './datastores.ts';
import { contentOf } from './disk/content.ts';
import { newGuestDisk, type GuestDisk } from './disk/guest-disk.ts';
import type { GuestRun } from './guest-run.ts';
import type { Machine, WorldCore } from './machine.ts';
import type { GuestNic, GuestNics } from './network/guest-nic.ts';
import { portsOf } from './network/host-plane.ts';

export interface VmName {
  readonly namespace: string;
  readonly name: string;
}

/** Where it is on the network. */
export interface GuestDoor {
  readonly nic: GuestNic;
  readonly mac: string;
  readonly address: string;
  readonly vlan: number;
}

export interface GuestReach {
  readonly host: string;
  /** The same as long as the guest goes on from what it knew, also elsewhere: another one was started from its disks. */
  readonly life: GuestNics;
  readonly disk: GuestDisk | undefined;
  /** By a network of its own; by its first without one. Undefined: it has none of that name with an address and one VLAN. */
  door(network: string | undefined): GuestDoor | undefined;
}

export function reachOf(core: WorldCore, vm: VmName): GuestReach | undefined {
  const there = runOf(core, vm);
  if (there === undefined) return undefined;
  const { machine, run } = there;
  const [first] = run.spec.disks;
  return {
    host: machine.name,
    life: run.nics,
    disk: first === undefined ? undefined : diskOf(core, vm, first.name),
    door: (network) => doorOf(core, there, network),
  };
}

function doorOf(
  core: WorldCore,
  { machine, run }: { readonly machine: Machine; readonly run: GuestRun },
  network: string | undefined,
): GuestDoor | undefined {
  const plane = core.network.planes.get(machine.name);
  const ports = plane === undefined ? [] : [...portsOf(plane, run.spec.id)].map(([, { config }]) => config);
  const port = ports.find(({ nic }) => nic === (network ?? nic));
  const [address] = port?.addresses ?? [];
  if (port === undefined || address === undefined || port.vlan.type !== 'Access') return undefined;
  return { nic: run.nics.nic(port.nic), mac: port.mac, address, vlan: port.vlan.id };
}

/** What can be seen of a VM: not what another goes on in the place of. */
export function runOf(core: WorldCore, vm: VmName): { machine: Machine; run: GuestRun } | undefined {
  const all = [...core.machines.values()].flatMap((machine) => [...machine.runs.values()].map((run) => ({ machine, run })));
  return all.find(({ run: { nics, spec } }) => !nics.mute && spec.vm.namespace === vm.namespace && spec.vm.name === vm.name);
}

/** A disk of what runs of a VM, as its guest has it. */
export function diskOf(core: WorldCore, vm: VmName, name: string): GuestDisk | undefined {
  const there = runOf(core, vm);
  const disk = there?.run.spec.disks.find((one) => one.name === name);
  if (there === undefined || disk === undefined) return undefined;
  const { datastore, volume } = disk.volume;
  return newGuestDisk(contentOf(core.contents, storeKeyOf(there.machine, datastore), volume), there.run.nics);
}
