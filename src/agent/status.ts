/** The only writer of an instance's status: pure, from the guest as it is. */
import { ready } from '../api/common.ts';
import { guestAlive } from '../api/virtual-machine.ts';
import type { VirtualMachineInstance, VirtualMachineInstanceStatus } from '../api/virtual-machine-instance.ts';
import { rfc3339 } from '../base/time.ts';
import { isSpent } from '../domain/guest-monitoring.ts';
import { setCondition, type ConditionInput } from '../meta/conditions.ts';
import type { Condition } from '../meta/objects.ts';
import type { Guest } from '../ports/guests.ts';
import { isMoved, type Finding } from './finding.ts';
import { phaseOf } from './phase.ts';
import { toldProtection } from './protection/told.ts';
import { toldTransfer } from './told-transfer.ts';

export function statusOf(instance: VirtualMachineInstance, finding: Finding, now: number): VirtualMachineInstanceStatus {
  const generation = instance.metadata.generation ?? 0;
  const { guest } = finding;
  let conditions: Condition[] = instance.status.conditions ?? [];
  for (const input of [readyOf(instance, finding), aliveOf(guest, instance, now)])
    conditions = setCondition(conditions, input, generation, now);
  const transfer = toldTransfer(instance, finding);
  const protection = toldProtection(instance, finding);
  const endpoint = finding.endpoint ?? (isIn(guest, 'Incoming', 'Received', 'Shadow') ? instance.status.endpoint : undefined);
  return {
    observedGeneration: isTakenOn(instance, finding) ? generation : (instance.status.observedGeneration ?? -1),
    phase: phaseOf(instance, finding),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(transfer === undefined ? {} : { transfer }),
    ...(protection === undefined ? {} : { protection }),
    ...(guest !== undefined && isIn(guest, 'Running', 'Paused') ? { startedAt: rfc3339(guest.startedAt) } : {}),
    ...(instance.status.resets === undefined ? {} : { resets: instance.status.resets }),
    // What was counted is said once, as its guest ends.
    ...(instance.status.networks === undefined ? {} : { networks: instance.status.networks }),
    conditions,
  };
}

/** What was refused has not been: it is tried again. Nor has that its guest is to stay, while it may be handed over yet. */
function isTakenOn({ spec }: VirtualMachineInstance, { sending, trouble }: Finding): boolean {
  return trouble === undefined && (sending?.isUnderWay !== true || sending.moveTo.instanceUID === spec.moveTo?.instanceUID);
}

function isIn(guest: Guest | undefined, ...states: readonly Guest['state'][]): boolean {
  return guest !== undefined && states.includes(guest.state);
}

function readyOf(instance: VirtualMachineInstance, finding: Finding): ConditionInput {
  const { guest, released } = finding;
  const trouble = finding.trouble ?? finding.sending?.standing;
  if (trouble !== undefined) return no(trouble.reason, trouble.message);
  const moving = isMoved(instance, finding) ? no('Moved', 'its guest went on as that of another instance') : movingOf(guest);
  if (moving !== undefined) return moving;
  const { powerState } = instance.spec;
  if (powerState === 'Released')
    return released === true ? yes('Released', 'the disks to be removed are gone') : no('Releasing', 'removes disks');
  if (powerState === 'Suspended') return suspendedOf(guest);
  if (guest?.state !== 'Running') return no('Starting', 'its guest is not running yet');
  if (guest.heartbeat === 'Booting') return no('Booting', 'its guest boots');
  return yes('Running', 'its guest runs');
}

function movingOf(guest: Guest | undefined): ConditionInput | undefined {
  switch (guest?.state) {
    case 'Incoming':
      return no('Incoming', "waits for its guest's memory");
    case 'Received':
      return no('Received', 'its guest is complete, and waits until the VM is handed over to it');
    case 'Shadow':
      return no('Shadow', 'its guest stands by for the one that runs');
    case 'Paused':
      return no('SwitchingOver', 'its guest stands still while it changes hands');
    default:
      return undefined;
  }
}

function suspendedOf(guest: Guest | undefined): ConditionInput {
  if (guest?.state === 'Suspended') return yes('Suspended', 'its memory is on disk');
  if (guest?.state === 'Running') return no('Suspending', 'writes its memory to disk');
  return no('MemoryLost', 'its guest was gone before its memory was written');
}

function aliveOf(guest: Guest | undefined, { spec, status }: VirtualMachineInstance, now: number): ConditionInput {
  const type = guestAlive;
  if (guest?.state !== 'Running') return { type, status: 'False', reason: 'NotRunning', message: 'no guest runs' };
  if (guest.heartbeat === 'Beating') return { type, status: 'True', reason: 'Heartbeat', message: 'its heartbeat is seen' };
  if (guest.heartbeat === 'Booting') return { type, status: 'False', reason: 'Booting', message: 'it has not shown a heartbeat yet' };
  const monitoring = spec.guestMonitoring;
  if (monitoring !== undefined && isSpent(monitoring, status.resets ?? [], now)) {
    const { maxResets, resetWindow } = monitoring;
    const often = `it was reset ${String(maxResets)} times within ${resetWindow}, and is left as it is until that is longer ago`;
    return { type, status: 'False', reason: 'ResetLimit', message: `its heartbeat has ceased: ${often}` };
  }
  return { type, status: 'False', reason: 'NoHeartbeat', message: 'its heartbeat has ceased' };
}

function yes(reason: string, message: string): ConditionInput {
  return { type: ready, status: 'True', reason, message };
}

function no(reason: string, message: string): ConditionInput {
  return { type: ready, status: 'False', reason, message };
}
