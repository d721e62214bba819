/** Hosts and VMs as placement sees them. */
import type { Baseline } from '../api/cpu.ts';
import type { AffinityTerm, PlacementSpec } from '../api/virtual-machine.ts';
import type { NodeTaint } from '../meta/core.ts';
import type { SwitchNeed } from './attachment.ts';
import type { Resources } from './resources.ts';

/** A VM that is on a host, or about to be. */
export interface Resident {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Required only: it keeps newcomers away as much as it was kept away itself. */
  readonly antiAffinity: readonly AffinityTerm[];
}

/** A host as placement sees it. */
export interface Candidate {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly NodeTaint[];
  readonly cordoned: boolean;
  /** Who has it for a planned change: it receives nothing. */
  readonly claimedBy?: string;
  /** It receives only VMs whose host died. */
  readonly spare?: boolean;
  /** Its agent answers. */
  readonly ready: boolean;
  readonly cores: number;
  /** The level of CPU features that it has; absent: it has not said so. */
  readonly baseline?: Baseline;
  readonly capacity: Resources;
  readonly taken: Resources;
  readonly residents: readonly Resident[];
  /** The switches that it has, and whether each is as it should be. */
  readonly switches?: ReadonlyMap<string, boolean>;
  /** Datastores that it does not reach. */
  readonly lostDatastores?: readonly string[];
}

export interface Newcomer {
  readonly namespace: string;
  /** What runs of it already is none of its neighbours. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly placement: PlacementSpec;
  readonly cores: number;
  readonly takes: Resources;
  /** The CPU features that it is to see; absent: those that all candidates have. */
  readonly baseline?: Baseline;
  /** The host that has its local disks; nowhere else will do. */
  readonly boundTo?: string;
  /** The switches that its NICs are on. */
  readonly switches?: readonly SwitchNeed[];
  /** Those that its disks, and its lease, are on; absent: none. */
  readonly datastores?: readonly string[];
  /** Its host died. */
  readonly replaces?: boolean;
  /** The host that it is to leave. */
  readonly leaves?: string;
}

/** Why a host would not do: a word for programs, and what is said of such hosts. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly words: string;
}

export type RefusalReason =
  | 'Here'
  | 'LocalDisks'
  | 'NotReady'
  | 'NotSelected'
  | 'Cordoned'
  | 'Claimed'
  | 'Spare'
  | 'Tainted'
  | 'TooLittleMemory'
  | 'TooLittleCPU'
  | 'TooFewCores'
  | 'LacksFeatures'
  | 'LosesDatastore'
  | 'NotOnSwitch'
  | 'SwitchNotReady'
  | 'Affinity';
