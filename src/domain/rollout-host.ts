/** How far one host is in the roll-out of a profile. Pure. */
import type { HostClaim } from '../api/host.ts';
import type { Compliance, Permit } from '../api/host-compliance.ts';
import { covers } from '../api/setting.ts';

/** What is known of one host that a profile selects. */
export interface HostFact {
  readonly name: string;
  /** Its agent answers; and it can be counted on. */
  readonly answers: boolean;
  readonly ready: boolean;
  /** Of the profile's settings as they are on this host now. */
  readonly revision: string;
  readonly said: Compliance | undefined;
  readonly permit: Permit | undefined;
  readonly claim: Pick<HostClaim, 'by' | 'profile'> | undefined;
  /** Claimed for this profile, and nothing runs on it any more. */
  readonly empty: boolean;
  /** What stands in the way of its being empty, in words. */
  readonly evacuation: string | undefined;
}

/**
 * Unknown: nobody can say. Looking: its agent has not looked at the newest settings yet. Refused: it cannot be made so. Undone: it was, and went
 * back. Lost: it stopped answering in the middle of a change. Working: its agent has leave to change it. Emptying: it is claimed, and its VMs
 * leave. Pending: nothing has begun.
 */
export type HostStage = 'Unknown' | 'Looking' | 'Refused' | 'Undone' | 'Lost' | 'Compliant' | 'Working' | 'Emptying' | 'Pending';

export function isMine({ claim }: { readonly claim?: HostFact['claim'] }, profile: string): boolean {
  return claim?.by === 'Profile' && claim.profile === profile;
}

export function stageOf(fact: HostFact, profile: string): HostStage {
  const { answers, said, revision } = fact;
  const isCurrent = said?.revision === revision;
  if (!answers) return isCurrent && said.state !== 'Compliant' && mayWork(fact, said) ? unheard(said) : 'Unknown';
  if (!isCurrent) return isStillAtWork(fact) ? 'Working' : 'Looking';
  if (said.applying === true) return 'Working';
  if (said.undone !== undefined) return 'Undone';
  if (said.refused !== undefined) return 'Refused';
  if (said.state !== 'NonCompliant') return said.state;
  if (mayWork(fact, said)) return 'Working';
  return isMine(fact, profile) ? 'Emptying' : 'Pending';
}

/** One that boots cannot answer. */
function unheard({ impact, applying }: Compliance): HostStage {
  return applying === true && impact === 'Reboot' ? 'Working' : 'Lost';
}

/** On settings of old: it had leave for these, and will look at the newest when it is done. */
function isStillAtWork({ permit, said }: HostFact): boolean {
  if (said === undefined || said.applying === true) return said !== undefined;
  const hasEnded = said.state !== 'NonCompliant' || said.undone !== undefined || said.refused !== undefined;
  return !hasEnded && permit?.revision === said.revision && covers(permit.impact, said.impact);
}

/** It could not look just now, and has leave: it begins as soon as it can. */
export function mayBegin(fact: HostFact): boolean {
  const { answers, said, revision } = fact;
  return answers && said?.revision === revision && said.state === 'Unknown' && mayWork(fact, said);
}

function mayWork({ permit, revision }: HostFact, { impact }: Compliance): boolean {
  return permit?.revision === revision && covers(permit.impact, impact);
}

/** What is wrong with it, in words; undefined when it is not known to be bad. */
export function harmOf({ name, said }: HostFact, stage: HostStage): string | undefined {
  switch (stage) {
    case 'Refused':
    case 'Undone':
      return `${name}: ${said?.message ?? stage}`;
    case 'Lost':
      return `${name}: it stopped answering while it was changed`;
    default:
      return undefined;
  }
}
