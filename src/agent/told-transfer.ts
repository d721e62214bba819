import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { bytes } from '../base/quantity.ts';
import { isMoved, type Finding } from './finding.ts';
import { movedTransfer, newTransfer, type Transfer } from './transfer.ts';

/** How long a guest may be on its way, and stand still for that, before anybody is told, milliseconds: most have arrived by then. */
const copyingUnsaidMs = 5_000;
const standingUnsaidMs = 1_000;

/** Milliseconds until it must be said how an instance is: zero, but for what will be over in a moment. @param now monotonic. */
export function unsaidFor({ status }: VirtualMachineInstance, { sending, trouble }: Finding, now: number): number {
  if (sending?.isUnderWay !== true || sending.standing !== undefined || trouble !== undefined) return 0;
  const { stage, instanceUID } = sending.transfer;
  if (stage === 'SwitchingOver') return Math.max(0, sending.since + standingUnsaidMs - now);
  const isSaid = status.transfer?.instanceUID === instanceUID;
  return stage === 'Copying' && !isSaid ? Math.max(0, sending.since + copyingUnsaidMs - now) : 0;
}

/** What is said of the transfer of the instance's guest: by who sends it, or what was said last, as long as it is what is asked for, or has happened. */
export function toldTransfer(instance: VirtualMachineInstance, finding: Finding): Transfer | undefined {
  const { moveTo } = instance.spec;
  const isOver = isMoved(instance, finding);
  if (finding.sending !== undefined && (isOver || finding.sending.moveTo.instanceUID === moveTo?.instanceUID))
    return finding.guest === undefined && isOver ? movedTransfer(finding.sending.transfer, true) : finding.sending.transfer;
  const said = instance.status.transfer;
  if (!isOver) return said?.instanceUID === moveTo?.instanceUID ? said : undefined;
  const before = said ?? (moveTo === undefined ? undefined : newTransfer(moveTo, bytes(String(instance.spec.memory.size))));
  return before === undefined ? undefined : movedTransfer(before, finding.guest === undefined);
}
