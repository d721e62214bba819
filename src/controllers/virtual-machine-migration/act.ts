/** Carries out what was decided of a move. Each act may be repeated, and each is conditional on what the decision saw. */
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import { VirtualMachineInstance, type VirtualMachineInstanceSpec } from '../../api/virtual-machine-instance.ts';
import { migrationFinalizer, VirtualMachineMigration } from '../../api/virtual-machine-migration.ts';
import type { Clock } from '../../base/clock.ts';
import type { MigrationDecision, Move } from '../../domain/migration-decision.ts';
import { instanceDraft, isRefusal, type InstanceDraft } from '../../fleet/draft.ts';
import type { Ledger } from '../../fleet/ledger.ts';
import type { MoveBook } from '../../fleet/move-book.ts';
import { recall } from '../../fleet/recall.ts';
import type { Cache, Client } from '../../kube/types.ts';
import { keyOf } from '../../meta/objects.ts';
import { isApiError } from '../../meta/status.ts';
import { moverOf, targetRefOf } from './scope.ts';

interface ActsContext {
  readonly client: Client;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly book: MoveBook;
  readonly sources: { readonly migrations: Pick<Cache<VirtualMachineMigration>, 'list'> };
}

/** A request whose answer was lost may still arrive for so long, milliseconds. */
const arrivalMs = 5_000;

export class Acts {
  readonly #context: ActsContext;
  /** The target's instance for which each migration has booked room. */
  readonly #booked = new Map<string, string>();

  constructor(context: ActsContext) {
    this.#context = context;
    // What whoever led before has booked is its to leave as well.
    for (const migration of context.sources.migrations.list()) {
      const target = keyOf(targetRefOf(migration));
      if (context.ledger.awaits(target)) this.#booked.set(keyOf(migration.metadata), target);
    }
  }

  /** Room and slots that were decided on count from the same instant, so that the next decision sees them. */
  assume(migration: VirtualMachineMigration, vm: VirtualMachine, decision: MigrationDecision): void {
    const { ledger, book } = this.#context;
    if (decision.do !== 'admit' && decision.do !== 'prepare') return;
    const { metadata, spec } = draftOf(migration, vm, decision.move);
    ledger.assume({ metadata: { ...vm.metadata, ...metadata }, spec, status: {} });
    this.#booked.set(keyOf(migration.metadata), keyOf({ namespace: metadata.namespace ?? '', name: metadata.name }));
    if (decision.do === 'admit') book.begin(moverOf(migration, decision.move));
  }

  /** What `decision` booked does not come about: nothing of it was sent. */
  takeBack(migration: VirtualMachineMigration, decision: MigrationDecision): void {
    const { ledger, book } = this.#context;
    if (decision.do !== 'admit' && decision.do !== 'prepare') return;
    const key = keyOf({ namespace: migration.metadata.namespace ?? '', name: decision.move.targetInstance });
    // One that an earlier try has made counts until the cache shows it, or what became of it.
    if (!ledger.isAccepted(key)) ledger.forget(key);
    if (decision.do === 'admit') book.withdraw(keyOf(migration.metadata));
  }

  /** The migration is gone: nobody asks any more what became of what it booked. @returns milliseconds until that is free; zero when there is nothing left to do. */
  leave(migration: string): number {
    const { ledger, clock } = this.#context;
    const instance = this.#booked.get(migration) ?? '';
    const since = ledger.doubtfulSince(instance);
    const wait = since === undefined ? 0 : Math.max(0, since + arrivalMs - clock.monotonic());
    if (wait > 0) return wait;
    if (since !== undefined) ledger.forget(instance);
    this.#booked.delete(migration);
    return 0;
  }

  /** @param migration as it is after the decision was written into its status. */
  async carryOut(migration: VirtualMachineMigration, vm: VirtualMachine | undefined, decision: MigrationDecision): Promise<void> {
    const { client } = this.#context;
    switch (decision.do) {
      case 'keep':
        return this.#finalize(migration, [...(migration.metadata.finalizers ?? []), migrationFinalizer]);
      case 'release':
        return this.#finalize(
          migration,
          (migration.metadata.finalizers ?? []).filter((finalizer) => finalizer !== migrationFinalizer),
        );
      case 'admit':
      case 'prepare':
        return vm === undefined ? undefined : this.#prepare(migration, vm, decision.move);
      case 'send':
        return this.#send(migration, decision);
      case 'recall':
        return recall(client, decision.source);
      default:
        return undefined;
    }
  }

  /** Only a refusal takes back what was booked: without an answer it may have been done, or be done yet. */
  async #prepare(migration: VirtualMachineMigration, vm: VirtualMachine, move: Move): Promise<void> {
    const { client, ledger, clock } = this.#context;
    const draft = draftOf(migration, vm, move);
    const key = keyOf({ namespace: draft.metadata.namespace ?? '', name: draft.metadata.name });
    try {
      await client.create(VirtualMachineInstance, draft);
      ledger.accept(key);
    } catch (error) {
      // Made by an earlier try whose answer was lost: the name is that of this very decision.
      if (isApiError(error, 'AlreadyExists')) return;
      if (isRefusal(error)) ledger.forget(key);
      else ledger.doubt(key, clock.monotonic());
      throw error;
    }
  }

  async #send(
    { metadata, spec }: VirtualMachineMigration,
    { source, target, endpoint }: MigrationDecision & { do: 'send' },
  ): Promise<void> {
    const moveTo = {
      migration: metadata.name,
      instance: target.metadata.name,
      instanceUID: target.metadata.uid,
      nodeName: target.spec.nodeName,
      endpoint,
      mode: spec.mode,
      bandwidth: spec.bandwidth ?? null,
    };
    const { resourceVersion, uid } = source.metadata;
    await this.#context.client.patch(VirtualMachineInstance, source.metadata, { metadata: { resourceVersion, uid }, spec: { moveTo } });
  }

  async #finalize({ metadata }: VirtualMachineMigration, finalizers: string[]): Promise<void> {
    const { resourceVersion, uid } = metadata;
    await this.#context.client.patch(VirtualMachineMigration, metadata, { metadata: { resourceVersion, uid, finalizers } });
  }
}

/** The life that goes on at the target: as it is at the source, of the next number. */
function draftOf({ metadata }: VirtualMachineMigration, vm: VirtualMachine, { source, nodeName, targetInstance }: Move): InstanceDraft {
  const spec: VirtualMachineInstanceSpec = {
    ...source.spec,
    incarnation: Math.max(source.spec.incarnation, vm.status.incarnation ?? 0) + 1,
    nodeName,
    origin: {
      migration: metadata.name,
      instance: source.metadata.name,
      instanceUID: source.metadata.uid,
      since: (source.spec.origin ?? source.spec.shadowOf)?.since ?? source.metadata.creationTimestamp,
    },
  };
  delete spec.moveTo;
  delete spec.shadowOf;
  return instanceDraft(vm, targetInstance, spec);
}
