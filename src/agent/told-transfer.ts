import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { bytes } from '../base/quantity.ts';
import { isMoved, type Finding } from './finding.ts';
import { movedTransfer, newTransfer, type Transfer } from './transfer.ts';

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
