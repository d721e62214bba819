/** The only writer of an instance's status: pure, from the guest as it is. */
import { ready } from '../api/common.ts';
import { guestAlive } from '../api/virtual-machine.ts';
import type { VirtualMachineInstance, VirtualMachineInstanceStatus } from '../api/virtual-machine-instance.ts';
import { rfc3339 } from '../base/time.ts';
import { setCondition, type ConditionInput } from '../meta/conditions.ts';
import type { Condition } from '../meta/objects.ts';
import type { Guest } from '../ports/guests.ts';

/** What the agent found out about an instance. */
export interface Finding {
  readonly guest: Guest | undefined;
  /** Why it is not as it should be, when something stood in the way. */
  readonly trouble?: { readonly reason: string; readonly message: string };
  /** Its disks to be removed are gone. */
  readonly released?: boolean;
}

type Phase = NonNullable<VirtualMachineInstanceStatus['phase']>;

export function statusOf(instance: VirtualMachineInstance, finding: Finding, now: number): VirtualMachineInstanceStatus {
  const generation = instance.metadata.generation ?? 0;
  let conditions: Condition[] = instance.status.conditions ?? [];
  for (const input of [readyOf(instance, finding), aliveOf(finding.guest)]) conditions = setCondition(conditions, input, generation, now);
  return {
    // What was refused has not been taken on: it is tried again.
    observedGeneration: finding.trouble === undefined ? generation : (instance.status.observedGeneration ?? -1),
    phase: phaseOf(instance, finding),
    ...(finding.guest?.state === 'Running' ? { startedAt: rfc3339(finding.guest.startedAt) } : {}),
    conditions,
  };
}

function phaseOf({ metadata, spec }: VirtualMachineInstance, { guest, released }: Finding): Phase {
  if (spec.powerState === 'Released') return released === true ? 'Released' : 'Pending';
  if (metadata.deletionTimestamp !== undefined) return guest === undefined ? 'Stopped' : 'Stopping';
  if (guest === undefined || guest.state === 'Stopped') return spec.powerState === 'Suspended' ? 'Stopped' : 'Pending';
  if (guest.state === 'Suspended') return 'Suspended';
  if (spec.powerState === 'Suspended') return 'Suspending';
  return guest.heartbeat === 'Booting' ? 'Starting' : 'Running';
}

function readyOf(instance: VirtualMachineInstance, { guest, trouble, released }: Finding): ConditionInput {
  if (trouble !== undefined) return no(trouble.reason, trouble.message);
  const { powerState } = instance.spec;
  if (powerState === 'Released')
    return released === true ? yes('Released', 'the disks to be removed are gone') : no('Releasing', 'removes disks');
  if (powerState === 'Suspended') return suspendedOf(guest);
  if (guest?.state !== 'Running') return no('Starting', 'its guest is not running yet');
  if (guest.heartbeat === 'Booting') return no('Booting', 'its guest boots');
  return yes('Running', 'its guest runs');
}

function suspendedOf(guest: Guest | undefined): ConditionInput {
  if (guest?.state === 'Suspended') return yes('Suspended', 'its memory is on disk');
  if (guest?.state === 'Running') return no('Suspending', 'writes its memory to disk');
  return no('MemoryLost', 'its guest was gone before its memory was written');
}

function aliveOf(guest: Guest | undefined): ConditionInput {
  const type = guestAlive;
  if (guest?.state !== 'Running') return { type, status: 'False', reason: 'NotRunning', message: 'no guest runs' };
  if (guest.heartbeat === 'Beating') return { type, status: 'True', reason: 'Heartbeat', message: 'its heartbeat is seen' };
  if (guest.heartbeat === 'Booting') return { type, status: 'False', reason: 'Booting', message: 'it has not shown a heartbeat yet' };
  return { type, status: 'False', reason: 'NoHeartbeat', message: 'its heartbeat has ceased' };
}

function yes(reason: string, message: string): ConditionInput {
  return { type: ready, status: 'True', reason, message };
}

function no(reason: string, message: string): ConditionInput {
  return { type: ready, status: 'False', reason, message };
}
