import type { Protection, ProtectionOptions } from '../../../ports/fault-tolerance.ts';
import type { GuestSpec } from '../../../ports/guests.ts';
import type { PortState } from '../../../api/effective-port.ts';
import type { GuestRun } from '../guest-run.ts';
import type { Machine, ProtectedPair, WorldCore } from '../machine.ts';
import type { Output } from '../network/guest-nic.ts';

export type Role = Protection['role'];
export type Stage = Protection['stage'];

/** One side of a pair. */
export interface End {
  readonly role: Role;
  readonly machine: Machine;
  readonly spec: GuestSpec;
  /** False once it was stopped, lost its power, or runs without the other. */
  here: boolean;
  stage: Stage;
  /** What the stage is while the other side is heard. */
  heardStage: Exclude<Stage, 'Silent'>;
  /** Takes back that it falls silent. */
  disarm: (() => void) | undefined;
}

/** A moment of the primary, as far as a shadow can go on from it. */
export interface GuestMoment {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** Own time of the guest. */
  readonly elapsed: number;
  /** Makes its NICs, their conversations and its programs what they were. */
  readonly restore: () => void;
  readonly ports: readonly PortState[];
  /** What left the guest since the moment before. */
  readonly outputs: readonly Output[];
  /** Writes that may not have reached the disk. */
  readonly writes: readonly Output[];
  readonly bytes: number;
}

/** A guest that is protected and the one that stands by for it. */
export interface Pair {
  readonly core: WorldCore;
  options: ProtectionOptions;
  readonly run: GuestRun;
  readonly primary: End;
  readonly shadow: End;
  /** Nothing of the primary leaves before it is acknowledged. */
  holding: boolean;
  /** What left the guest since its last moment was taken. */
  since: Output[];
  /** Moments that were not acknowledged, the oldest first. */
  readonly underWay: GuestMoment[];
  /** What the shadow has. */
  complete: GuestMoment | undefined;
  /** The last that was acknowledged. */
  acknowledged: GuestMoment | undefined;
  intervalMs: number;
  checkpointBytes: number;
  heldBytes: number;
  /** What is left to the guest of its processors. */
  share: number;
  /** How it ended, whoever has been told so. */
  outcome: 'Alone' | 'Stopped' | 'Live' | undefined;
  /** Aborted when nothing more is sent. */
  readonly over: AbortController;
  /** As the world has it. */
  readonly registered: ProtectedPair;
  /** Called when something about the hosts, or about what is to be sent, has changed. */
  readonly wake: Set<() => void>;
}

export interface PairSpec {
  readonly run: GuestRun;
  readonly primary: Pick<End, 'machine' | 'spec'>;
  readonly shadow: Pick<End, 'machine' | 'spec'>;
  readonly options: ProtectionOptions;
}

export function newPair(core: WorldCore, { options, primary, run, shadow }: PairSpec): Pair {
  const end = { here: true, stage: 'Synchronising', heardStage: 'Synchronising', disarm: undefined } as const;
  return {
    core,
    options,
    run,
    primary: { ...primary, ...end, role: 'Primary' },
    shadow: { ...shadow, ...end, role: 'Shadow' },
    holding: false,
    since: [],
    underWay: [],
    complete: undefined,
    acknowledged: undefined,
    intervalMs: options.intervalMs,
    checkpointBytes: 0,
    heldBytes: 0,
    share: 1,
    outcome: undefined,
    over: new AbortController(),
    registered: { changed: () => undefined },
    wake: new Set(),
  };
}

export function other(pair: Pair, { role }: End): End {
  return role === 'Primary' ? pair.shadow : pair.primary;
}

export function protectionOf(pair: Pair, end: End): Protection {
  const { checkpointBytes, heldBytes, intervalMs } = pair;
  const last = end.role === 'Primary' ? pair.acknowledged : pair.complete;
  return {
    id: end.spec.id,
    role: end.role,
    peer: other(pair, end).spec.id,
    stage: end.stage,
    lagMs: last === undefined ? 0 : pair.core.runtime.clock.monotonic() - last.at,
    intervalMs,
    checkpointBytes,
    heldBytes: end.role === 'Primary' ? heldBytes : 0,
  };
}

export function tell(pair: Pair, end: End): void {
  end.machine.protections.push(protectionOf(pair, end));
}
