/** What an instance's status says of the transfer of its guest: pure. */
import type { VirtualMachineInstanceSpec, VirtualMachineInstanceStatus } from '../api/virtual-machine-instance.ts';
import { formatBytes } from '../base/quantity.ts';
import { formatDuration } from '../base/time.ts';
import type { MoveProgress } from '../ports/moves.ts';
import type { Reason } from './trouble.ts';

export type Transfer = NonNullable<VirtualMachineInstanceStatus['transfer']>;
export type MoveTo = NonNullable<VirtualMachineInstanceSpec['moveTo']>;

const step = 2 ** 20;

/** A transfer that has not sent anything yet. */
export function newTransfer({ instanceUID }: MoveTo, memoryBytes: number): Transfer {
  return { instanceUID, stage: 'Copying', percent: 0, remaining: rounded(memoryBytes) };
}

export function transferAt({ instanceUID }: MoveTo, progress: MoveProgress): Transfer {
  const { stage, sentBytes, remainingBytes, estimatedMs, downtimeMs, postCopy } = progress;
  const total = sentBytes + remainingBytes;
  return {
    instanceUID,
    stage,
    percent: total === 0 || stage === 'Done' ? 100 : Math.floor((100 * sentBytes) / total),
    remaining: stage === 'Done' ? '0' : rounded(remainingBytes),
    ...(estimatedMs === undefined || stage === 'Done' ? {} : { estimated: formatDuration(Math.ceil(estimatedMs / 1000) * 1000) }),
    ...(postCopy ? { postCopy } : {}),
    ...(downtimeMs === undefined ? {} : { downtime: formatDuration(Math.ceil(downtimeMs)) }),
  };
}

export function failedTransfer(before: Transfer, { reason, message }: Reason): Transfer {
  return { ...withoutEstimate(before), stage: 'Failed', reason, message: message.slice(0, 1024) };
}

/** A transfer of which nothing is heard, while its guest waits here until it is not needed any more; or, `isForgotten`, when it was not. */
export function movedTransfer(before: Transfer, isForgotten: boolean): Transfer {
  if (before.stage === 'Failed' || before.stage === 'Done') return before;
  if (!isForgotten) return { ...withoutEstimate(before), stage: 'Arriving' };
  return { ...withoutEstimate(before), stage: 'Done', percent: 100, remaining: '0' };
}

function withoutEstimate(transfer: Transfer): Transfer {
  const rest = { ...transfer };
  delete rest.estimated;
  return rest;
}

/** In whole MiB, and not zero before it is. */
function rounded(count: number): string {
  return formatBytes(Math.ceil(count / step) * step);
}
