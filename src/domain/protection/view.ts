/** What a decision about one FTPair depends on, and what it may be. */
import type { FTPair } from '../../api/ft-pair.ts';
import type { HostCluster } from '../../api/host-cluster.ts';
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import type { VirtualMachineMigration } from '../../api/virtual-machine-migration.ts';
import type { Newcomer, Placement } from '../placement.ts';

export interface ProtectionView {
  /** Absent: nobody wants the VM protected any more. */
  readonly pair: FTPair | undefined;
  readonly vm: VirtualMachine | undefined;
  /** Every instance of that very VM. */
  readonly instances: readonly VirtualMachineInstance[];
  /** The moves that name it. */
  readonly moves: readonly VirtualMachineMigration[];
  readonly now: number;
  /** The HostCluster of this name. */
  cluster(name: string): HostCluster | undefined;
  /** Whether the agent of the host answers. */
  answers(nodeName: string): boolean;
  /** Whether whatever ran on the host is dead for certain. */
  isFenced(nodeName: string): boolean;
  /** The labels of the Node of this name; undefined: there is none. */
  labels(nodeName: string): Readonly<Record<string, string>> | undefined;
  /** Whether the shadow that the pair names was decided on a moment ago, and has not been seen yet. */
  readonly isAwaited: boolean;
  /** How many originals and shadows the host of `primary` may have, when it has as many without that; undefined: it may have one more. */
  fullAround(primary: VirtualMachineInstance, cluster: HostCluster): number | undefined;
  /** A host of `cluster` for the shadow that has room, and not too many of its kind. */
  place(newcomer: Newcomer, cluster: HostCluster): Placement;
}

/** Why a VM cannot have a shadow, or has none that could go on for it. */
export type Reason =
  | 'VirtualMachineNotFound'
  | 'VirtualMachineDeleting'
  | 'PowerState'
  | 'NotRunning'
  | 'Migrating'
  | 'OneProcessorOnly'
  | 'LocalDisks'
  | 'NoHostFits'
  | 'TooManyOnHost'
  | 'HostClusterNotFound'
  | 'Preparing'
  | 'Synchronising'
  | 'OutputHeld'
  | 'ShadowSilent'
  | 'SpecChanged'
  | 'ShadowLost'
  | 'Evacuating'
  | 'Ending';

export interface Why {
  readonly reason: Reason;
  readonly message: string;
}

/** Where a shadow is to be. */
export interface ShadowPlan {
  readonly primary: VirtualMachineInstance;
  readonly nodeName: string;
  /** The one whose place it takes, which could go on meanwhile. */
  readonly beside?: VirtualMachineInstance;
}

export type ProtectionDecision =
  | { readonly do: 'nothing' }
  /** The VM cannot have a shadow as it is. */
  | { readonly do: 'refuse'; readonly why: Why }
  /** It has none that could go on for it yet. */
  | { readonly do: 'wait'; readonly why: Why }
  /** Its shadow could go on for it now; where there is a `next`, that one is to take its place. */
  | { readonly do: 'stand'; readonly shadow: VirtualMachineInstance; readonly next?: string }
  | { readonly do: 'prepare'; readonly plan: ShadowPlan }
  | { readonly do: 'protect'; readonly primary: VirtualMachineInstance; readonly shadow: VirtualMachineInstance; readonly endpoint: string }
  /** It goes on without the shadow that it has. */
  | { readonly do: 'unprotect'; readonly primary: VirtualMachineInstance; readonly why: Why | undefined; readonly isRefused: boolean }
  /** The shadow is of no use. */
  | { readonly do: 'drop'; readonly why: Why }
  /** So is the one that was to take the place of `shadow`, which stays. */
  | { readonly do: 'keep'; readonly shadow: VirtualMachineInstance }
  /** The original is to die, as a test or because its host is to be empty. */
  | { readonly do: 'test'; readonly primary: VirtualMachineInstance; readonly shadow: VirtualMachineInstance }
  /** Its shadow has taken over. */
  | { readonly do: 'succeed'; readonly primary: VirtualMachineInstance; readonly reason: 'Unheard' | 'Maintenance' | 'Test' };
