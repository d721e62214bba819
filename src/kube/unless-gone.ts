import { isApiError } from '../meta/status.ts';

/**
 * Settles with `write`, also when what it was for is gone, or was changed or made anew since it was read: the cache will bring what is newer,
 * and with it another look. @returns whether it was done. @throws what else `write` throws.
 */
export async function unlessGone(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (!isApiError(error, 'NotFound', 'Conflict')) throw error;
    return false;
  }
}
