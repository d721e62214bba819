import { readFile } from 'node:fs/promises';
import { messageOf, UserError } from '../base/errors.ts';

/**
 * The token in a file that others write anew, as a kubelet does with the one of a service account: read at each call. While the file cannot
 * be read the token read last is given on, as client-go does; the server decides whether it is still good.
 * @throws {UserError} when there never was one.
 */
export function tokenFile(path: string): () => Promise<string> {
  let last: string | undefined;
  return async () => {
    try {
      // Editors and shells end a file with a line break; a header must not have one.
      const token = (await readFile(path, 'utf8')).trim();
      if (token === '') throw new UserError('it is empty');
      last = token;
    } catch (error) {
      if (last === undefined) throw new UserError(`the token file ${path} cannot be read: ${messageOf(error)}`);
    }
    return last;
  };
}
