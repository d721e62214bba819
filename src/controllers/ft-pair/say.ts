import { protects, type FTPair } from '../../api/ft-pair.ts';
import type { EventRecorder } from '../../kube/types.ts';
import { findCondition } from '../../meta/conditions.ts';

/** Tells what is news of a pair. */
export function announce(events: EventRecorder, before: FTPair, after: FTPair): void {
  const { epoch = 1, lastFailover, primary } = after.status;
  if (lastFailover !== undefined && epoch > (before.status.epoch ?? 1)) {
    const gap = lastFailover.blackout === undefined ? '' : `, after ${lastFailover.blackout}`;
    events.event(after, 'Warning', 'FailedOver', `its shadow on ${primary?.nodeName ?? ''} is the VM now (${lastFailover.reason})${gap}`);
  }
  const [was, is] = [before, after].map(({ status }) => findCondition(status.conditions, protects));
  if (is === undefined || was?.status === is.status) return;
  if (is.status === 'True') events.event(after, 'Normal', 'Protected', is.message);
  else if (was?.status === 'True') events.event(after, 'Warning', 'Unprotected', `${is.reason}: ${is.message}`);
  else events.event(after, 'Normal', is.reason, is.message);
}
