/** The second phase: VMs leave, a few at a time, and what nobody asks for any more is taken back. */
import { attemptAnnotation, evacuatesAnnotation, leavesAnnotation } from '../../api/host.ts';
import { VirtualMachine } from '../../api/virtual-machine.ts';
import { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { VirtualMachineMigration } from '../../api/virtual-machine-migration.ts';
import type { Clock } from '../../base/clock.ts';
import { nameSuffix } from '../../base/hash.ts';
import { asideAnnotation, isToLeave, isToStepAside, leaveAnnotation } from '../../domain/maintenance-mark.ts';
import { hasBegun, waitsForRoom, type Occupant, type Step } from '../../domain/maintenance-occupant.ts';
import { defaultCaps } from '../../domain/move-queue.ts';
import { isOver } from '../../domain/moving.ts';
import type { Client, Draft } from '../../kube/types.ts';
import { unlessGone } from '../../kube/unless-gone.ts';
import { keyOf } from '../../meta/objects.ts';
import { apiVersionOf } from '../../meta/resource.ts';
import { isApiError } from '../../meta/status.ts';
import type { OccupantFate } from './fates.ts';
import type { HostScope, MaintenanceSources } from './scope.ts';

/** How many VMs of one host leave at once, for each that it may move at once: those whose move waits its turn are there when a place is free. */
const abreast = 2;

/** How long a cache may take to show what was made, milliseconds. */
const unseenMs = 10_000;

export class Evacuation {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #clusters: MaintenanceSources['clusters'];
  /** When (monotonic) each move was made that the cache has not shown yet, by host. */
  readonly #made = new Map<string, Map<string, number>>();

  constructor({ client, clock, sources }: { readonly client: Client; readonly clock: Clock; readonly sources: MaintenanceSources }) {
    this.#client = client;
    this.#clock = clock;
    this.#clusters = sources.clusters;
  }

  /** @returns what becomes of each VM after what could be done for it now. */
  async carryOut(scope: HostScope, fates: readonly OccupantFate[]): Promise<OccupantFate[]> {
    let free = this.#atOnce(scope) - this.#underWay(scope, fates);
    const after: OccupantFate[] = [];
    for (const fate of fates) {
      const { step } = fate;
      if (!acts.has(step.do)) after.push(fate);
      else if (free <= 0) after.push({ ...fate, step: { do: 'queue' } });
      else {
        free--;
        if (step.do === 'migrate') await this.#migrate(scope, fate.occupant, step);
        else await this.#makeLeave(scope, fate.occupant, step.do === 'stepAside' ? asideAnnotation : leaveAnnotation);
        after.push(fate);
      }
    }
    return after;
  }

  /** Takes back what was asked for and has not begun: moves that wait, and marks on instances. */
  async takeBack({ name, ours, occupants }: HostScope, fates: readonly OccupantFate[]): Promise<void> {
    const asked = new Set(fates.filter((fate) => fate.asked).map((fate) => fate.occupant.instance.metadata.uid));
    for (const move of ours) {
      if (isOver(move) || hasBegun(move) || asked.has(move.metadata.annotations?.[leavesAnnotation] ?? '')) continue;
      await this.#cancel(move);
    }
    for (const { instance } of occupants) {
      const { annotations = {}, deletionTimestamp, uid } = instance.metadata;
      if (deletionTimestamp !== undefined || asked.has(uid)) continue;
      const ours = [leaveAnnotation, asideAnnotation].filter((mark) => annotations[mark] === name);
      if (ours.length > 0) await this.#mark(instance, ours, null);
    }
  }

  forget(host: string): void {
    this.#made.delete(host);
  }

  #atOnce({ occupants }: HostScope): number {
    const cluster = this.#clusters.get({ name: occupants[0]?.instance.spec.hostCluster ?? '' });
    return abreast * (cluster?.spec.limits?.migrations?.perHost ?? defaultCaps.perHost);
  }

  #underWay({ name, ours }: HostScope, fates: readonly OccupantFate[]): number {
    const made = this.#made.get(name) ?? new Map<string, number>();
    for (const [key, at] of made) {
      const isSeen = ours.some((move) => keyOf(move.metadata) === key);
      if (isSeen || at + unseenMs <= this.#clock.monotonic()) made.delete(key);
    }
    const moving = ours.filter((move) => !isOver(move) && waitsForRoom(move) === undefined).length;
    const isLeaving = ({ occupant: { instance }, step }: OccupantFate): boolean =>
      isToLeave(instance) || (isToStepAside(instance) && step.do === 'leave');
    return moving + made.size + fates.filter(isLeaving).length;
  }

  async #migrate(scope: HostScope, { instance, moves }: Occupant, { vm, attempt }: Migrate): Promise<void> {
    const draft = draftOf(scope.name, instance, vm, attempt);
    const made = this.#made.get(scope.name) ?? new Map<string, number>();
    const key = keyOf(draft.metadata);
    if (made.has(key)) return;
    for (const old of beyondLast(moves))
      await this.#client.delete(VirtualMachineMigration, old.metadata, { preconditions: preconditions(old) });
    this.#made.set(scope.name, made.set(key, this.#clock.monotonic()));
    try {
      await this.#client.create(VirtualMachineMigration, draft);
    } catch (error) {
      // Made by an earlier try whose answer was lost: the name is that of this very try.
      if (!isApiError(error, 'AlreadyExists')) made.delete(key);
      if (!isApiError(error, 'AlreadyExists', 'NotFound')) throw error;
    }
  }

  async #makeLeave({ name }: HostScope, { instance, moves }: Occupant, mark: string): Promise<void> {
    for (const move of moves) if (isOurs(move) && !isOver(move)) await this.#cancel(move);
    await this.#mark(instance, [mark], name);
  }

  async #cancel(move: VirtualMachineMigration): Promise<void> {
    const { uid, resourceVersion } = move.metadata;
    // Only as it was seen: it may have begun since.
    await unlessGone(this.#client.delete(VirtualMachineMigration, move.metadata, { preconditions: { uid, resourceVersion } }));
  }

  async #mark({ metadata }: VirtualMachineInstance, marks: readonly string[], host: string | null): Promise<void> {
    const { uid, resourceVersion } = metadata;
    const patch = { metadata: { uid, resourceVersion, annotations: Object.fromEntries(marks.map((mark) => [mark, host])) } };
    await unlessGone(this.#client.patch(VirtualMachineInstance, metadata, patch));
  }
}

/** What somebody has to be asked for. */
const acts: ReadonlySet<Step['do']> = new Set(['migrate', 'powerOff', 'stepAside']);

interface Migrate {
  readonly vm: VirtualMachine;
  readonly attempt: number;
}

function isOurs({ metadata }: VirtualMachineMigration): boolean {
  return metadata.annotations?.[leavesAnnotation] !== undefined;
}

function preconditions({ metadata: { uid } }: VirtualMachineMigration): { readonly uid: string } {
  return { uid };
}

/** Of ours that are over the last one stays, so that it can be read; those that people made are theirs. */
function beyondLast(moves: readonly VirtualMachineMigration[]): VirtualMachineMigration[] {
  const over = moves.filter((move) => isOurs(move) && isOver(move));
  return over.sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1)).slice(1);
}

/** Named by what is to leave and for the how manieth time, so that the same decision made twice makes one object; it goes with its VM. */
function draftOf(host: string, instance: VirtualMachineInstance, vm: VirtualMachine, attempt: number): Draft<VirtualMachineMigration> {
  const { name, namespace = '', uid } = vm.metadata;
  return {
    apiVersion: apiVersionOf(VirtualMachineMigration),
    kind: VirtualMachineMigration.kind,
    metadata: {
      name: `${name}-${nameSuffix(`${instance.metadata.uid}/leaves/${String(attempt)}`)}`,
      namespace,
      annotations: { [evacuatesAnnotation]: host, [leavesAnnotation]: instance.metadata.uid, [attemptAnnotation]: String(attempt) },
      ownerReferences: [{ apiVersion: apiVersionOf(VirtualMachine), kind: VirtualMachine.kind, name, uid }],
    },
    spec: { virtualMachine: name, mode: 'Auto', timeout: '30m', priority: 'System' },
  };
}
