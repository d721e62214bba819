/** What an instance is made of, and its name. */
import type { Baseline } from '../api/cpu.ts';
import { nameSuffix } from '../base/hash.ts';
import type { HostCluster } from '../api/host-cluster.ts';
import type { VirtualMachine } from '../api/virtual-machine.ts';
import type { InstanceNetwork, VirtualMachineInstance, VirtualMachineInstanceSpec } from '../api/virtual-machine-instance.ts';
import { guestMonitoringOf } from './guest-monitoring.ts';
import { responsesOf } from './responses.ts';
import { arbiterOf, type ResolvedDisk } from './newcomer.ts';

export interface InstancePlan {
  readonly vm: VirtualMachine;
  readonly cluster: HostCluster;
  readonly nodeName: string;
  readonly disks: readonly ResolvedDisk[];
  /** The CPU features that it sees; absent: those of its host. */
  readonly baseline?: Baseline | undefined;
  /** NICs that have their ports. */
  readonly networks?: readonly InstanceNetwork[] | undefined;
}

/** The first words of a life that begins. */
export function instanceSpec({ vm, cluster, nodeName, disks, baseline, networks = [] }: InstancePlan): VirtualMachineInstanceSpec {
  const responses = responsesOf(vm, cluster);
  const guestMonitoring = guestMonitoringOf(vm);
  return {
    virtualMachine: vm.metadata.name,
    virtualMachineUID: vm.metadata.uid,
    incarnation: (vm.status.incarnation ?? 0) + 1,
    hostCluster: cluster.metadata.name,
    nodeName,
    powerState: 'PoweredOn',
    arbiter: arbiterOf(vm, disks),
    cpu: { ...vm.spec.cpu, ...(baseline === undefined ? {} : { baseline }) },
    memory: { ...vm.spec.memory },
    ...(disks.length === 0
      ? {}
      : { disks: disks.map(({ disk, datastore }) => ({ name: disk.name, datastore: datastore.name, size: disk.size })) }),
    ...(networks.length === 0 ? {} : { networks: [...networks] }),
    ...(Object.keys(responses).length === 0 ? {} : { responses }),
    ...(guestMonitoring === undefined ? {} : { guestMonitoring }),
  };
}

/** A life that goes on from the memory of `sleeper`: what that memory knows of stays as it was then. */
export function wakingAs(spec: VirtualMachineInstanceSpec, sleeper: Pick<VirtualMachineInstance, 'spec'>): VirtualMachineInstanceSpec {
  const { cpu, memory, disks, networks = [] } = sleeper.spec;
  const nics = new Set(networks.map(({ name }) => name));
  const kept = (spec.networks ?? []).filter(({ name }) => nics.has(name));
  const fields = Object.entries(spec).filter(([field]) => field !== 'disks' && field !== 'networks');
  const rest = Object.fromEntries(fields) as Omit<VirtualMachineInstanceSpec, 'disks' | 'networks'>;
  return {
    ...rest,
    cpu: { ...cpu },
    memory: { ...memory },
    ...(disks === undefined ? {} : { disks }),
    ...(kept.length === 0 ? {} : { networks: kept }),
    wakes: true,
  };
}

/** Named by what it is, so that the same decision made twice makes one object. */
export function instanceName(vm: Pick<VirtualMachine, 'metadata'>, incarnation: number): string {
  return `${vm.metadata.name}-${nameSuffix(`${vm.metadata.uid}/${String(incarnation)}`)}`;
}
