import { DiskFull } from '../base/disk.ts';
import { UserError, messageOf } from '../base/errors.ts';

/** The code of a system error, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** A system error in the words of Disk. */
export function translated(error: unknown): unknown {
  const code = codeOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT' ? new DiskFull({ cause: error }) : error;
}

const mendable: readonly string[] = ['ENOENT', 'ENOTDIR', 'EEXIST', 'EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG', 'ELOOP'];

/** An error of reaching `directory` at all, as something that a person can mend. */
export function unusable(directory: string, error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined || !mendable.includes(code)) return translated(error);
  return new UserError(`${directory} cannot be used as a data directory: ${messageOf(error)}. Name one that this user may write to`, {
    cause: error,
  });
}
