import type { StartToken, VmKey } from './arbiter.ts';
import type { VolumeRef } from './datastores.ts';

/** The uid of the VirtualMachineInstance that a guest is. */
export type GuestId = string;

/** All that a hypervisor needs to run a guest. It is kept beside the guest, so that an agent without memory finds it again. */
export interface GuestSpec {
  readonly id: GuestId;
  readonly vm: { readonly uid: VmKey; readonly namespace: string; readonly name: string };
  readonly cores: number;
  readonly memoryBytes: number;
  readonly disks: readonly { readonly name: string; readonly volume: VolumeRef }[];
  /** Where its memory goes when it is suspended. */
  readonly memoryFile: VolumeRef;
}

export interface Guest {
  readonly spec: GuestSpec;
  /** Running: its processors run, booted or not. Suspended: its memory is in its memory file. Stopped: it ended by itself and is not yet forgotten. */
  readonly state: 'Running' | 'Suspended' | 'Stopped';
  /** Wall clock of its last start or resume, milliseconds. */
  readonly startedAt: number;
  /** What the guest itself says, computed at the moment of asking. */
  readonly heartbeat: 'Booting' | 'Beating' | 'Silent';
}

export interface GuestSample {
  readonly id: GuestId;
  /** Thousandths of a processor, averaged since the last sample. */
  readonly milliCores: number;
  /** Memory that it touches. */
  readonly memoryBytes: number;
}

export interface GuestEvent {
  readonly id: GuestId;
  readonly type: 'Started' | 'Booted' | 'Stopped' | 'Suspended' | 'Hung' | 'Recovered';
}

/** The hypervisor of one host. Guests outlive the agent that started them. All calls may be repeated. */
export interface Guests {
  list(): Promise<readonly Guest[]>;
  /**
   * Runs the guest from its disks. Settles once its processors run.
   * @throws {PortError} Exists, NoRoom, NotFound (a volume), NotHolder (`token` is not for this guest), Unreachable, Failed.
   */
  start(spec: GuestSpec, token: StartToken): Promise<void>;
  /**
   * ShutDown asks the guest, PowerOff cuts it. Settles once it is dead for certain; a guest that is not there is dead.
   * A suspended guest loses its memory file. Afterwards the guest is forgotten.
   */
  stop(id: GuestId, how: 'ShutDown' | 'PowerOff'): Promise<void>;
  /** Writes its memory to its memory file and stops it. @throws {PortError} NotFound, WrongState, DiskFull, Unreachable. */
  suspend(id: GuestId): Promise<void>;
  /** Goes on from its memory file. @throws {PortError} NotFound, WrongState, NoRoom, NotHolder, Unreachable. */
  resume(id: GuestId, token: StartToken): Promise<void>;
  sample(): Promise<readonly GuestSample[]>;
  /** What happens from now on. Ends with `signal`. A hint: what counts is `list`. */
  events(signal: AbortSignal): AsyncIterable<GuestEvent>;
}
