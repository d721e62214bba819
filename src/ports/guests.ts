import type { Baseline } from '../api/cpu.ts';
import type { StartToken, VmKey } from './arbiter.ts';
import type { VolumeRef } from './datastores.ts';

/** The uid of the VirtualMachineInstance that a guest is. */
export type GuestId = string;

/** All that a hypervisor needs to run a guest. It is kept beside the guest, so that an agent without memory finds it again. */
export interface GuestSpec {
  readonly id: GuestId;
  readonly vm: { readonly uid: VmKey; readonly namespace: string; readonly name: string };
  readonly cores: number;
  /** The CPU features that it sees; absent: those of its host. */
  readonly baseline?: Baseline;
  readonly memoryBytes: number;
  readonly disks: readonly { readonly name: string; readonly volume: VolumeRef }[];
  /** Where its memory goes when it is suspended. */
  readonly memoryFile: VolumeRef;
}

export type GuestState =
  /** Its processors run, booted or not. */
  | 'Running'
  /** Its memory is in its memory file. */
  | 'Suspended'
  /** It ended by itself, or lost its memory, and is not yet forgotten. */
  | 'Stopped'
  /** Its memory is reserved here and may be arriving. It cannot run. */
  | 'Incoming'
  /** All that it needs to go on here has arrived. It stands still until it is activated. */
  | 'Received'
  /** It has a state to go on from, and stands still until its primary dies. */
  | 'Shadow'
  /** It stands still here for a switch-over of which nobody has said how it ended. */
  | 'Paused'
  /** It was handed over and will never run here again. */
  | 'Moved';

export interface Guest {
  readonly spec: GuestSpec;
  readonly state: GuestState;
  /** Wall clock of its last start, resume or activation here, milliseconds; of its preparation while it is Incoming or Received. */
  readonly startedAt: number;
  /** What the guest itself says, computed at the moment of asking. */
  readonly heartbeat: 'Booting' | 'Beating' | 'Silent';
  /** Frames that it sent, and requests to its disks that were done, since it started here: grows as long as it works, whatever its heartbeat says. */
  readonly work: number;
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
  readonly type:
    | 'Started'
    | 'Booted'
    | 'Stopped'
    | 'Suspended'
    | 'Hung'
    | 'Recovered'
    | 'Incoming'
    | 'Received'
    | 'Shadow'
    | 'Activated'
    | 'Paused'
    | 'Moved'
    | 'WentOn'
    | 'MemoryLost';
}

/** The hypervisor of one host. Guests outlive the agent that started them. All calls may be repeated. */
export interface Guests {
  list(): Promise<readonly Guest[]>;
  /**
   * Runs the guest from its disks. Settles once its processors run. What there is of the VM's memory in a file is void from then on.
   * @throws {PortError} Exists, NoRoom, LacksFeatures, NotFound (a volume), NotHolder (`token` is not for this guest), Unreachable, Failed.
   */
  start(spec: GuestSpec, token: StartToken): Promise<void>;
  /**
   * ShutDown asks the guest, PowerOff cuts it. Settles once it is dead for certain; a guest that is not there is dead.
   * A suspended guest loses its memory file. Afterwards the guest is forgotten. A `Moved` guest whose memory is still needed where it went
   * is forgotten once that is there, or lost: no way of stopping takes it away before.
   */
  stop(id: GuestId, how: 'ShutDown' | 'PowerOff'): Promise<void>;
  /** Writes its memory to its memory file and stops it. @throws {PortError} NotFound, WrongState (also while its memory still follows it), DiskFull, Unreachable. */
  suspend(id: GuestId): Promise<void>;
  /** Goes on from its memory file. @throws {PortError} NotFound, WrongState, NoRoom, LacksFeatures, NotHolder, MemoryLost, Unreachable. */
  resume(id: GuestId, token: StartToken): Promise<void>;
  /**
   * Runs a guest that was never here from the memory file that one of `from` wrote on another host: of guests of this VM whose death was proved. The file says whose it
   * is, and becomes this guest's by one atomic step before it is read; a file is used once. Settles once the processors run. May be repeated.
   * @throws {PortError} Exists, NoRoom, LacksFeatures, NotFound (the datastore), NotHolder, Unreachable, Failed, MemoryLost (for certain: there is no file of
   * this guest's or of one of `from`).
   */
  wake(spec: GuestSpec, from: readonly GuestId[], token: StartToken): Promise<void>;
  sample(): Promise<readonly GuestSample[]>;
  /** What happens from now on. Ends with `signal`. A hint: what counts is `list`. */
  events(signal: AbortSignal): AsyncIterable<GuestEvent>;
}
