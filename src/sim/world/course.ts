import { PortError } from '../../ports/errors.ts';
import type { GuestId, GuestSpec } from '../../ports/guests.ts';
import type { MoveOptions, MoveProgress } from '../../ports/moves.ts';
import type { GuestRun } from './guest-run.ts';
import type { Machine, WorldCore } from './machine.ts';

/** One transfer, as its phases hand it on. */
export interface Course {
  readonly core: WorldCore;
  readonly source: Machine;
  readonly spec: GuestSpec;
  readonly run: GuestRun;
  readonly options: MoveOptions;
  readonly target: { readonly machine: Machine; readonly id: GuestId };
  /** Aborted, with the reason, when it cannot go on: what is being carried is let go. */
  readonly broken: AbortSignal;
  readonly tell: (progress: MoveProgress) => void;
  /** What its progress says, besides bytes. */
  readonly said: Omit<MoveProgress, 'sentBytes' | 'remainingBytes' | 'estimatedMs'>;
  sentBytes: number;
  remainingBytes: number;
  /** When the guest came to stand still. */
  pausedAt: number;
}

/** @throws what broke it. */
export function checkWhole({ broken }: Pick<Course, 'broken'>): void {
  if (!broken.aborted) return;
  const reason: unknown = broken.reason;
  throw reason instanceof Error ? reason : new PortError('Failed', 'the transfer was broken off');
}

/** Says how far it is, of `said` anew what is given. */
export function say(course: Course, said: Partial<Course['said']> = {}): void {
  Object.assign(course.said, said);
  const { sentBytes, remainingBytes } = course;
  course.tell({ ...course.said, sentBytes: Math.round(sentBytes), remainingBytes: Math.round(remainingBytes) });
}

/**
 * Carries bytes from the source to the target.
 * @returns how long that took, milliseconds.
 * @throws {PortError} Unreachable, or what broke the transfer.
 */
export async function carry(course: Course, bytes: number): Promise<number> {
  checkWhole(course);
  const { core, broken, options, source, target } = course;
  const { bytesPerSecond: cap } = options;
  const from = core.runtime.clock.monotonic();
  const flow = core.flows.open({ from: source.name, to: target.machine.name, bytes, ...(cap === undefined ? {} : { cap }) });
  const close = (): void => {
    flow.close();
  };
  broken.addEventListener('abort', close);
  try {
    await flow.done;
    checkWhole(course);
    return core.runtime.clock.monotonic() - from;
  } finally {
    broken.removeEventListener('abort', close);
  }
}
