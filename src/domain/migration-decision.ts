/** What a decision about one move depends on, and what it may be. */
import type { HostCluster } from '../api/host-cluster.ts';
import type { VirtualMachine } from '../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { VirtualMachineMigration, VirtualMachineMigrationStatus } from '../api/virtual-machine-migration.ts';
import type { Newcomer, Placement, Refusal } from './placement.ts';

/** All that the decision depends on. */
export interface MigrationView {
  readonly migration: VirtualMachineMigration;
  readonly vm: VirtualMachine | undefined;
  /** Every instance of that very VM. */
  readonly instances: readonly VirtualMachineInstance[];
  /** The other migrations that name the VM. */
  readonly others: readonly VirtualMachineMigration[];
  readonly now: number;
  /** The HostCluster of this name. */
  cluster(name: string): HostCluster | undefined;
  /** Whether the agent of the host answers. */
  answers(nodeName: string): boolean;
  /** Whether whatever ran on the host is dead for certain. */
  isFenced(nodeName: string): boolean;
  /** Whether there is a host of this name, and whether it is one of `cluster`. */
  whereIs(nodeName: string, cluster: HostCluster): 'Nowhere' | 'Elsewhere' | 'Member';
  /** Why `newcomer` may not come to a host of `cluster`. */
  refusal(newcomer: Newcomer, cluster: HostCluster, nodeName: string): Refusal | undefined;
  /** The best host of `cluster`, of those that may receive one more move when there are any. */
  place(newcomer: Newcomer, cluster: HostCluster): Placement;
  /** Whether slots are free for it, and nobody comes before it. */
  isItsTurn(move: Move): boolean;
  /** The room for the instance at its target. Made: that was made a moment ago, and will be seen. InDoubt: nobody knows whether it was. */
  readonly booking: 'None' | 'Made' | 'InDoubt';
}

/** From where to where. */
export interface Move {
  readonly source: VirtualMachineInstance;
  readonly nodeName: string;
  /** The instance that it becomes. */
  readonly targetInstance: string;
}

export type FailReason =
  | 'VirtualMachineNotFound'
  | 'VirtualMachineDeleting'
  | 'VirtualMachinePoweredOff'
  | 'VirtualMachineSuspended'
  | 'AlreadyMigrating'
  | 'LocalDisks'
  | 'TargetNotFound'
  | 'TargetNotInHostCluster'
  | 'TargetIsSource'
  | 'TargetNotReady'
  | 'TargetNotSelected'
  | 'TargetCordoned'
  | 'TargetClaimed'
  | 'TargetTainted'
  | 'TargetTooLittleMemory'
  | 'TargetTooLittleCPU'
  | 'TargetTooFewCores'
  | 'TargetLacksFeatures'
  | 'TargetLosesDatastore'
  | 'TargetAffinity'
  | 'NotPrepared'
  | 'TargetLost'
  | 'SourceLost'
  | 'MemoryLost'
  | 'TimedOut'
  | 'TransferFailed'
  /** What the source's agent says of a transfer that failed. */
  | (string & {});

export type Progress = NonNullable<VirtualMachineMigrationStatus['progress']>;
export type MovePhase = NonNullable<VirtualMachineMigrationStatus['phase']>;

export type MigrationDecision =
  | { readonly do: 'nothing' }
  /** Makes sure that it stays until nothing of it is left to be undone. */
  | { readonly do: 'keep' }
  /** Nothing of it is left. */
  | { readonly do: 'release'; /** Where the VM stays, when it was cancelled while it was under way. */ readonly staysOn?: string }
  /** It has not begun. `wants`: what it waits its turn for. */
  | { readonly do: 'wait'; readonly reason: string; readonly message: string; readonly wants?: Move }
  /** Room is booked and said; then the target's instance is made. */
  | { readonly do: 'admit'; readonly move: Move }
  /** The target's instance is made, as was said before. */
  | { readonly do: 'prepare'; readonly move: Move }
  | { readonly do: 'send'; readonly source: VirtualMachineInstance; readonly target: VirtualMachineInstance; readonly endpoint: string }
  /** It goes on by itself. */
  | {
      readonly do: 'follow';
      readonly phase: MovePhase;
      readonly reason: string;
      readonly message: string;
      readonly source?: VirtualMachineInstance;
    }
  /** It is ended: first the source is told to send no more. */
  | { readonly do: 'recall'; readonly source: VirtualMachineInstance; readonly reason: FailReason; readonly message: string }
  | { readonly do: 'succeed'; readonly source: VirtualMachineInstance | undefined }
  | { readonly do: 'fail'; readonly reason: FailReason; readonly message: string };
