/** What came of a play. */
import type { Violation } from './judge.ts';
import type { Cost } from './talk.ts';

export interface Outcome {
  readonly violations: readonly (Violation & { readonly atMs: number; readonly line: number })[];
  readonly hash: string;
  /** Lines of the trace. */
  readonly lines: number;
  readonly simulatedMs: number;
  /** How many faults came. */
  readonly faults: number;
  readonly met: Readonly<Record<string, number>>;
  /** Writes that reached the server, and the most that one object saw in a minute. */
  readonly writes: number;
  readonly highest: number;
  /** How long the fleet took to come to rest once faults had stopped. */
  readonly restMs: number;
  /** How long each guest that moved stood still, milliseconds. */
  readonly downtimes: readonly number[];
  /** What each move cost who talked to its guest. */
  readonly costs: readonly Cost[];
  /** How long a client heard nothing around each time that a shadow went on, milliseconds. */
  readonly silences: readonly number[];
  /** How often one went on without its shadow. */
  readonly alone: number;
}
