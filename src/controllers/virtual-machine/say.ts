/** Says a decision: in the VM's status, and in an event where it is news. */
import { ready } from '../../api/common.ts';
import { VirtualMachine, type VirtualMachineStatus } from '../../api/virtual-machine.ts';
import type { VirtualMachineMigration } from '../../api/virtual-machine-migration.ts';
import type { Clock } from '../../base/clock.ts';
import { equal } from '../../base/equal.ts';
import type { Decision } from '../../domain/decision.ts';
import { isDeadByWord } from '../../domain/lost-storage.ts';
import { withoutCounts } from '../../domain/placement.ts';
import { Insistence } from '../../kube/insistence.ts';
import type { Client, EventRecorder } from '../../kube/types.ts';
import { findCondition } from '../../meta/conditions.ts';
import { keyOf } from '../../meta/objects.ts';

/** Why a VM waits, in words, may change by the second: it is written at most this often, milliseconds. */
const wordsEveryMs = 5_000;
/** What is over in a moment, as a rule: that a VM waits for it is said when it takes longer, milliseconds. */
const momentMs = 2_000;
const momentary: ReadonlySet<string> = new Set(['PortPending', 'StartPaced', 'SwitchNotReady']);

export class Voice {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #events: EventRecorder;
  /** When (monotonic) a status of each VM that waits was written last. */
  readonly #saidAt = new Map<string, number>();
  readonly #insistence: Insistence;
  /** Since when (monotonic) a VM waits for what is momentary, and nothing was said of it. */
  readonly #waitsSince = new Map<string, number>();
  /** The VMs that there was news of. */
  readonly #known = new Set<string>();

  constructor({ client, clock, events }: { readonly client: Client; readonly clock: Clock; readonly events: EventRecorder }) {
    this.#client = client;
    this.#clock = clock;
    this.#insistence = new Insistence(clock);
    this.#events = events;
  }

  /**
   * Milliseconds that `status` may wait before it is said: zero when more than words has changed, or they have waited. While a fleet grows, every VM that fits nowhere
   * would write for every host.
   */
  mayWait(vm: VirtualMachine, status: VirtualMachineStatus): number {
    const moment = this.#momentFor(vm, status);
    if (moment > 0) return moment;
    const contradicted = equal(vm.status, status) ? 0 : this.#insistence.waitMs(keyOf(vm.metadata), status);
    if (contradicted > 0) return contradicted;
    const saidAt = this.#saidAt.get(keyOf(vm.metadata));
    if (saidAt === undefined || equal(vm.status, status) || !equal(inShort(vm.status), inShort(status))) return 0;
    return Math.max(0, saidAt + wordsEveryMs - this.#clock.monotonic());
  }

  /** Milliseconds in which what is momentary may still be over. */
  #momentFor({ metadata }: VirtualMachine, status: VirtualMachineStatus): number {
    if (!momentary.has(findCondition(status.conditions, ready)?.reason ?? '')) return 0;
    const since = this.#waitsSince.get(keyOf(metadata)) ?? this.#clock.monotonic();
    this.#waitsSince.set(keyOf(metadata), since);
    return Math.max(0, since + momentMs - this.#clock.monotonic());
  }

  /** Writes `status` if it differs, on condition that `vm` is what is there, and tells of it. @param moves its migrations. @returns the VM as it is then. */
  async say(vm: VirtualMachine, status: VirtualMachineStatus, moves: readonly VirtualMachineMigration[]): Promise<VirtualMachine> {
    if (equal(vm.status, status)) return vm;
    this.#waitsSince.delete(keyOf(vm.metadata));
    const { resourceVersion, uid } = vm.metadata;
    const patch = { metadata: { resourceVersion, uid }, status: replacing(vm.status, status) };
    this.#saidAt.set(keyOf(vm.metadata), this.#clock.monotonic());
    const said = await this.#client.patch(VirtualMachine, vm.metadata, patch, { subresource: 'status' });
    this.#insistence.said(keyOf(vm.metadata), status);
    this.#announce(vm, said, moves);
    this.#tellOfReset(vm, said);
    return said;
  }

  #tellOfReset({ status: before }: VirtualMachine, after: VirtualMachine): void {
    if (after.status.lastGuestReset === undefined || after.status.lastGuestReset === before.lastGuestReset) return;
    this.#events.event(
      after,
      'Warning',
      'GuestReset',
      'its guest hung: no heartbeat, nothing sent, and no disk request done; it was reset',
    );
  }

  /** Why it starts anew, and where; and who it was to start after and does not. */
  tellOfStart(vm: VirtualMachine, { dead = [], spec, without = [] }: Decision & { readonly do: 'create' }): void {
    const hosts = [...new Set(dead.filter((one) => !isDeadByWord(one)).map((instance) => instance.spec.nodeName))].sort().join(', ');
    if (hosts !== '') this.#events.event(vm, 'Warning', 'HostDied', `${hosts} died: it starts anew on ${spec.nodeName}`);
    if (without.length > 0) {
      const words = `starts without ${without.join(', ')}, waited for long enough (spec.availability.startAfter)`;
      this.#events.event(vm, 'Warning', 'StartAfterTimedOut', words);
    }
  }

  /** The VM does not wait: what it says next is news. */
  waitsNoMore(key: string): void {
    this.#saidAt.delete(key);
  }

  /** The VM is gone. */
  forget(key: string): void {
    this.#saidAt.delete(key);
    this.#known.delete(key);
    this.#waitsSince.delete(key);
    this.#insistence.forget(key);
  }

  /** One event a change of heart: what the Ready condition now says, unless it is only a step on the way, or other figures. */
  #announce(before: VirtualMachine, after: VirtualMachine, moves: readonly VirtualMachineMigration[]): void {
    const said = findCondition(after.status.conditions, ready);
    const earlier = findCondition(before.status.conditions, ready);
    if (said === undefined || steps.has(said.reason)) return;
    if (said.reason === earlier?.reason && withoutCounts(said.message) === withoutCounts(earlier.message)) return;
    const key = keyOf(after.metadata);
    const moved = movedFrom(before, after);
    if (said.reason === earlier?.reason && moved !== undefined) {
      this.#tellWhere(before, after, { moves, moved });
      return;
    }
    // That a VM which was just made runs, with nothing in its way, is no news: its conditions say it, and since when.
    if (said.reason === 'Running' && after.status.incarnation === 1 && !this.#known.has(key)) return;
    this.#known.add(key);
    this.#events.event(
      after,
      said.status === 'True' ? 'Normal' : 'Warning',
      said.reason === 'Running' ? 'Started' : said.reason,
      said.message,
    );
  }

  #tellWhere(
    before: VirtualMachine,
    after: VirtualMachine,
    { moves, moved }: { readonly moves: readonly VirtualMachineMigration[]; readonly moved: string },
  ): void {
    const { instance, incarnation } = after.status;
    const move = moves.find(({ status }) => status.targetInstance === instance);
    // A life of another number that does not start goes on from what that one was: so do what was moved, and shadows.
    if (move === undefined && before.status.incarnation !== incarnation)
      this.#events.event(after, 'Warning', 'FailedOver', `its shadow goes on for it: ${moved}`);
    // Of housekeeping its migration tells, which stays beside the VM: an event of each would only double it.
    else if (move?.spec.priority !== 'System') this.#events.event(after, 'Normal', 'Migrated', moved);
  }
}

/** That it runs elsewhere, without having stopped. */
function movedFrom({ status: before }: VirtualMachine, { status: after }: VirtualMachine): string | undefined {
  if (before.nodeName === undefined || after.nodeName === undefined || before.nodeName === after.nodeName) return undefined;
  return `moved from ${before.nodeName} to ${after.nodeName}`;
}

const steps: ReadonlySet<string> = new Set([
  'Pending',
  'Starting',
  'Booting',
  'Stopping',
  'Suspending',
  'Updating',
  'Deleting',
  'Restarting',
  'RemovingDisks',
  'NamespaceDeleting',
  'PortPending',
  'StartPaced',
]);

/** A merge patch that also takes away the fields that `after` no longer has. */
function replacing(before: VirtualMachineStatus, after: VirtualMachineStatus): object {
  const gone = Object.keys(before).filter((field) => !(field in after));
  return { ...after, ...Object.fromEntries(gone.map((field) => [field, null])) };
}

/** Without the words for people. */
function inShort(status: VirtualMachineStatus): VirtualMachineStatus {
  const conditions = (status.conditions ?? []).map((condition) => ({ ...condition, message: '' }));
  return { ...status, conditions };
}
