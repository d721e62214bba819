/**
 * What was under way ended because its owner stopped; nothing went wrong. It has no stack: nobody looks for where, and every request that is
 * answered stops the timer of its deadline, where the stack would cost more than all the rest of the client's own work.
 */
export class Stopped extends Error {
  override name = 'Stopped';
  constructor(what = 'stopped') {
    // By reflection: the language does not know this property, only the engine does.
    const limit: unknown = Reflect.get(Error, 'stackTraceLimit');
    Reflect.set(Error, 'stackTraceLimit', 0);
    super(what);
    Reflect.set(Error, 'stackTraceLimit', limit);
  }
}

/** A mistake that the person at the keyboard can mend. The message names the field or flag and the way out. */
export class UserError extends Error {
  override name = 'UserError';
}

/** Says what could not have happened. Reaching it is a defect of ours. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

/** Narrows away the impossible. @throws {Unreachable} with `what` when `value` is null or undefined. */
export function must<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Unreachable(`missing: ${what}`);
  return value;
}

/** The words of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
