import { chmod, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { messageOf, UserError } from '../../base/errors.ts';
import { makeDirectory } from '../../system/make-directory.ts';

/** Writes a file that only its owner may read. @throws {UserError} naming the flag. */
export async function writePrivate(file: string, text: string, flag: string): Promise<void> {
  try {
    await makeDirectory(dirname(resolve(file)));
    await writeFile(file, text, { mode: 0o600 });
    // An older file keeps its mode when it is written over.
    await chmod(file, 0o600);
  } catch (error) {
    const isDirectory = await stat(file).then(
      (found) => found.isDirectory(),
      () => false,
    );
    throw new UserError(`${flag} ${file} cannot be written: ${isDirectory ? 'it is a directory' : messageOf(error)}`);
  }
}
