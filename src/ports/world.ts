import type { Baseline } from '../api/cpu.ts';
import type { Range } from '../api/effective-port.ts';
import type { GuestState } from './guests.ts';

/** A world of simulated hosts, as those who drive it see it. */
export interface World {
  /** Makes the host, or makes it agree with `spec`. It powers on by itself. */
  ensure(spec: SimulatedHost): Promise<void>;
  /** Takes the host out of its rack. @throws {PortError} WrongState while guests are on it. */
  remove(host: string): Promise<void>;
  /** @returns how it ends; ending it again does nothing. Two of a kind on one target end with the last. @throws {PortError} NotFound. */
  inject(fault: WorldFault): Promise<() => Promise<void>>;
  /** What is so, whatever anybody reports. */
  truth(): WorldTruth;
  /** Called with the host's name when something about it changed. Returns how to stop. */
  onChange(handler: (host: string) => void): () => void;
}

export interface SimulatedHost {
  readonly name: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Of its processors. Absent: x86-64-v3. */
  readonly baseline?: Baseline;
  readonly guestBootMs: number;
  /** Its interface on the migration network: so much at once in each direction. */
  readonly nicBitsPerSecond: number;
  /** Its interfaces for switches. Absent: eth0, eth1 and eth2. */
  readonly nics?: readonly SimulatedNic[];
  /** The one over which its agent reaches the API. Absent: eth0. Where it is a switch's uplink, the switch can cut it off. */
  readonly managementNic?: string;
  /** What its guests say by themselves. Absent: nothing. */
  readonly guestChatter?: GuestChatter;
}

/** Each NIC sends so many bytes so often to one of those of whom it has heard. */
export interface GuestChatter {
  readonly everyMs: number;
  readonly bytes: number;
}

/** An interface of a host, and the port of the physical network that it is plugged into. */
export interface SimulatedNic {
  readonly name: string;
  /** In each direction. Absent: as `nicBitsPerSecond`. */
  readonly bitsPerSecond?: number;
  /** VLANs that the physical network carries there, 0 being those without a tag. Absent: all. */
  readonly vlans?: readonly Range[];
  /** Largest frame without its Ethernet header, bytes. Absent: 9216. */
  readonly mtu?: number;
  /** The physical network makes one link of several with a host that speaks LACP. Absent: it does. */
  readonly lacp?: boolean;
}

export type WorldFault =
  | {
      /**
       * MigrationPartition: no guest moves between its hypervisor and others. FTPartition: nothing goes between primaries and shadows. SlowLink: a tenth of what its interface can do. StoragePartition: it
       * does not reach shared datastores. BMCFailure: nobody reaches its BMC.
       */
      readonly type:
        | 'PowerLoss'
        | 'AgentCrash'
        | 'ManagementPartition'
        | 'MigrationPartition'
        | 'FTPartition'
        | 'StoragePartition'
        | 'SlowLink'
        | 'HostHang'
        | 'BMCFailure';
      readonly host: string;
    }
  | {
      /** LinkDown: the cable of one interface is pulled. VLANMissing: the physical network does not carry the VLAN to this host. SmallMTU: nor frames larger than that, in bytes without their Ethernet header. */
      readonly type: 'LinkDown';
      readonly host: string;
      readonly nic: string;
    }
  /** Somebody changes settings of the host by hand; what is done stays done when the fault ends. */
  | { readonly type: 'Drift'; readonly host: string }
  | { readonly type: 'VLANMissing'; readonly host: string; readonly vlan: number }
  | { readonly type: 'SmallMTU'; readonly host: string; readonly mtu: number }
  | { readonly type: 'GuestHang'; readonly vm: { readonly namespace: string; readonly name: string } };

export interface WorldTruth {
  readonly hosts: readonly {
    readonly name: string;
    readonly powered: boolean;
    readonly agentRunning: boolean;
    /** Power, agent and management network are all well. */
    readonly reachable: boolean;
    readonly guests: readonly {
      readonly id: string;
      readonly vm: string;
      readonly namespace: string;
      readonly name: string;
      readonly state: GuestState;
    }[];
  }[];
  readonly volumes: readonly { readonly datastore: string; readonly volume: string; readonly host?: string; readonly bytes: number }[];
}
