import { isPortError, type PortErrorCode } from '../ports/errors.ts';

/** Why an instance is not as it should be: `reason` for programs, the message for people. */
export interface Reason {
  readonly reason: string;
  readonly message: string;
}

/** What stands in the way for now, and when to look again. */
export class Trouble extends Error {
  override name = 'Trouble';
  readonly reason: string;
  /** Milliseconds. */
  readonly again: number | undefined;
  constructor(reason: string, message: string, again?: number) {
    super(message);
    this.reason = reason;
    this.again = again;
  }
}

/** Undefined: `error` is not one that may be expected. */
export function reasonOf(error: unknown): Reason | undefined {
  if (error instanceof Trouble) return { reason: error.reason, message: error.message };
  return isPortError(error) ? { reason: wordFor(error.code), message: error.message } : undefined;
}

function wordFor(code: PortErrorCode): string {
  return code === 'NotHolder' ? 'HeldElsewhere' : code;
}
