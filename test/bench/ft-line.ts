/** What bench `ft` measures. */
import type { ProtectionMode } from '../../src/ports/fault-tolerance.ts';
import { round } from './figures.ts';

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

/** Of hosts that lost their power at once, in all runs together. Times are simulated, from the loss of power. */
export interface FleetLine {
  /** Pairs whose original was on one of them, those of these whose shadow was not, and those that it went on for. */
  readonly lostOriginal: number;
  readonly livePeer: number;
  readonly wentOn: number;
  /** Pairs that lost anything. */
  readonly affected: number;
  /** From the last state that the shadow goes on from until it goes on, as their pairs say. */
  readonly blackoutMs: Spread;
  /** Until they are protected again, of all that lost anything. */
  readonly protectedSeconds: Spread;
  /** All that the operator wrote, other VMs and shadows that were lost included, by those that went on. */
  readonly operatorWritesPerFailover: number;
  /** Of everybody, Leases, HostUsages, Nodes and pools apart. */
  readonly writes: number;
  /** How often a rule was broken. */
  readonly broken: number;
  readonly cpuSeconds: number;
}

export function spread(values: readonly number[]): Spread {
  return { p50: round(at(values, 0.5)), p95: round(at(values, 0.95)), max: round(at(values, 1)) };
}

export function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
