import { PortError } from '../../ports/errors.ts';
import { carry, say, type Course } from './course.ts';
import { convergence, type Convergence } from './convergence.ts';
import { guestMemory, msUntilEnough, type GuestMemory } from './memory.ts';

/** What is left when the guest is to stand still. */
export interface Left {
  /** Bytes that the target needs before the guest goes on there. */
  readonly atOnce: number;
  /** Bytes that follow while it runs there; absent: none. */
  readonly after?: number;
}

/** Sends the guest's memory while it runs on. @throws {PortError} NotConverging, Unreachable, or what broke it: then the guest is not throttled any more. */
export async function copyMemory(course: Course): Promise<Left> {
  const { core, options, run, spec } = course;
  const { deviceStateBytes, throttle } = core.settings;
  const memory = guestMemory(run.behaviour, spec);
  course.remainingBytes = memory.whole(run.elapsed());
  say(course);
  if (options.mode === 'PostCopy') return { atOnce: deviceStateBytes, after: course.remainingBytes };
  const control = convergence(options.mode, throttle);
  try {
    const converged = await rounds(course, memory, control);
    if (converged) return { atOnce: deviceStateBytes + course.remainingBytes };
    if (options.mode === 'Auto') return { atOnce: deviceStateBytes, after: course.remainingBytes };
    const after = `after ${String(course.said.round)} rounds, with ${String(control.percent())} % of its processors withheld`;
    throw new PortError('NotConverging', `guest ${spec.id} writes faster than its memory can be sent, ${after}`);
  } catch (error) {
    run.slow(1);
    throw error;
  }
}

/** Leaves in `remainingBytes` what the target lacks. @returns whether that is little enough. */
async function rounds(course: Course, memory: GuestMemory, control: Convergence): Promise<boolean> {
  const { run } = course;
  for (;;) {
    const from = run.elapsed();
    const sentBytes = course.remainingBytes;
    const estimate = (bytes: number, rate: number): number | undefined => {
      const pace = { rate, share: 1 - control.percent() / 100, enoughBytes: enoughBytes(course, rate) };
      return msUntilEnough(memory, run.elapsed(), bytes, pace);
    };
    const ms = await carry(course, sentBytes, estimate);
    const dirtiedBytes = memory.dirtied(from, run.elapsed());
    course.remainingBytes = dirtiedBytes;
    if (dirtiedBytes <= enoughBytes(course, (sentBytes * 1000) / ms)) return true;
    const advice = control.after({ sentBytes, dirtiedBytes });
    if (advice === 'GiveUp') return false;
    if (advice === 'Throttle') run.slow(1 - control.percent() / 100);
    say(course, { round: course.said.round + 1, throttledPercent: control.percent() });
  }
}

/** How much dirty memory may be left so that the guest stands still for no longer than the limit; where its devices alone take longer, none. */
function enoughBytes({ core }: Course, rate: number): number {
  const { deviceStateBytes, downtimeLimitMs, switchOverMs } = core.settings;
  return Math.max(0, (rate * (downtimeLimitMs - switchOverMs)) / 1000 - deviceStateBytes);
}
