import { mkdir, rmdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { syncDirectory } from './sync-directory.ts';
import { codeOf } from './file-errors.ts';

/**
 * Makes a directory with those above it that are missing, so that they last. What it made before a failure is removed again.
 *
 * Not by Node's own `recursive`, which tries for ever where a directory exists and yet has no room for a name (`/proc`), in a thread that keeps
 * the process from ending.
 * @returns those that it made, the outermost first.
 */
export async function makeDirectory(path: string): Promise<readonly string[]> {
  const made: string[] = [];
  try {
    for (const directory of await missingFrom(resolve(path))) {
      if (await make(directory)) made.push(directory);
      await syncDirectory(dirname(directory));
    }
    return made;
  } catch (error) {
    await removeEmpty(made);
    throw error;
  }
}

/** Removes what `makeDirectory` made, as far as nothing is in it. */
export async function removeEmpty(made: readonly string[]): Promise<void> {
  for (const directory of made.toReversed()) await rmdir(directory).catch(() => undefined);
}

/** The outermost first; the innermost of all when it is there and no directory, so that making it says so. */
async function missingFrom(directory: string): Promise<string[]> {
  const missing: string[] = [];
  for (let at = directory; ; at = dirname(at)) {
    const found = await kindOf(at);
    if (found === 'directory') return missing;
    missing.unshift(at);
    if (found === 'other' || dirname(at) === at) return missing;
  }
}

async function kindOf(path: string): Promise<'directory' | 'other' | 'missing'> {
  try {
    return (await stat(path)).isDirectory() ? 'directory' : 'other';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'missing';
    throw error;
  }
}

/** False when another process was faster. */
async function make(directory: string): Promise<boolean> {
  try {
    await mkdir(directory);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await kindOf(directory)) === 'directory') return false;
    throw error;
  }
}
