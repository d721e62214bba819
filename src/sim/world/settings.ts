import type { GuestBehaviour } from './behaviour.ts';
import { defaultFabric, type FabricSettings } from './network/network.ts';

/** How a guest that writes faster than its memory is sent is slowed down: percent of its processors that are withheld. */
export interface ThrottleSettings {
  readonly firstPercent: number;
  readonly stepPercent: number;
  /** Less than QEMU's 99: a guest that hardly runs is worse for its users than a move that fails. */
  readonly mostPercent: number;
  /** As many rounds are tried (29 in Clark et al. 2005, and one). */
  readonly mostRounds: number;
}

/** How long things take and how large they are in the simulated world. */
export interface WorldSettings {
  /** From power to a running agent. */
  readonly hostBootMs: number;
  /** How long a BMC takes to do what it is asked, and to say so. */
  readonly bmcAnswerMs: { readonly from: number; readonly to: number };
  /** How long one that does not answer is waited for. */
  readonly bmcTimeoutMs: number;
  /** From asking a guest to shut down to its end. */
  readonly shutDownMs: number;
  /** How fast a guest's memory goes to its memory file and back. */
  readonly suspendBytesPerSecond: number;
  /** How long after its end an agent that nobody stopped is started again. */
  readonly agentRestartMs: number;
  /** How long an agent has to end when its host is taken away. */
  readonly agentStopMs: number;
  /** How long a request into a cut network waits before it is given up. */
  readonly connectionTimeoutMs: number;
  /** How long nothing may come through between two hypervisors before they give a move up. */
  readonly migrationTimeoutMs: number;
  /** What a guest is besides its memory: its processors and devices. */
  readonly deviceStateBytes: number;
  /** From pausing a guest to the last of its state leaving, and that being made ready at the target. */
  readonly switchOverMs: number;
  /** How long a guest may stand still in a move that is not post-copy. */
  readonly downtimeLimitMs: number;
  readonly throttle: ThrottleSettings;
  /** How often a transfer says how far it is while nothing else happens. */
  readonly progressMs: number;
  /** What single VMs do, by `namespace/name`; the others do what their uid makes of them. */
  readonly behaviours: Readonly<Record<string, GuestBehaviour>>;
  /** The physical network behind the hosts' switches. */
  readonly fabric: FabricSettings;
  /** Engines of switches that hosts have besides Default; they do the same. */
  readonly engines: readonly string[];
  readonly sharedDatastoreBytes: number;
  readonly localDatastoreBytes: number;
  /** Sizes of single datastores, by name. */
  readonly datastoreBytes: Readonly<Record<string, number>>;
}

const tebibyte = 2 ** 40;

export const defaultSettings: WorldSettings = {
  hostBootMs: 1000,
  bmcAnswerMs: { from: 1000, to: 4000 },
  bmcTimeoutMs: 5000,
  shutDownMs: 1000,
  suspendBytesPerSecond: 4 * 2 ** 30,
  agentRestartMs: 1000,
  agentStopMs: 5000,
  connectionTimeoutMs: 10_000,
  migrationTimeoutMs: 30_000,
  deviceStateBytes: 2 ** 20,
  switchOverMs: 10,
  downtimeLimitMs: 300,
  throttle: { firstPercent: 20, stepPercent: 10, mostPercent: 80, mostRounds: 30 },
  progressMs: 1000,
  behaviours: {},
  fabric: defaultFabric,
  engines: [],
  sharedDatastoreBytes: 1024 * tebibyte,
  localDatastoreBytes: 16 * tebibyte,
  datastoreBytes: {},
};
