import type { GuestId, GuestSpec } from '../../ports/guests.ts';
import type { MoveOptions, MoveProgress } from '../../ports/moves.ts';
import { PortError } from '../../ports/errors.ts';
import type { Flow } from './flows.ts';
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
  said: Omit<MoveProgress, 'sentBytes' | 'remainingBytes' | 'estimatedMs'>;
  sentBytes: number;
  /** Of memory, that the target lacks. */
  remainingBytes: number;
  /** When the guest came to stand still. */
  pausedAt: number;
  /** `switchOver` was called: it alone decides, or what happens to the source. */
  asked: boolean;
}

/** Milliseconds until its stage is over, when so many bytes of what is being carried are left at that rate; undefined: never. */
export type Estimate = (bytes: number, rate: number) => number | undefined;

/** @throws what broke it. */
export function checkWhole({ broken }: Pick<Course, 'broken'>): void {
  if (!broken.aborted) return;
  const reason: unknown = broken.reason;
  throw reason instanceof Error ? reason : new PortError('Failed', 'the transfer was broken off');
}

/** Says how far it is, of `said` anew what is given. */
export function say(course: Course, said: Partial<Course['said']> = {}, estimatedMs?: number): void {
  course.said = { ...course.said, ...said };
  const sentBytes = Math.round(course.sentBytes);
  const remainingBytes = Math.round(course.remainingBytes);
  course.tell({
    ...course.said,
    sentBytes,
    remainingBytes,
    ...(estimatedMs === undefined ? {} : { estimatedMs: Math.round(estimatedMs) }),
  });
}

/** Carries a word from one hypervisor to the other. @throws {PortError} Unreachable, or what broke the transfer. */
export async function carryWord(course: Course): Promise<void> {
  await through(course, openFlow(course, wordBytes));
}

const wordBytes = 1024;

/**
 * Carries what the target lacks, and says from time to time how far it is.
 * @returns how long that took, milliseconds.
 * @throws {PortError} Unreachable, or what broke the transfer.
 */
export async function carry(course: Course, bytes: number, estimate: Estimate): Promise<number> {
  const { clock } = course.core.runtime;
  const from = clock.monotonic();
  const before = { sent: course.sentBytes, remaining: course.remainingBytes };
  const flow = openFlow(course, bytes);
  const count = (): void => {
    const left = flow.remainingBytes();
    course.sentBytes = before.sent + bytes - left;
    course.remainingBytes = Math.max(0, before.remaining - bytes + left);
  };
  const over = new AbortController();
  const tick = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(course.core.settings.progressMs, over.signal);
      count();
      say(course, {}, estimate(flow.remainingBytes(), flow.rate()));
    }
  };
  tick().catch(() => undefined);
  try {
    await through(course, flow);
    return clock.monotonic() - from;
  } finally {
    over.abort();
    count();
  }
}

function openFlow({ core, options, source, target }: Course, bytes: number): Flow {
  const { bytesPerSecond: cap } = options;
  return core.flows.open({ from: source.name, to: target.machine.name, bytes, ...(cap === undefined ? {} : { cap }) });
}

async function through(course: Course, flow: Flow): Promise<void> {
  const { broken } = course;
  const close = (): void => {
    flow.close();
  };
  if (broken.aborted) close();
  else broken.addEventListener('abort', close);
  try {
    await flow.done;
    checkWhole(course);
  } finally {
    broken.removeEventListener('abort', close);
  }
}
