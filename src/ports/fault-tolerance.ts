import type { StartToken } from './arbiter.ts';
import type { GuestId } from './guests.ts';
import type { Endpoint } from './moves.ts';

/** Checkpoint: what changed is sent at an interval. Lockstep: what the guest cannot compute by itself is sent as it happens; one core only. */
export type ProtectionMode = 'Checkpoint' | 'Lockstep';

export interface ProtectionOptions {
  readonly mode: ProtectionMode;
  /** Of checkpoints, at the least, milliseconds; in lockstep, the longest time without a word. */
  readonly intervalMs: number;
  /** How long nothing may come from the other side before it counts as silent, milliseconds. */
  readonly silenceMs: number;
}

/** One side of a pair, as its hypervisor has it. */
export interface Protection {
  /** The guest here. */
  readonly id: GuestId;
  readonly role: 'Primary' | 'Shadow';
  /** The guest on the other side. */
  readonly peer: GuestId;
  /**
   * Synchronising: all of its memory is sent; the shadow has nothing to go on from, and the primary's output goes out. InStep: nothing goes out
   * before the shadow has what it came from. Silent: nothing came from the other side for longer than `silenceMs`, or it said that it is over; a
   * primary that the shadow could go on from runs, and all its output is held; a shadow stands still.
   */
  readonly stage: 'Synchronising' | 'InStep' | 'Silent';
  /** How old the state is that the shadow has, milliseconds; 0 while it has none. */
  readonly lagMs: number;
  /** From one state to the next, now: longer than asked for where the link or the pauses want it. */
  readonly intervalMs: number;
  /** Of the last checkpoint, or piece of the log. */
  readonly checkpointBytes: number;
  /** Frames and disk writes that wait. */
  readonly heldBytes: number;
}

export interface GoneLive {
  /** From the moment of the state that it went on from until it did, milliseconds. */
  readonly blackoutMs: number;
}

/**
 * How a hypervisor keeps a guest that runs (the primary) and one that stands by elsewhere (the shadow) in step. No frame of the primary leaves
 * and no disk write of it is seen before the shadow has acknowledged the state that it depends on. It asks no arbiter: whoever calls `goAlone`
 * or `goLive` has asked, and brings the token.
 */
export interface FaultTolerance {
  /**
   * Protects a running guest by one that was prepared elsewhere (`Moves.prepare`). The guest runs on. Settles once the other side has taken part;
   * it is in step when `list` says so. Repeated for the same peer: goes on as it is, with these options; for another peer: WrongState.
   * @throws {PortError} NotFound, WrongState (it does not run, or is being sent; it has more than one core in Lockstep; what waits at `to` is not
   * this VM, or is protected by another), Unreachable (what waits at `to`).
   */
  protect(id: GuestId, to: Endpoint, options: ProtectionOptions): Promise<void>;
  /** Both roles. The primary's entry ends with `goAlone` or its stop; the shadow's with `goLive`, its stop, or the primary's word that it goes on alone. */
  list(): Promise<readonly Protection[]>;
  /** Each change of stage, and the last state of a protection that ends. Ends with `signal`. A hint: what counts is `list`. */
  changes(signal: AbortSignal): AsyncIterable<Protection>;
  /**
   * Ends the primary's protection: what is held is let go, and the guest runs on without a shadow. May be repeated.
   * @throws {PortError} NotFound, WrongState (it does not run), NotHolder.
   */
  goAlone(id: GuestId, token: StartToken): Promise<void>;
  /**
   * Runs the shadow from its last complete state: for all that anybody outside was told, what the primary did after it never happened. May be
   * repeated: then as it was the first time.
   * @throws {PortError} NotFound, WrongState (it has no state to go on from), NotHolder.
   */
  goLive(id: GuestId, token: StartToken): Promise<GoneLive>;
}
