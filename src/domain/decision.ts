/** What a decision about one VM depends on, and what it may be. */
import type { FTPair } from '../api/ft-pair.ts';
import type { HostCluster } from '../api/host-cluster.ts';
import type { VirtualMachine } from '../api/virtual-machine.ts';
import type { VirtualMachineInstance, VirtualMachineInstanceSpec } from '../api/virtual-machine-instance.ts';
import type { VirtualMachineMigration } from '../api/virtual-machine-migration.ts';
import type { Attachment, NetworkReason } from './attachment.ts';
import type { ClusterChoice } from './membership.ts';
import type { DiskStatus, ResolvedDisk } from './newcomer.ts';
import type { Newcomer, Placement } from './placement.ts';
import type { Resources } from './resources.ts';
import type { FindPeer } from './start-order.ts';

/** All that the decision depends on. */
export interface LifeView {
  readonly vm: VirtualMachine;
  /** Every instance that belongs to this very VM (by uid), those being deleted included. */
  readonly instances: readonly VirtualMachineInstance[];
  /** Instances of VMs that had its name before: they may run on its disks still, or be about to remove them. */
  readonly predecessors: readonly VirtualMachineInstance[];
  /** The VirtualMachineMigrations that name it. */
  readonly moves: readonly VirtualMachineMigration[];
  /** The FTPair of its name. */
  readonly pair?: FTPair | undefined;
  /** Its ports; absent: it has no networks. */
  readonly attachment?: Attachment;
  readonly choice: ClusterChoice;
  readonly now: number;
  /** Whether its namespace is being deleted, so that nothing more can be made in it. Asked only where `dependsOnNamespace`, or after a refusal. */
  readonly namespaceEnds: boolean;
  /** Whether the agent of the host answers. */
  answers(nodeName: string): boolean;
  /** Whether whatever ran on the host is dead for certain, and nothing is started there before it is said to be back. */
  isFenced(nodeName: string): boolean;
  /** When it was decided that the host is taken for dead, milliseconds since 1970; undefined: it is not. */
  fencedAt(nodeName: string): number | undefined;
  /** The VM of that name, in its namespace. */
  readonly peer: FindPeer;
  /** Finds a host in `cluster`; what `leaving` takes counts as free. */
  readonly place: (newcomer: Newcomer, cluster: HostCluster) => Placement;
  /** Why no further VM may be placed in `cluster`; undefined when one may. */
  limit(cluster: HostCluster): string | undefined;
  /** Why it may not start without breaking what `cluster` promises for the death of hosts; undefined when it may. */
  admission(newcomer: Newcomer, cluster: HostCluster): string | undefined;
  /** A host of `cluster` that can remove disks; `boundTo` when only that one has them. */
  placeErrand(cluster: HostCluster, boundTo: string | undefined): Placement;
  /** Whether a suspended instance fits its host again; else why not. */
  fitsAgain(instance: VirtualMachineInstance): string | undefined;
  /** Whether the host of an instance that runs has the processors for it to take `takes` instead; else why not. */
  canGrow(instance: VirtualMachineInstance, takes: Resources): string | undefined;
}

/** Reasons for waiting; they stand in conditions. */
export type WaitReason =
  | NetworkReason
  | 'NoHostFits'
  | 'NoHostCluster'
  | 'HostClusterNotFound'
  | 'AmbiguousHostCluster'
  | 'DatastoreNotFound'
  | 'LimitReached'
  | 'AdmissionRefused'
  | 'NothingToSuspend'
  | 'Stopping'
  | 'Suspending'
  | 'Starting'
  | 'RemovingDisks'
  | 'NoRoomToResume'
  | 'NoRoomToGrow'
  | 'Migrating'
  | 'HostClusterDeleting'
  | 'NamespaceDeleting'
  | 'NameInUse'
  | 'Protected'
  | 'StartAfter'
  | 'StartCycle'
  | 'StartPaced'
  | 'StorageLost'
  | 'HostDead';

export type DeleteReason = 'Duplicate' | 'PoweredOff' | 'Restart' | 'Deleted' | 'DisksRemoved' | 'Evacuated' | 'StorageLost';

export type Decision =
  | { readonly do: 'nothing' }
  | {
      readonly do: 'wait';
      readonly reason: WaitReason;
      readonly message: string;
      /** When it is worth another look, wall clock in milliseconds. */
      readonly until?: number;
    }
  | {
      readonly do: 'create';
      readonly name: string;
      readonly spec: VirtualMachineInstanceSpec;
      readonly cluster: HostCluster;
      readonly disks: readonly ResolvedDisk[];
      /** The lives that ended with their hosts, and which this one replaces: they go before it is made. */
      readonly dead?: readonly VirtualMachineInstance[];
      /** VMs that it was to start after, and has waited for long enough. */
      readonly without?: readonly string[];
    }
  | {
      readonly do: 'patch';
      readonly instance: VirtualMachineInstance;
      readonly spec: Partial<VirtualMachineInstanceSpec>;
      /** What is taken out of it. */
      readonly without?: 'guestMonitoring';
    }
  | { readonly do: 'delete'; readonly instances: readonly VirtualMachineInstance[]; readonly reason: DeleteReason }
  /** Takes back where its guest was to go. */
  | { readonly do: 'recall'; readonly instance: VirtualMachineInstance }
  /** Waits for an instant, and says nothing of it. */
  | { readonly do: 'arrive' }
  /** Makes sure that the VM stays while it has instances, or disks to be removed. */
  | { readonly do: 'keep' }
  /** Makes sure that its instance stays until it is known what becomes of the disks. */
  | { readonly do: 'hold'; readonly instance: VirtualMachineInstance }
  /** These are going, and their guests are dead for certain: nobody waits for their agents. */
  | { readonly do: 'bury'; readonly instances: readonly VirtualMachineInstance[] }
  /** Nothing of the VM depends on these, which have ended, any more. */
  | { readonly do: 'letGo'; readonly instances: readonly VirtualMachineInstance[] }
  /** The VM goes; `leftBehind` are disks that should have been removed and cannot be. */
  | { readonly do: 'finish'; readonly leftBehind: readonly DiskStatus[] };
