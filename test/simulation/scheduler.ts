/** The one who settles: a virtual clock on which every port call waits, one at a time, and a trace of all that happened. */
import { createHash } from 'node:crypto';
import process from 'node:process';
import { virtualClock, type VirtualClock } from '../../src/sim/clock.ts';

/** What happened, in order. Two plays of a seed give the same lines, byte for byte. */
export interface Trace {
  /** Notes a line under the virtual time. */
  note(line: string): void;
  /** Of all lines so far: 64 hexadecimal digits. */
  hash(): string;
  /** How many lines there were. */
  length(): number;
}

export interface Scheduler {
  readonly clock: VirtualClock;
  readonly trace: Trace;
}

// While a simulation plays, the globals themselves throw.
const nextTick = process.nextTick.bind(process);
const now = Promise.resolve();

/**
 * Calls back when no microtask is left, however long the chains: ticks are looked at only once the microtasks have run out. It takes no turn of the
 * event loop, which would halve the speed, and nothing of the machine gets between.
 */
export function drained(done: () => void): void {
  // As queueMicrotask, which makes each of them a resource that can be traced.
  void now.then(() => {
    nextTick(done);
  });
}

/** Where the wall clock of every simulation begins. */
const epoch = Date.parse('2026-03-01T12:00:00Z');

/** @param tell gets each line as it is noted, without its line break. */
export function scheduler(tell?: (line: string) => void): Scheduler {
  const clock = exact(virtualClock(epoch, drained));
  return { clock, trace: traceOn(clock, tell) };
}

/** Every moment is a whole number of 1/1024 ms, so that sums and differences of times are exact; the wall clock tells whole milliseconds, as machines do. */
function exact(clock: VirtualClock): VirtualClock {
  return {
    ...clock,
    now: () => Math.floor(clock.now()),
    sleep: (ms, signal) => clock.sleep(exactly(ms), signal),
    after: (ms, act) => clock.after(exactly(ms), act),
  };
}

function exactly(ms: number): number {
  return Math.ceil(ms * 1024) / 1024;
}

/** Lines are hashed so many characters at a time: each call costs more than its bytes. */
const hashedTogether = 1 << 16;

function traceOn(clock: VirtualClock, tell: ((line: string) => void) | undefined): Trace {
  const hash = createHash('sha256');
  let lines = 0;
  let unhashed = '';
  return {
    note: (text) => {
      const line = `${clock.monotonic().toFixed(3)} ${text}`;
      lines++;
      unhashed += `${line}\n`;
      if (unhashed.length > hashedTogether) {
        hash.update(unhashed);
        unhashed = '';
      }
      tell?.(line);
    },
    hash: () => hash.copy().update(unhashed).digest('hex'),
    length: () => lines,
  };
}
