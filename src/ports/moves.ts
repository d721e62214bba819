import type { StartToken } from './arbiter.ts';
import type { GuestId, GuestSpec } from './guests.ts';

/** Where a prepared guest waits for its memory. Only hypervisors know how to read it. */
export type Endpoint = string;

/** PreCopy: memory is sent, again where it changed, until little is left. PostCopy: the guest goes on at the target at once, and its memory follows. Auto: PreCopy, and PostCopy when that does not come to an end. */
export type MoveMode = 'Auto' | 'PreCopy' | 'PostCopy';

export interface MoveOptions {
  readonly mode: MoveMode;
  /** At most; absent: what the link gives. */
  readonly bytesPerSecond?: number;
  /**
   * Called once, when the guest stands still at the source and the target has all it needs to go on. Whoever settles it with a token has taken
   * the VM from the source for good; its `holder` is the guest at the target. When it rejects, the guest goes on at the source: it must not
   * while it is unknown who holds the VM. While it does neither, the guest is `Paused`, until `goOn`, `Guests.stop`, or `activate` at the target.
   */
  readonly switchOver: () => Promise<StartToken>;
}

export interface MoveProgress {
  /** Copying: the guest runs at the source. SwitchingOver: it stands still. Arriving: it runs at the target, and its memory follows. Done: the source is not needed any more. */
  readonly stage: 'Copying' | 'SwitchingOver' | 'Arriving' | 'Done';
  /** Of the memory that is to be sent, as known now. */
  readonly sentBytes: number;
  readonly remainingBytes: number;
  /** Milliseconds until switch-over (Copying) or the end, at the present rates; absent: it does not come nearer. */
  readonly estimatedMs?: number;
  /** The guest goes on, or went on, at the target before its memory was sent. */
  readonly postCopy: boolean;
  /** How often memory has been gone through. */
  readonly round: number;
  /** Percent of its processors that are withheld from the guest so that it writes less. */
  readonly throttledPercent: number;
  /** How long the guest stood still, milliseconds; from Arriving or Done on. */
  readonly downtimeMs?: number;
}

/** How a hypervisor lets guests come and go while they run. */
export interface Moves {
  /**
   * Makes the guest `Incoming`: its memory is reserved, it cannot run. May be repeated. @returns where its memory is to be sent.
   * @throws {PortError} Exists (it is here already and is not Incoming), NoRoom, LacksFeatures, NotFound (a volume), Unreachable, Failed.
   */
  prepare(spec: GuestSpec): Promise<Endpoint>;
  /**
   * Sends a running guest to where it was prepared. Progress comes when something has changed. Ends after Done; then the guest here is `Moved`,
   * and `Guests.stop` forgets it. It begins with the first read. Whoever stops reading cancels: the guest goes on here. Once `switchOver` was
   * called it alone decides, read or not. What was prepared at the target stays there until it is stopped.
   * @throws {PortError} NotFound (also: it was stopped meanwhile), WrongState (also: what waits at `to` is not this VM), Unreachable (the target,
   * before switch-over: the guest runs on here), NotConverging (it runs on here), NotHolder (the token is not for the guest at the target: it goes
   * on here), MemoryLost (after switch-over: the guest cannot go on anywhere).
   */
  send(id: GuestId, to: Endpoint, options: MoveOptions): AsyncIterable<MoveProgress>;
  /** Runs a guest that is `Received`. May be repeated. @throws {PortError} NotFound, WrongState, NotHolder, MemoryLost. */
  activate(id: GuestId, token: StartToken): Promise<void>;
  /** Lets a guest that is `Paused` go on here: its switch-over did not come about. May be repeated. @throws {PortError} NotFound, WrongState, NotHolder. */
  goOn(id: GuestId, token: StartToken): Promise<void>;
}
