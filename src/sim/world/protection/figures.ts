/**
 * How long things take that keep a shadow in step, and how much they are. Sources:
 * [Remus] Cully et al., Remus: High Availability via Asynchronous Virtual Machine Replication, NSDI 2008: a guest stands still while what it changed
 *   is copied to a buffer, and goes on while that is sent; a checkpoint each 25 ms at the least.
 * [FT] Scales, Nelson, Venkitachalam, The Design of a Practical System for Fault-Tolerant Virtual Machines, 2010: less than 10 % of a guest's time;
 *   a log of 1.4 to 18 Mbit/s; a round trip of a few hundred microseconds; the primary is slowed down when its shadow lags, and stands still when the
 *   log's buffer is full.
 * [QEMU] Checkpoints of whole QEMU guests over QMP, measured: 78 ms of standing still for 80 MB, 122 ms for 128 MB.
 */

/** From one hypervisor to the other, milliseconds [FT]. */
export const oneWayMs = 0.15;

/** A line through [QEMU]: what stopping and going on takes, and how fast memory is copied. */
const stopMs = 4.7;
const copyBytesPerSecond = 1.09e9;

/** How long a guest stands still for a checkpoint, milliseconds. */
export function copyMs(bytes: number): number {
  return stopMs + (bytes * 1000) / copyBytesPerSecond;
}

/** Of its time a guest stands still for checkpoints at most so much: then they come less often. */
export const mostStillShare = 0.5;

/** The log of a guest that does nothing [FT], bytes a second; what comes over its network is in it too. */
export const logBytesPerSecond = 1.4e6 / 8;
/** What each piece of the log takes besides. */
export const entryBytes = 64;
/** Of a processor, what is left to a guest whose inputs are logged [FT]. */
export const loggedShare = 0.95;
/** Pieces of the log on their way at once. */
export const mostPieces = 8;

/** Frames and writes that wait, at most; a guest that says more stands still, as one whose queues are full. */
export const mostHeldBytes = 16 * 2 ** 20;

/** A shadow that is so many intervals behind lags, and its primary is slowed down. */
export const lagIntervals = 2;
/** To so much of its processors at the least; and how fast it gets them back. */
export const leastShare = 0.1;
export const recoveryFactor = 1.25;

/** As often all of the memory that changed is sent before the first checkpoint, at most. */
export const mostRounds = 5;
