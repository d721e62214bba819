/** Two instances of one VM while it moves: which of them has it, and what may become of the other. */
import { complete, failed } from '../api/common.ts';
import type { VirtualMachine } from '../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { VirtualMachineMigration } from '../api/virtual-machine-migration.ts';
import { nameSuffix } from '../base/hash.ts';
import { isTrue } from '../meta/conditions.ts';
import { isLive } from './instances.ts';

/** What a VM's instances are judged by. */
export interface Instances {
  readonly vm: Pick<VirtualMachine, 'metadata' | 'status'>;
  /** Every instance that belongs to this very VM (by uid). */
  readonly instances: readonly VirtualMachineInstance[];
}

/**
 * The name of the instance that a move makes: by the move and its target, so that a repetition makes the same one. The VM's other lives are named by
 * their number, with a shorter suffix.
 */
export function arrivalName({ metadata, spec }: VirtualMachineMigration, nodeName: string): string {
  return `${spec.virtualMachine}-${nameSuffix(`${metadata.uid}/${nodeName}`, 7)}`;
}

/** It has come to its end, well or not. */
export function isOver({ status }: VirtualMachineMigration): boolean {
  return isTrue(status.conditions, complete) || isTrue(status.conditions, failed);
}

/** Room was booked for it at its target, and it has not come to its end. */
export function isUnderWay(migration: VirtualMachineMigration): boolean {
  return migration.status.targetInstance !== undefined && !isOver(migration);
}

/** Whether `target` is to take over from `source`, by a move or by its death. */
export function takesOverFrom(target: VirtualMachineInstance, source: VirtualMachineInstance): boolean {
  const { origin, shadowOf } = target.spec;
  return (origin ?? shadowOf)?.instanceUID === source.metadata.uid;
}

/** The source says that the target has the VM, or had it. */
export function hasHandedOver(source: VirtualMachineInstance, target: VirtualMachineInstance): boolean {
  const { phase, transfer } = source.status;
  if (transfer?.instanceUID === target.metadata.uid && (transfer.stage === 'Arriving' || transfer.stage === 'Done')) return true;
  const { moveTo, shadow } = source.spec;
  return phase === 'Moved' && [moveTo?.instanceUID, shadow?.instanceUID].includes(target.metadata.uid);
}

/** The source can hand over no more: its agent says that it has stopped, or never began. */
export function hasStopped(source: VirtualMachineInstance, target: VirtualMachineInstance): boolean {
  const { transfer, observedGeneration } = source.status;
  const isOurs = transfer?.instanceUID === target.metadata.uid;
  if (isOurs && transfer.stage === 'Failed') return true;
  return !isOurs && source.spec.moveTo?.instanceUID !== target.metadata.uid && observedGeneration === source.metadata.generation;
}

/** The source is of no use to the target any more. */
export function isDoneWith(source: VirtualMachineInstance, target: VirtualMachineInstance): boolean {
  const { conditions, phase, transfer } = source.status;
  if (transfer?.instanceUID === target.metadata.uid && (transfer.stage === 'Done' || transfer.stage === 'Failed')) return true;
  if (phase === 'Moved' && transfer === undefined) return true;
  return conditions?.some(({ reason }) => reason === 'HeldElsewhere' || reason === 'HandedOver') === true;
}

const carrying: ReadonlySet<string> = new Set(['Starting', 'Running', 'Suspending', 'Suspended']);

/** Whether an instance that is to take over has done so: what it says itself, what its source says, or what was concluded from that before. */
export function hasTakenOver({ vm, instances }: Instances, target: VirtualMachineInstance): boolean {
  if (vm.status.instance === target.metadata.name || carrying.has(target.status.phase ?? '')) return true;
  const source = instances.find((instance) => takesOverFrom(target, instance));
  return source !== undefined && hasHandedOver(source, target);
}

/** It began by itself, not as another one's successor. */
function isOnItsOwn({ spec }: VirtualMachineInstance): boolean {
  return spec.origin === undefined && spec.shadowOf === undefined;
}

/** The one instance that carries the VM now: the one that the status names, or the one that has taken over from it; else the newest. */
export function currentInstance(view: Instances): VirtualMachineInstance | undefined {
  const carriers = view.instances.filter((instance) => isLive(instance) && (isOnItsOwn(instance) || hasTakenOver(view, instance)));
  const newestFirst = [...carriers].sort((a, b) => b.spec.incarnation - a.spec.incarnation);
  let current = carriers.find((instance) => instance.metadata.name === view.vm.status.instance) ?? newestFirst[0];
  for (let next = current; next !== undefined;) {
    current = next;
    const from: VirtualMachineInstance = next;
    next = carriers.find((instance) => instance !== from && takesOverFrom(instance, from));
  }
  return current;
}
