/** All that one look at a move depends on, read once. */
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { VirtualMachineMigration } from '../../api/virtual-machine-migration.ts';
import type { MigrationView, Move } from '../../domain/migration-decision.ts';
import type { Mover } from '../../domain/move-queue.ts';
import type { Fleet, Sources } from '../../fleet/fleet.ts';
import type { Ledger } from '../../fleet/ledger.ts';
import type { MoveBook } from '../../fleet/move-book.ts';
import { keyOf, type ObjectRef } from '../../meta/objects.ts';

export interface Scope {
  readonly sources: Sources;
  readonly fleet: Fleet;
  readonly ledger: Ledger;
  readonly book: MoveBook;
}

/** The VM that it names. */
export function vmRefOf({ metadata, spec }: VirtualMachineMigration): ObjectRef & { readonly namespace: string } {
  return { namespace: metadata.namespace ?? '', name: spec.virtualMachine };
}

/** Its target's instance. */
export function targetRefOf({ metadata, status }: VirtualMachineMigration): ObjectRef & { readonly namespace: string } {
  return { namespace: metadata.namespace ?? '', name: status.targetInstance ?? '' };
}

export function moverOf({ metadata, spec }: VirtualMachineMigration, { source, nodeName }: Move): Mover {
  const { hostCluster, nodeName: from } = source.spec;
  const key = keyOf(metadata);
  return { key, priority: spec.priority, cluster: hostCluster, source: from, target: nodeName, since: metadata.creationTimestamp };
}

export function viewOf(
  { sources, fleet, ledger, book }: Scope,
  migration: VirtualMachineMigration,
  vm: VirtualMachine | undefined,
  now: number,
): MigrationView {
  const others = sources.migrations.byIndex('byName', keyOf(vmRefOf(migration)));
  const target = keyOf(targetRefOf(migration));
  return {
    migration,
    vm,
    instances: vm === undefined ? [] : sources.instances.byIndex('byVirtualMachine', vm.metadata.uid),
    others: others.filter(({ metadata }) => metadata.uid !== migration.metadata.uid),
    now,
    booking: bookingOf(ledger, target),
    cluster: (name) => sources.clusters.get({ name }),
    answers: (nodeName) => fleet.answers(nodeName),
    isFenced: (nodeName) => fleet.isFenced(nodeName),
    whereIs: (nodeName, cluster) => fleet.whereIs(nodeName, cluster),
    refusal: (newcomer, cluster, nodeName) => fleet.refusal(newcomer, cluster, nodeName),
    place: (newcomer, cluster) => fleet.placeMove(newcomer, cluster, (nodeName) => book.fullness(nodeName, cluster.metadata.name)),
    isItsTurn: (move) => book.isItsTurn(moverOf(migration, move)),
  };
}

function bookingOf(ledger: Ledger, instance: string): MigrationView['booking'] {
  if (!ledger.awaits(instance)) return 'None';
  return ledger.doubtfulSince(instance) === undefined ? 'Made' : 'InDoubt';
}
