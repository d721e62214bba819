/** Objects for tests: whole, valid, and different only where a test says so. */
import type { HostCluster } from '../../src/api/host-cluster.ts';
import type { Host } from '../../src/api/host.ts';
import {
  virtualMachineFinalizer,
  type VirtualMachine,
  type VirtualMachineSpec,
  type VirtualMachineStatus,
} from '../../src/api/virtual-machine.ts';
import type {
  VirtualMachineInstance,
  VirtualMachineInstanceSpec,
  VirtualMachineInstanceStatus,
} from '../../src/api/virtual-machine-instance.ts';
import type { Node } from '../../src/meta/core.ts';
import type { ObjectMeta } from '../../src/meta/objects.ts';

export const epoch = '2026-03-01T12:00:00Z';
const apiVersion = 'hypersphere.io/v1alpha1';

export function meta(name: string, more: Partial<ObjectMeta> = {}): ObjectMeta {
  return { name, uid: `uid-${name}`, resourceVersion: '1', generation: 1, creationTimestamp: epoch, ...more };
}

interface VmParts {
  readonly spec?: Partial<VirtualMachineSpec>;
  readonly status?: Partial<VirtualMachineStatus>;
  readonly metadata?: Partial<ObjectMeta>;
}

/** A VM of one core and 1 GiB in namespace `shop`, powered on, never run. */
export function aVm(name: string, { spec, status, metadata }: VmParts = {}): VirtualMachine {
  return {
    apiVersion,
    kind: 'VirtualMachine',
    metadata: meta(name, { namespace: 'shop', finalizers: [virtualMachineFinalizer], ...metadata }),
    spec: { powerState: 'PoweredOn', cpu: { cores: 1 }, memory: { size: '1Gi' }, ...spec },
    status: { observedGeneration: -1, conditions: [], ...status },
  };
}

export interface InstanceParts {
  readonly spec?: Partial<VirtualMachineInstanceSpec>;
  readonly status?: Partial<VirtualMachineInstanceStatus>;
  readonly metadata?: Partial<ObjectMeta>;
}

/** The first life of `vm` on `nodeName`, running. */
export function anInstance(vm: VirtualMachine, nodeName: string, { spec, status, metadata }: InstanceParts = {}): VirtualMachineInstance {
  const whole: VirtualMachineInstanceSpec = {
    virtualMachine: vm.metadata.name,
    virtualMachineUID: vm.metadata.uid,
    incarnation: 1,
    hostCluster: 'main',
    nodeName,
    powerState: 'PoweredOn',
    arbiter: { datastore: 'shared' },
    cpu: vm.spec.cpu,
    memory: vm.spec.memory,
    ...spec,
  };
  const ready = {
    type: 'Ready',
    status: 'True' as const,
    reason: 'Running',
    message: 'its guest runs',
    observedGeneration: 1,
    lastTransitionTime: epoch,
  };
  return {
    apiVersion,
    kind: 'VirtualMachineInstance',
    metadata: meta(`${vm.metadata.name}-${String(whole.incarnation)}`, { namespace: 'shop', ...metadata }),
    spec: whole,
    status: { observedGeneration: 1, phase: 'Running', conditions: [ready], ...status },
  };
}

/** A cluster of all hosts, with the datastores `shared` (the default) and `local`. */
export function aCluster(name = 'main', spec: Partial<HostCluster['spec']> = {}, metadata: Partial<ObjectMeta> = {}): HostCluster {
  return {
    apiVersion,
    kind: 'HostCluster',
    metadata: meta(name, metadata),
    spec: {
      hostSelector: {},
      datastores: [
        { name: 'shared', type: 'SharedDirectory', path: '/srv/hypersphere' },
        { name: 'local', type: 'Local', path: '/var/lib/hypersphere' },
      ],
      ...spec,
    },
    status: { observedGeneration: -1, conditions: [] },
  };
}

export function aNode(name: string, labels: Record<string, string> = {}, spec: NonNullable<Node['spec']> = {}): Node {
  return { apiVersion: 'v1', kind: 'Node', metadata: meta(name, { labels: { 'kubernetes.io/hostname': name, ...labels } }), spec };
}

/** A host of 16 cores and 64 GiB whose agent answers. */
export function aHost(name: string): Host {
  const ready = {
    type: 'Ready',
    status: 'True' as const,
    reason: 'AgentAnswers',
    message: '',
    observedGeneration: 1,
    lastTransitionTime: epoch,
  };
  const inventory = { capacity: { cores: 16, memory: '64Gi' }, agentVersion: '0', bootedAt: epoch };
  return { apiVersion, kind: 'Host', metadata: meta(name), spec: {}, status: { observedGeneration: 1, inventory, conditions: [ready] } };
}
