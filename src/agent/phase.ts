import type { VirtualMachineInstance, VirtualMachineInstanceStatus } from '../api/virtual-machine-instance.ts';
import type { Guest } from '../ports/guests.ts';
import { isMoved, type Finding } from './finding.ts';

type Phase = NonNullable<VirtualMachineInstanceStatus['phase']>;

/** The instance in a word. */
export function phaseOf(instance: VirtualMachineInstance, finding: Finding): Phase {
  const { metadata, spec } = instance;
  const { guest, released } = finding;
  if (spec.powerState === 'Released') return released === true ? 'Released' : 'Pending';
  if (isMoved(instance, finding)) return 'Moved';
  if (metadata.deletionTimestamp !== undefined) return guest === undefined ? 'Stopped' : 'Stopping';
  if (guest === undefined) return spec.powerState === 'Suspended' ? 'Stopped' : 'Pending';
  return guest.state === 'Running' ? running(instance, guest) : still(instance, guest.state);
}

function running({ spec }: VirtualMachineInstance, { heartbeat }: Guest): Phase {
  if (spec.powerState === 'Suspended') return 'Suspending';
  return heartbeat === 'Booting' ? 'Starting' : 'Running';
}

function still({ spec }: VirtualMachineInstance, state: Exclude<Guest['state'], 'Running'>): Phase {
  switch (state) {
    case 'Stopped':
      return spec.powerState === 'Suspended' ? 'Stopped' : 'Pending';
    case 'Incoming':
    case 'Received':
      return 'Incoming';
    case 'Shadow':
      return 'Shadow';
    // It holds the VM, for all that is known.
    case 'Paused':
      return 'Running';
    case 'Suspended':
    case 'Moved':
      return state;
  }
}
