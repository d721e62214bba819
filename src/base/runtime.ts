import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Random } from './random.ts';

/**
 * What one incarnation of a process has of the world besides its ports. There is no mutable state at module level:
 * whatever a process remembers hangs on what it made from its Runtime, and goes with it.
 */
export interface Runtime {
  /** Unique to this incarnation, such as `operator-0-7f3a`. */
  readonly id: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Aborted when this process is asked to stop. A crash aborts nothing: it just never goes on. */
  readonly stopping: AbortSignal;
}
