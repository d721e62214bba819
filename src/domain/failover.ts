/** Whether a host that is not heard is dead, and what is done about it: pure. What is not known for certain is never taken for a death. */
import type { HostFence } from '../api/host.ts';
import type { ClusterAvailability } from '../api/host-cluster.ts';
import type { Signs } from '../api/signs.ts';
import { parseDuration } from '../base/time.ts';

/** Silence after which a host is looked at more closely, milliseconds. */
export const suspectAfterMs = 1_500;
/** Silence counts only when it was watched for so long without a break: what stood still itself has heard nobody, milliseconds. */
export const watchedMs = 1_500;
/** A beat that is heard this long after the fence comes from another boot: what was cut off has been silent since, milliseconds. */
export const settledMs = 3_000;
/** Hosts that fall silent within so long of each other have vanished together, milliseconds. */
export const togetherMs = 30_000;
/** A host whose beat was read on a datastore within so long lives. */
const storageFreshMs = 3_000;

export type Verdict =
  /** It is heard, or has been a moment ago. */
  | 'Heard'
  /** It has been silent for a while, and may be heard again. */
  | 'Suspect'
  /** The machine answers, and its agent does not. */
  | 'AgentDead'
  /** It lives, and reaches others, but not us. */
  | 'Partitioned'
  /** It lives, and reaches nobody. */
  | 'Isolated'
  /** It lives, reaches nobody, and has ended its VMs: nothing is lost by fencing it. */
  | 'GivenUp'
  /** Nothing tells of it: dead, hung, or cut off from everything. Only its BMC can prove which. */
  | 'Dead';

export interface Limits {
  readonly deadAfterMs: number;
  /** Share of a cluster's hosts that may be taken for dead at once. */
  readonly share: number;
}

export function limitsOf(availability: ClusterAvailability | undefined): Limits {
  const { deadAfter = '5s', maxConcurrentFencing = '20%' } = availability ?? {};
  return { deadAfterMs: parseDuration(deadAfter), share: Number(maxConcurrentFencing.slice(0, -1)) / 100 };
}

/** How many hosts of `members` may be taken for dead at once. */
export function mostFenced({ share }: Limits, members: number): number {
  return Math.max(1, Math.floor(share * members));
}

/** What the witnesses say together. */
export function verdictOf({ silentMs, wasHeard, byPeers, pings, storage }: Signs, { deadAfterMs }: Limits): Verdict {
  if (silentMs < suspectAfterMs) return wasHeard ? 'Heard' : 'Suspect';
  if (silentMs < deadAfterMs) return 'Suspect';
  if (pings) return 'AgentDead';
  if (byPeers) return 'Partitioned';
  if (storage !== undefined && storage.silentMs < storageFreshMs) return livesOn(storage);
  return 'Dead';
}

function livesOn({ hearsPeers, isIdle }: NonNullable<Signs['storage']>): Verdict {
  if (hearsPeers) return 'Partitioned';
  return isIdle ? 'GivenUp' : 'Isolated';
}

/** What is known of the power of a host, as its BMC says. */
export type PowerWord = 'On' | 'Off' | 'NoBMC' | 'Unreachable' | 'NotAsked';

export interface FailoverView {
  readonly verdict: Verdict;
  /** How long the silence has been watched without a break, milliseconds. */
  readonly watchedMs: number;
  /** What stands in its status. */
  readonly fence: HostFence | undefined;
  /** How long its fence is known to stand, milliseconds. */
  readonly fencedMs: number;
  /** The boot of which its agent told last. */
  readonly bootID: string | undefined;
  readonly power: PowerWord;
  /** VMs are assigned to it: nobody gains by the fencing of one that has none. */
  readonly hasVms: boolean;
  /** How many hosts of its cluster have vanished together with it, itself included, those apart whose BMC says that they are off. */
  readonly vanished: number;
  /** Of these, those whose BMC has not answered yet. */
  readonly unasked: number;
  readonly most: number;
}

export type WaitReason = 'AgentDead' | 'Partitioned' | 'Isolated' | 'NoBMC' | 'BMCUnreachable' | 'TooManyVanished' | 'NoVirtualMachines';

export type FailoverStep =
  /** Nothing is wrong, or nothing is to be said of it. */
  | { readonly do: 'nothing' }
  /** It may be wrong: it is looked at again in a moment. */
  | { readonly do: 'watch' }
  /** It stays as it is, for this reason. */
  | { readonly do: 'wait'; readonly reason: WaitReason }
  /** It is written that its power is to be cut. */
  | { readonly do: 'announce' }
  /** Its power is cut, and then it is written that it is dead. */
  | { readonly do: 'cut' }
  /** It is dead for certain; its power is switched on again, unless it was off before. */
  | { readonly do: 'revive' }
  /** It lives: what was said of it is taken back. */
  | { readonly do: 'lift' };

type Question = (view: FailoverView) => FailoverStep | undefined;

/** The order matters: what lives is never fenced, and what is fenced stays so until it has booted anew. */
const questions: readonly Question[] = [fenced, heard, waking, living, alone, vanishedWithMany, powerless, announced];

export function nextStep(view: FailoverView): FailoverStep {
  for (const question of questions) {
    const step = question(view);
    if (step !== undefined) return step;
  }
  return { do: 'announce' };
}

/** Whatever was said of a boot before, only an agent of another one takes the proof away. */
function fenced({ fence, fencedMs, verdict, bootID }: FailoverView): FailoverStep | undefined {
  if (fence?.state !== 'Fenced') return undefined;
  if (fencedMs < settledMs) return { do: 'revive' };
  if (verdict === 'Heard' && bootID !== undefined && bootID !== fence.bootID) return { do: 'lift' };
  return { do: 'revive' };
}

function heard({ fence, verdict }: FailoverView): FailoverStep | undefined {
  if (verdict === 'Heard') return fence === undefined ? { do: 'nothing' } : { do: 'lift' };
  return verdict === 'Suspect' ? { do: 'watch' } : undefined;
}

/** Who was paused has heard nobody for a while: that says nothing of anybody else. */
function waking(view: FailoverView): FailoverStep | undefined {
  return view.watchedMs < watchedMs ? { do: 'watch' } : undefined;
}

function living({ verdict }: FailoverView): FailoverStep | undefined {
  return verdict === 'AgentDead' || verdict === 'Partitioned' || verdict === 'Isolated' ? { do: 'wait', reason: verdict } : undefined;
}

function alone({ fence, hasVms }: FailoverView): FailoverStep | undefined {
  return !hasVms && fence === undefined ? { do: 'wait', reason: 'NoVirtualMachines' } : undefined;
}

/** When too much vanishes at once it is likelier that it is us who are cut off. */
function vanishedWithMany({ power, vanished, unasked, most }: FailoverView): FailoverStep | undefined {
  if (power === 'Off' || vanished <= most) return undefined;
  return vanished - unasked <= most ? { do: 'watch' } : { do: 'wait', reason: 'TooManyVanished' };
}

function powerless({ power }: FailoverView): FailoverStep | undefined {
  if (power === 'NoBMC') return { do: 'wait', reason: 'NoBMC' };
  if (power === 'Unreachable') return { do: 'wait', reason: 'BMCUnreachable' };
  return power === 'NotAsked' ? { do: 'watch' } : undefined;
}

/** Said before done: whoever boots from now on reads it, and starts nothing. */
function announced({ fence }: FailoverView): FailoverStep | undefined {
  return fence?.state === 'Fencing' ? { do: 'cut' } : undefined;
}
