/** How long things take and how large they are in the simulated world. */
export interface WorldSettings {
  /** From power to a running agent. */
  readonly hostBootMs: number;
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
  readonly sharedDatastoreBytes: number;
  readonly localDatastoreBytes: number;
  /** Sizes of single datastores, by name. */
  readonly datastoreBytes: Readonly<Record<string, number>>;
}

const tebibyte = 2 ** 40;

export const defaultSettings: WorldSettings = {
  hostBootMs: 1000,
  shutDownMs: 1000,
  suspendBytesPerSecond: 4 * 2 ** 30,
  agentRestartMs: 1000,
  agentStopMs: 5000,
  connectionTimeoutMs: 10_000,
  migrationTimeoutMs: 30_000,
  deviceStateBytes: 2 ** 20,
  sharedDatastoreBytes: 1024 * tebibyte,
  localDatastoreBytes: 16 * tebibyte,
  datastoreBytes: {},
};
