import type { PortCounters, PortId, SwitchConfiguration } from '../api/effective-port.ts';

/** What the host could not make so. The rest of the configuration is in force. */
export interface SwitchTrouble {
  readonly switch: string;
  /** Absent: it concerns the whole switch. */
  readonly port?: PortId;
  readonly reason: 'EngineUnknown' | 'NicMissing' | 'NicTaken' | 'MtuTooLarge' | 'Failed';
  readonly message: string;
}

/** What frames that were sent on purpose found out about the wire. */
export interface SwitchFinding {
  readonly switch: string;
  readonly uplink: string;
  readonly reason: 'LinkDown' | 'VLANMissing' | 'MTUMismatch' | 'TeamingMismatch';
  readonly message: string;
}

/**
 * The virtual switches of one host. The data plane goes on without the agent, and comes back with the host from what was applied last.
 * A port's state (counters, shapers, tracked connections, mirror sessions) goes along when its guest moves: `Moves.send` takes it once the guest
 * stands still, and it is in force at the target before the guest goes on there. A guest that starts or goes on is announced on all its ports.
 */
export interface Switching {
  /** Makes the host's switches and ports be these, all others gone, and keeps it; what did not change is not disturbed. @returns what could not be done. @throws {PortError} Failed. */
  apply(configuration: SwitchConfiguration): Promise<readonly SwitchTrouble[]>;
  /** What was applied last, also by an agent before this one. */
  applied(): Promise<SwitchConfiguration>;
  /** Of every port that is here. */
  counters(): Promise<readonly (PortCounters & { readonly id: PortId })[]>;
  /** Makes sure that a port's counters are at least these: it was on another host, which is lost. @throws {PortError} NotFound. */
  resume(id: PortId, counters: PortCounters): Promise<void>;
  /** Looks at what lies behind the uplinks of a switch. @throws {PortError} NotFound. */
  check(name: string): Promise<readonly SwitchFinding[]>;
}
