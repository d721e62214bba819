/** Says a decision: in the migration's status, and in events of it and its VM where it is news. */
import { ready } from '../../api/common.ts';
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import { VirtualMachineMigration, type VirtualMachineMigrationStatus } from '../../api/virtual-machine-migration.ts';
import type { Clock } from '../../base/clock.ts';
import { equal } from '../../base/equal.ts';
import { parseTime } from '../../base/time.ts';
import { Insistence } from '../../kube/insistence.ts';
import type { Client, EventRecorder } from '../../kube/types.ts';
import { findCondition } from '../../meta/conditions.ts';
import { keyOf } from '../../meta/objects.ts';

/** Progress, and why one waits in words, may change by the second: they are written at most this often, milliseconds. */
const wordsEveryMs = 5_000;

export class Voice {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #events: EventRecorder;
  /** When (monotonic) each status was written last. */
  readonly #saidAt = new Map<string, number>();
  readonly #insistence: Insistence;

  constructor({ client, clock, events }: { readonly client: Client; readonly clock: Clock; readonly events: EventRecorder }) {
    this.#client = client;
    this.#clock = clock;
    this.#events = events;
    this.#insistence = new Insistence(clock);
  }

  /** Milliseconds that `status` may wait before it is said: zero when more than words and figures has changed, or they have waited. */
  mayWait({ metadata, spec, status: before }: VirtualMachineMigration, status: VirtualMachineMigrationStatus): number {
    if (equal(before, status)) return 0;
    // Nobody stands beside housekeeping to hear that its turn comes in a moment.
    const queued = spec.priority === 'System' && before.phase === undefined && findCondition(status.conditions, ready)?.reason === 'Queued';
    const unsaid = queued ? (parseTime(metadata.creationTimestamp) ?? 0) + wordsEveryMs - this.#clock.now() : 0;
    if (unsaid > 0) return Math.min(unsaid, wordsEveryMs);
    const contradicted = this.#insistence.waitMs(keyOf(metadata), status);
    if (contradicted > 0) return contradicted;
    const saidAt = this.#saidAt.get(keyOf(metadata));
    if (saidAt === undefined || !equal(inShort(before), inShort(status))) return 0;
    return Math.max(0, saidAt + wordsEveryMs - this.#clock.monotonic());
  }

  /** Writes `status` if it differs, on condition that `migration` is what is there, and tells of it. @returns the migration as it is then. */
  async say(
    migration: VirtualMachineMigration,
    status: VirtualMachineMigrationStatus,
    vm?: VirtualMachine,
  ): Promise<VirtualMachineMigration> {
    if (equal(migration.status, status)) return migration;
    const { resourceVersion, uid } = migration.metadata;
    const patch = { metadata: { resourceVersion, uid }, status: replacing(migration.status, status) };
    const key = keyOf(migration.metadata);
    this.#saidAt.set(key, this.#clock.monotonic());
    const said = await this.#client.patch(VirtualMachineMigration, migration.metadata, patch, { subresource: 'status' });
    this.#insistence.said(key, status);
    this.#announce(migration, said, vm);
    return said;
  }

  /** It was deleted while it was under way. Of housekeeping those know who ended it. */
  tellOfCancel({ metadata, spec }: VirtualMachineMigration, vm: VirtualMachine | undefined, staysOn: string): void {
    if (vm === undefined || spec.priority !== 'User') return;
    const words = `VM ${spec.virtualMachine} stays on ${staysOn}: VirtualMachineMigration ${metadata.name} was deleted`;
    this.#events.event(vm, 'Normal', 'MigrationCancelled', words);
  }

  /** The migration is gone. */
  forget(key: string): void {
    this.#saidAt.delete(key);
    this.#insistence.forget(key);
  }

  #announce({ status: before }: VirtualMachineMigration, after: VirtualMachineMigration, vm: VirtualMachine | undefined): void {
    const { phase, source = '', target = '' } = after.status;
    if (phase === before.phase) return;
    const said = findCondition(after.status.conditions, ready);
    const isAsked = after.spec.priority === 'User';
    const name = after.spec.virtualMachine;
    if (phase === 'Preparing' && isAsked) this.#tell(after, vm, 'Normal', 'Migrating', `VM ${name} is to move from ${source} to ${target}`);
    // Of the VM its own controller says so, when it sees it there.
    if (phase === 'Succeeded' && isAsked) this.#events.event(after, 'Normal', 'Migrated', `VM ${name} moved from ${source} to ${target}`);
    if (phase === 'Failed')
      this.#tell(after, vm, 'Warning', 'MigrationFailed', `VM ${name} was not moved: ${said?.reason ?? ''}: ${said?.message ?? ''}`);
  }

  #tell(
    migration: VirtualMachineMigration,
    vm: VirtualMachine | undefined,
    type: 'Normal' | 'Warning',
    reason: string,
    note: string,
  ): void {
    this.#events.event(migration, type, reason, note.slice(0, 1024));
    if (vm !== undefined) this.#events.event(vm, type, reason, note.slice(0, 1024));
  }
}

/** A merge patch that also takes away what `after` no longer has. */
function replacing(before: VirtualMachineMigrationStatus, after: VirtualMachineMigrationStatus): object {
  const isEstimateGone = before.progress?.estimated !== undefined && after.progress !== undefined && after.progress.estimated === undefined;
  return isEstimateGone ? { ...after, progress: { ...after.progress, estimated: null } } : after;
}

const goingOn: ReadonlySet<string> = new Set(['Preparing', 'Transferring', 'SwitchingOver', 'Arriving']);

/** Without the words for people, figures, and how far one has come that goes on. */
function inShort(status: VirtualMachineMigrationStatus): VirtualMachineMigrationStatus {
  const { phase = 'Pending' } = status;
  if (goingOn.has(phase) && findCondition(status.conditions, ready)?.reason === phase) {
    const same = { ...status, phase: 'Transferring' as const, conditions: [] };
    delete same.progress;
    return same;
  }
  const conditions = (status.conditions ?? []).map((condition) => ({ ...condition, message: '' }));
  const short = { ...status, conditions };
  delete short.progress;
  return short;
}
