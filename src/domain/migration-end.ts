/** How a move is given up: unless it was handed over, the VM goes on at its source, and the source says so first. */
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { isGoing } from './instances.ts';
import type { FailReason, MigrationDecision, MigrationView } from './migration-decision.ts';
import { hasStopped, hasTakenOver } from './moving.ts';

/** Both ends of a move as they are now. */
export interface Ends {
  readonly source: VirtualMachineInstance | undefined;
  readonly target: VirtualMachineInstance | undefined;
  /** The target has the VM. */
  readonly hasArrived: boolean;
}

export function endsOf({ migration, vm, instances }: MigrationView): Ends {
  const named = (name: string | undefined) => instances.find(({ metadata }) => metadata.name === name);
  const target = named(migration.status.targetInstance);
  const hasArrived = vm !== undefined && target !== undefined && hasTakenOver({ vm, instances }, target);
  return { source: named(migration.status.sourceInstance), target, hasArrived };
}

/** It is being deleted. After the hand-over there is nothing to cancel; a host that does not answer is not waited for. */
export function cancel(view: MigrationView): MigrationDecision {
  const { source, target, hasArrived } = endsOf(view);
  if (source === undefined || isGoing(source) || hasArrived) return { do: 'release' };
  if (isSentFor(view, source)) return { do: 'recall', source, reason: cancelled, message: 'it is cancelled' };
  if (target === undefined || hasStopped(source, target) || !view.answers(source.spec.nodeName))
    return { do: 'release', staysOn: source.spec.nodeName };
  return stopping(view, source, cancelled);
}

const cancelled = 'Cancelled';

/** It comes to nothing, for `reason`, which is said before the source is told, so that it is known still when the source has stopped. */
export function giveUp(view: MigrationView, { source, target }: Ends, reason: FailReason, message: string): MigrationDecision {
  if (source === undefined || isGoing(source) || view.isFenced(source.spec.nodeName)) return { do: 'fail', reason, message };
  if (isSentFor(view, source)) return { do: 'recall', source, reason, message };
  if (target === undefined || hasStopped(source, target)) return { do: 'fail', reason, message };
  return stopping(view, source, reason, message);
}

function isSentFor({ migration }: MigrationView, { spec }: VirtualMachineInstance): boolean {
  return spec.moveTo?.instance === migration.status.targetInstance;
}

function stopping(view: MigrationView, source: VirtualMachineInstance, reason: FailReason, message?: string): MigrationDecision {
  const words = message ?? `waits until ${source.spec.nodeName} says that it sends no more`;
  return { do: 'follow', phase: view.migration.status.phase ?? 'Transferring', reason, message: words };
}
