import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { Guest } from '../ports/guests.ts';
import type { Sending } from './sending.ts';
import type { ToldProtection } from './protection/told.ts';
import type { Reason } from './trouble.ts';

/** What the agent found out about an instance. */
export interface Finding {
  readonly guest: Guest | undefined;
  /** Why it is not as it should be, when something stood in the way. */
  readonly trouble?: Reason;
  /** Its disks to be removed are gone. */
  readonly released?: boolean;
  /** Where memory for its guest may be sent. */
  readonly endpoint?: string;
  /** The transfer of its guest, as far as this agent knows of one. */
  readonly sending?: Pick<Sending, 'isUnderWay' | 'moveTo' | 'since' | 'standing' | 'transfer'>;
  /** How it stands with its shadow, or with the one that it stands by for. */
  readonly protection?: ToldProtection;
  /** The instance that its guest was to go to holds the VM. */
  readonly isMoved?: boolean;
  /** Milliseconds until it is looked at again. */
  readonly again?: number;
}

/** What a step towards what it should be brought. */
export type Step = Omit<Finding, 'guest' | 'sending'>;

/** Once said, it stays so: the life of the VM is another instance's. */
export function isMoved({ status }: VirtualMachineInstance, finding: Finding): boolean {
  return finding.isMoved === true || finding.guest?.state === 'Moved' || (finding.guest === undefined && status.phase === 'Moved');
}
