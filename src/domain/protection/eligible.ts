/** Whether a VM can have a shadow: a chain of small checks, each with its reason. */
import type { FTPairSpec } from '../../api/ft-pair.ts';
import type { HostCluster } from '../../api/host-cluster.ts';
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { Why } from './view.ts';

interface Applicant {
  readonly spec: FTPairSpec;
  readonly vm: VirtualMachine;
  readonly cluster: HostCluster | undefined;
}

type Check = (applicant: Applicant) => Why | undefined;

/** What only a person can mend, first. */
const checks: readonly Check[] = [isGoing, isOff, hasTooManyProcessors, hasLocalDisks];

/** Why it cannot; undefined when it can. */
export function ineligible(applicant: Applicant): Why | undefined {
  for (const check of checks) {
    const why = check(applicant);
    if (why !== undefined) return why;
  }
  return undefined;
}

function isGoing({ vm }: Applicant): Why | undefined {
  if (vm.metadata.deletionTimestamp === undefined) return undefined;
  return { reason: 'VirtualMachineDeleting', message: 'the VM is being deleted' };
}

function isOff({ vm }: Applicant): Why | undefined {
  const { powerState } = vm.spec;
  if (powerState === 'PoweredOn') return undefined;
  const is = powerState === 'PoweredOff' ? 'off' : 'suspended';
  return { reason: 'PowerState', message: `the VM is to be ${is} (spec.powerState): only one that runs has a shadow` };
}

function hasTooManyProcessors({ spec, vm }: Applicant): Why | undefined {
  if (spec.mode !== 'Lockstep' || vm.spec.cpu.cores === 1) return undefined;
  const message = `spec.mode: Lockstep is for VMs of one processor, and this one has ${String(vm.spec.cpu.cores)}: use Checkpoint`;
  return { reason: 'OneProcessorOnly', message };
}

function hasLocalDisks({ vm, cluster }: Applicant): Why | undefined {
  const local = new Set(cluster?.spec.datastores?.flatMap(({ name, type }) => (type === 'Local' ? [name] : [])));
  const disk = vm.status.disks?.find(({ datastore, nodeName }) => nodeName !== undefined || local.has(datastore));
  if (disk === undefined) return undefined;
  return {
    reason: 'LocalDisks',
    message: `its disk ${disk.name} is on the local datastore ${disk.datastore}, which no other host can reach`,
  };
}
