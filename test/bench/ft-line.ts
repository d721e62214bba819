/** What bench `ft` measures. */
import type { ProtectionMode } from '../../src/ports/fault-tolerance.ts';

export interface Case {
  readonly mode: ProtectionMode;
  readonly intervalMs: number;
  readonly gbit: number;
  readonly dirty: number;
}

export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export interface Line extends Case {
  /** Work that the guest does, by what it does without a shadow. */
  readonly work: number;
  /** From one checkpoint to the next, and what one is, on average. */
  readonly everyMs: number;
  readonly checkpointKiB: number;
  readonly heldKiB: number;
  /** Of the echoes of its guest, beyond what they take without a shadow, milliseconds. */
  readonly addedMs: { readonly p50: number; readonly p99: number };
  /** From the last echo before its host died to the first one after, milliseconds. */
  readonly blackoutMs: Spread;
  /** The same of a conversation, whose client must send again what was lost, and waits longer each time. */
  readonly conversationMs: Spread;
  /** How long the other side must be silent, milliseconds. */
  readonly detectionMs: number;
}

/** Of one loss of power, milliseconds, counted from it. */
export interface Gap {
  readonly lastEcho: number;
  readonly lastAnswer: number;
  /** The shadow has heard nothing for long enough, and asks the arbiter. */
  readonly silent: number;
  readonly live: number;
  readonly firstEcho: number;
  readonly firstAnswer: number;
}
