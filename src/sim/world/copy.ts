import { dirtiedPages, pageBytes } from './behaviour.ts';
import { carry, say, type Course } from './course.ts';

/** What is left when the guest is to stand still. */
export interface Left {
  /** Bytes that the target needs before the guest goes on there. */
  readonly atOnce: number;
  /** Bytes that follow while it runs there; absent: none. */
  readonly after?: number;
}

/** Sends the guest's memory while it runs on. */
export async function copyMemory(course: Course): Promise<Left> {
  const { core, options, run, spec } = course;
  const { deviceStateBytes } = core.settings;
  say(course, { postCopy: options.mode === 'PostCopy' });
  if (options.mode === 'PostCopy') return { atOnce: deviceStateBytes, after: spec.memoryBytes };
  const from = run.elapsed();
  await carry(course, spec.memoryBytes);
  const dirtied = dirtiedPages(run.behaviour, spec.memoryBytes, run.elapsed() - from) * pageBytes;
  return { atOnce: deviceStateBytes + dirtied };
}
