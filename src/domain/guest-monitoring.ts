/** Whether a guest hangs, and whether it is to be reset for that: only where nothing at all is to be seen of it, and not too often. Pure. */
import { parseDuration, parseTime } from '../base/time.ts';
import type { VirtualMachine } from '../api/virtual-machine.ts';
import type { GuestMonitoring } from '../api/virtual-machine-instance.ts';

/** What is asked for, as an instance says it; undefined: nobody watches it. */
export function guestMonitoringOf({ spec }: VirtualMachine): GuestMonitoring | undefined {
  const asked = spec.availability?.guestMonitoring;
  return asked === undefined ? undefined : { interval: '30s', minimumUptime: '120s', maxResets: 3, resetWindow: '1h', ...asked };
}

/** What is to be seen of a guest. */
export interface Signs {
  /** Wall clock of its start, milliseconds: another one is another guest. */
  readonly startedAt: number;
  readonly heartbeat: 'Booting' | 'Beating' | 'Silent';
  /** Grows as long as it works. */
  readonly work: number;
}

/** What was seen of it until now. Only time that was watched counts: who stood still itself knows of nobody else. */
export interface Watch extends Signs {
  /** When it was looked at last, monotonic milliseconds. */
  readonly at: number;
  readonly watchedMs: number;
  /** How long nothing has been seen of it. */
  readonly quietMs: number;
}

/** @param everyMs how often it is looked at: a longer gap counts as one of that length. */
export function watchAfter(before: Watch | undefined, signs: Signs, now: number, everyMs: number): Watch {
  if (before?.startedAt !== signs.startedAt) return { ...signs, at: now, watchedMs: 0, quietMs: 0 };
  const passed = Math.min(now - before.at, everyMs);
  const isQuiet = signs.heartbeat === 'Silent' && signs.work === before.work;
  return { ...signs, at: now, watchedMs: before.watchedMs + passed, quietMs: isQuiet ? before.quietMs + passed : 0 };
}

export function hangs({ interval, minimumUptime }: GuestMonitoring, { quietMs, watchedMs }: Watch): boolean {
  return quietMs >= parseDuration(interval) && watchedMs >= parseDuration(minimumUptime);
}

/** It has been reset as often as it may be within the window. @param now wall clock, milliseconds. */
export function isSpent({ maxResets, resetWindow }: GuestMonitoring, resets: readonly string[], now: number): boolean {
  const from = now - parseDuration(resetWindow);
  return resets.filter((reset) => (parseTime(reset) ?? 0) > from).length >= maxResets;
}
