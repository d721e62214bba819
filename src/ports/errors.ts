/** Why a port did not do it. `code` is for decisions, the message for people. */
export type PortErrorCode =
  /** No such guest, volume or host. */
  | 'NotFound'
  /** It is there already. */
  | 'Exists'
  /** Not in a state from which this can be done. */
  | 'WrongState'
  /** The host has too little memory or too few processors left. */
  | 'NoRoom'
  /** The host's processors lack features that the guest is to see. */
  | 'LacksFeatures'
  /** The datastore has too little space left. */
  | 'DiskFull'
  /** The datastore, or the arbiter on it, cannot be reached from here. */
  | 'Unreachable'
  /** The arbiter did not give its word: someone else holds the VM. */
  | 'NotHolder'
  /** The guest writes faster than its memory can be sent. */
  | 'NotConverging'
  /** The guest's memory is gone, and with it the guest. */
  | 'MemoryLost'
  /** It failed for a reason that may pass. */
  | 'Failed';

export class PortError extends Error {
  override name = 'PortError';
  readonly code: PortErrorCode;
  constructor(code: PortErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** True when `error` is a port's no, for one of `codes` if given. */
export function isPortError(error: unknown, ...codes: PortErrorCode[]): error is PortError {
  return error instanceof PortError && (codes.length === 0 || codes.includes(error.code));
}
