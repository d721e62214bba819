/**
 * What one vNIC's port does on whatever host it is: computed once, purely, from switch, group, port and VM (domain/effective-port.ts), and handed to
 * any engine. Plain values in plain units: bit/s, bytes, milliseconds; nothing is left to be inherited.
 */

/** `namespace/name` of the SwitchPort. */
export type PortId = string;

/** First and last of a range, both included. */
export type Range = readonly [first: number, last: number];

export type PortVlan =
  /** Frames of the guest carry no tag; on the wire they are in `id` (0: untagged there too). */
  | { readonly type: 'Access'; readonly id: number }
  /** The guest tags its frames itself, within `ids`; those without a tag are dropped. */
  | { readonly type: 'Trunk'; readonly ids: readonly Range[] }
  /** A private VLAN. Promiscuous talks to all of `primary`; Community to its own `secondary` and the promiscuous ones; Isolated to the promiscuous ones alone. */
  | {
      readonly type: 'Private';
      readonly primary: number;
      readonly secondary: number;
      readonly kind: 'Promiscuous' | 'Community' | 'Isolated';
    };

/** A token bucket: `average` bit/s in the long run, `peak` bit/s at most, `burst` bytes that may exceed the average. */
export interface Shaper {
  readonly average: number;
  readonly peak: number;
  readonly burst: number;
}

/** Directions are the guest's: Ingress comes to it, Egress leaves it. */
export interface FirewallRule {
  readonly name: string;
  readonly direction: 'Ingress' | 'Egress';
  readonly action: 'Allow' | 'Deny';
  readonly protocol: 'TCP' | 'UDP' | 'ICMP' | 'Any';
  /** Of the destination; empty: all. */
  readonly ports: readonly Range[];
  /** CIDRs of the other side; empty: all. */
  readonly peers: readonly string[];
}

export interface MirrorSession {
  readonly name: string;
  readonly direction: 'Ingress' | 'Egress' | 'Both';
  /** Where copies go; its own port says `mirrorDestination`. */
  readonly to: PortId;
}

export interface FlowExport {
  /** `address:port` of the IPFIX collector. */
  readonly collector: string;
  /** One frame in so many is looked at. */
  readonly sampling: number;
}

export interface EffectivePort {
  readonly id: PortId;
  /** The uid of the VirtualMachineInstance whose NIC it is; nothing passes while no guest of that id runs here. */
  readonly guest: string;
  /** The NIC's name within the VM. */
  readonly nic: string;
  readonly switch: string;
  readonly group: string;
  /** `02:…`, lower case. */
  readonly mac: string;
  /** IPv4 and IPv6 addresses without a prefix length. Empty: none was assigned, and none is checked. */
  readonly addresses: readonly string[];
  readonly vlan: PortVlan;
  /** Largest frame without its Ethernet header, bytes. */
  readonly mtu: number;
  /** Nothing passes, either way. */
  readonly blocked: boolean;
  readonly shaping: { readonly ingress?: Shaper; readonly egress?: Shaper };
  /** Promiscuous: it is given frames for others of its VLAN. MacChanges: it may receive for a MAC that is not its own. ForgedTransmits: it may send with a MAC or address that is not its own. */
  readonly security: { readonly promiscuous: boolean; readonly macChanges: boolean; readonly forgedTransmits: boolean };
  /** In order, the first that matches decides. A direction without rules lets all pass; one with rules denies what matches none. What belongs to a tracked connection passes. */
  readonly firewall: readonly FirewallRule[];
  readonly mirrors: readonly MirrorSession[];
  /** It takes copies of others' frames, and sends none. */
  readonly mirrorDestination: boolean;
  readonly flowExport?: FlowExport;
}

/** One switch as one host has it. */
export interface HostSwitch {
  readonly name: string;
  /** Default, or the name of a third party's. */
  readonly engine: string;
  readonly mtu: number;
  /** The switch's uplink and the interface of this host that answers it. None: ports of this host talk among themselves. */
  readonly uplinks: readonly { readonly name: string; readonly nic: string }[];
  readonly teaming: 'ActiveStandby' | 'SourceMAC' | 'LACP';
  readonly overlay: 'Geneve' | 'VXLAN' | 'None';
  readonly privateVlans: readonly {
    readonly primary: number;
    readonly secondary: number;
    readonly type: 'Promiscuous' | 'Community' | 'Isolated';
  }[];
  /** The host's own interface hangs on this switch, in this VLAN (0: untagged). Absent: only where one of its uplinks is the interface by which the host is managed, untagged. */
  readonly managementVlan?: number;
  /** Milliseconds between looks at VLANs, MTU and teaming; absent: no looks. */
  readonly healthCheckMs?: number;
}

/** Switches that were changed, while it is not known yet whether the host reaches the API with them. */
export interface SwitchTrial {
  /** What the host goes back to. */
  readonly good: readonly HostSwitch[];
  /** When they were changed: wall clock, milliseconds. */
  readonly since: number;
  /** Milliseconds without the API after which it goes back. */
  readonly afterMs: number;
}

/** Everything that a host's switches are to be. Kept on the host, so that the data plane starts from it without the manager. */
export interface SwitchConfiguration {
  readonly switches: readonly HostSwitch[];
  readonly ports: readonly EffectivePort[];
  /** A note of the agent's, kept with the rest so that the next agent finds it; engines take no notice of it. */
  readonly trial?: SwitchTrial;
  /** Likewise: switches that cut the host off as they were then, by hash. They are not tried so again. */
  readonly refused?: readonly { readonly name: string; readonly hash: string }[];
}

/** Since the port was made; they never go back. The guest's directions. Dropped: refused here, for whatever reason. */
export interface PortCounters {
  readonly receivedFrames: number;
  readonly receivedBytes: number;
  readonly sentFrames: number;
  readonly sentBytes: number;
  readonly droppedFrames: number;
}

/** What a port carries along when its VM moves. The form belongs to the engine, but for the counters. */
export interface PortState {
  readonly id: PortId;
  readonly counters: PortCounters;
  readonly engine: unknown;
}
