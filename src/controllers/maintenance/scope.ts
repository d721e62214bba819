/** All that one look at a host depends on, read once. */
import { ready } from '../../api/common.ts';
import type { HostCluster } from '../../api/host-cluster.ts';
import { evacuatesAnnotation, type Host } from '../../api/host.ts';
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import type { VirtualMachineMigration } from '../../api/virtual-machine-migration.ts';
import type { HostFacts } from '../../domain/maintenance.ts';
import { isReleased } from '../../domain/instances.ts';
import type { Occupant } from '../../domain/maintenance-occupant.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { Cache } from '../../kube/types.ts';
import { findCondition } from '../../meta/conditions.ts';
import type { Node, Pod } from '../../meta/core.ts';
import { keyOf, type ObjectRef } from '../../meta/objects.ts';

export interface MaintenanceSources {
  readonly hosts: Cache<Host>;
  readonly nodes: Cache<Node>;
  readonly vms: Cache<VirtualMachine>;
  /** With the indexes `byNode` and `byName`. */
  readonly instances: Cache<VirtualMachineInstance>;
  /** With the indexes `byName`, by the key of the VM's name, and `byEvacuated`, by the host that they were made to empty. */
  readonly migrations: Cache<VirtualMachineMigration>;
  /** With the index `byNode`. */
  readonly guards: Cache<Pod>;
  readonly clusters: Cache<HostCluster>;
  readonly fleet: Pick<Fleet, 'answers' | 'shadowRefusal' | 'view'>;
}

/** The indexes that the caches of guards and migrations need. */
export const guardIndexes = {
  byNode: ({ spec }: Pod): readonly string[] => (spec?.nodeName === undefined ? [] : [spec.nodeName]),
};
export const evacuationIndexes = {
  byName: ({ metadata, spec }: VirtualMachineMigration): readonly string[] => [vmKeyOf({ metadata, spec })],
  byEvacuated: ({ metadata }: VirtualMachineMigration): readonly string[] => {
    const host = metadata.annotations?.[evacuatesAnnotation];
    return host === undefined ? [] : [host];
  },
};

export interface HostScope extends HostFacts {
  readonly name: string;
  /** Everything that is on the host, or is to be, that is a life of a VM. */
  readonly occupants: readonly Occupant[];
  /** Those that were made to empty it. */
  readonly ours: readonly VirtualMachineMigration[];
  /** Its agent answers, so that something can be asked of it. */
  readonly answers: boolean;
  /** Milliseconds since 1970, and of the clock that never jumps. */
  readonly now: number;
  readonly monotonic: number;
}

export function scopeOf(sources: MaintenanceSources, host: Host, clock: { now(): number; monotonic(): number }): HostScope {
  const { name } = host.metadata;
  const said = findCondition(host.status.conditions, ready);
  return {
    name,
    host,
    node: sources.nodes.get({ name }),
    guards: sources.guards.byIndex('byNode', name),
    occupants: occupantsOf(sources, name),
    ours: sources.migrations.byIndex('byEvacuated', name),
    answers: said !== undefined && said.status !== 'Unknown',
    now: clock.now(),
    monotonic: clock.monotonic(),
  };
}

function occupantsOf({ instances, vms, migrations }: MaintenanceSources, nodeName: string): Occupant[] {
  return instances
    .byIndex('byNode', nodeName)
    .filter((instance) => !isReleased(instance))
    .map((instance) => {
      const ref = vmRefOf(instance);
      const vm = vms.get(ref);
      const moves = migrations.byIndex('byName', keyOf(ref));
      return { instance, vm: vm?.metadata.uid === instance.spec.virtualMachineUID ? vm : undefined, moves };
    })
    .sort((a, b) => (keyOf(a.instance.metadata) < keyOf(b.instance.metadata) ? -1 : 1));
}

/** The VM that an instance or a migration is of. */
export function vmRefOf({ metadata, spec }: { metadata: { namespace?: string }; spec: { virtualMachine: string } }): Required<ObjectRef> {
  return { namespace: metadata.namespace ?? '', name: spec.virtualMachine };
}

function vmKeyOf(object: Pick<VirtualMachineMigration, 'metadata' | 'spec'>): string {
  return keyOf(vmRefOf(object));
}
