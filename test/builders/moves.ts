/** Moves for tests, and what the instances of a VM that moves look like. */
import type { VirtualMachine } from '../../src/api/virtual-machine.ts';
import type { VirtualMachineInstance, VirtualMachineInstanceStatus } from '../../src/api/virtual-machine-instance.ts';
import { migrationFinalizer, type VirtualMachineMigration } from '../../src/api/virtual-machine-migration.ts';
import { anInstance, epoch, meta, type InstanceParts } from './objects.ts';

export interface MoveParts {
  readonly metadata?: Partial<VirtualMachineMigration['metadata']>;
  readonly spec?: Partial<VirtualMachineMigration['spec']>;
  readonly status?: Partial<VirtualMachineMigration['status']>;
}

/** The migration `go` of a VM, which nobody has looked at yet. */
export function aMoveOf(virtualMachine: string, { metadata, spec, status }: MoveParts = {}): VirtualMachineMigration {
  return {
    apiVersion: 'hypersphere.io/v1alpha1',
    kind: 'VirtualMachineMigration',
    metadata: meta('go', { namespace: 'shop', finalizers: [migrationFinalizer], ...metadata }),
    spec: { virtualMachine, mode: 'Auto', timeout: '30m', priority: 'User', ...spec },
    status: { observedGeneration: 1, conditions: [], ...status },
  };
}

/** The second life of `vm`, running, which takes over from its first by the migration `go`. */
export function anArrival(vm: VirtualMachine, nodeName: string, { spec, ...parts }: InstanceParts = {}): VirtualMachineInstance {
  const first = `${vm.metadata.name}-1`;
  const origin = { migration: 'go', instance: first, instanceUID: `uid-${first}`, since: epoch };
  return anInstance(vm, nodeName, { ...parts, spec: { incarnation: 2, origin, ...spec } });
}

type Transfer = NonNullable<VirtualMachineInstanceStatus['transfer']>;

export function transferTo(instanceUID: string, stage: Transfer['stage'], more: Partial<Transfer> = {}): Transfer {
  return { instanceUID, stage, percent: 1, remaining: '0', ...more };
}
