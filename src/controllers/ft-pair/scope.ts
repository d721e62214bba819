/** All that one look at an FTPair depends on, read once. */
import type { FTPair } from '../../api/ft-pair.ts';
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { ProtectionView } from '../../domain/protection/view.ts';
import type { Fleet, Sources } from '../../fleet/fleet.ts';
import type { Ledger } from '../../fleet/ledger.ts';
import { keyOf, type ObjectRef } from '../../meta/objects.ts';

export interface Scope {
  readonly sources: Sources;
  readonly fleet: Fleet;
  readonly ledger: Ledger;
}

/** A pair has its VM's name, so what is said of one is found by the other's. */
export function viewOf({ sources, fleet, ledger }: Scope, ref: ObjectRef, now: number): ProtectionView {
  const pair = sources.pairs.get(ref);
  const vm = sources.vms.get(ref);
  return {
    pair,
    vm,
    instances: vm === undefined ? [] : sources.instances.byIndex('byVirtualMachine', vm.metadata.uid),
    moves: sources.migrations.byIndex('byName', keyOf(ref)),
    now,
    labels: (name) => sources.nodes.get({ name })?.metadata.labels,
    isAwaited: pair?.status.shadow !== undefined && ledger.awaits(shadowKey(pair)),
    cluster: (name) => sources.clusters.get({ name }),
    answers: (nodeName) => fleet.answers(nodeName),
    isFenced: (nodeName) => fleet.isFenced(nodeName),
    fullAround: (primary, cluster) => fleet.fullAt(primary.spec.nodeName, cluster, primary),
    place: (newcomer, cluster) => fleet.placeShadow(newcomer, cluster),
  };
}

/** The key of the shadow that a pair names. */
export function shadowKey({ metadata, status }: FTPair): string {
  return keyOf({ namespace: metadata.namespace ?? '', name: status.shadow?.instance ?? '' });
}

/** Whether anybody has to look at it: a pair is there, or what one has left. */
export function concerns({ sources }: Scope, vm: VirtualMachine): boolean {
  if (sources.pairs.get(vm.metadata) !== undefined) return true;
  return sources.instances.byIndex('byVirtualMachine', vm.metadata.uid).some(({ spec }) => spec.shadow !== undefined);
}
