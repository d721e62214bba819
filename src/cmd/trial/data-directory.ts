import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Disk } from '../../base/disk.ts';
import { messageOf, UserError } from '../../base/errors.ts';
import { lockFiles } from '../../system/directory-lock.ts';
import { fileDisk } from '../../system/file-disk.ts';
import { codeOf, unusable } from '../../system/file-errors.ts';
import { makeDirectory, removeEmpty } from '../../system/make-directory.ts';
import { installationIn, marker, type Installation } from './installation.ts';

/** What the trial keeps between two starts. */
export interface DataDirectory {
  readonly path: string;
  /** The bearer token of this installation. */
  readonly token: string;
  readonly api: Disk;
  readonly world: Disk;
  readonly certificates: Disk;
  readonly installation: Installation;
  unlock(): Promise<void>;
  /** Gives it back as it was found, for a start that came to nothing. */
  abandon(): Promise<void>;
}

const kept: readonly string[] = [marker, 'api', 'world', 'certificates', 'token', 'kubeconfig'];

/**
 * Takes `path` for this process.
 * @throws {UserError} when another process has it, when it holds something else, or when it cannot be written; then nothing of it is changed.
 */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  const directory = resolve(path);
  refuseStrangers(directory, await contentsOf(directory));
  const made = await inWords(directory, () => makeDirectory(directory));
  try {
    const root = fileDisk(directory);
    await root.lock();
    return await opened(directory, root, made);
  } catch (error) {
    await removeEmpty(made);
    throw error;
  }
}

/** With the lock in hand, so that nobody else comes between what is read and what is written. */
async function opened(directory: string, root: Disk, made: readonly string[]): Promise<DataDirectory> {
  const before = await contentsOf(directory);
  const held = [root];
  const unlock = async (): Promise<void> => {
    for (const disk of held.splice(0).reverse()) await disk.unlock();
  };
  const abandon = async (): Promise<void> => {
    if (!before.includes(marker)) await removeAll(directory, [...kept.filter((name) => !before.includes(name)), ...lockFiles]);
    await unlock();
    await removeEmpty(made);
  };
  try {
    const installation = await inWords(directory, () => installationIn(root));
    const token = await inWords(directory, () => tokenIn(directory));
    const [world, certificates] = [fileDisk(join(directory, 'world')), fileDisk(join(directory, 'certificates'))];
    for (const disk of [world, certificates]) {
      await disk.lock();
      held.push(disk);
    }
    // The store takes its own directory.
    return { path: directory, token, api: fileDisk(join(directory, 'api')), world, certificates, installation, unlock, abandon };
  } catch (error) {
    await abandon();
    throw error;
  }
}

async function removeAll(directory: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(join(directory, name), { recursive: true, force: true });
}

async function contentsOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    if (codeOf(error) === 'ENOTDIR')
      throw new UserError(`--data-dir ${directory} is not a directory: name one, or a place where one can be made`);
    throw new UserError(`--data-dir ${directory} cannot be read: ${messageOf(error)}`);
  }
}

function refuseStrangers(directory: string, contents: readonly string[]): void {
  // The root of a fresh file system has a directory for what its check finds; `clusters` has the worlds of other control planes.
  const known = [...kept, ...lockFiles, 'clusters', 'lost+found'];
  const strange = contents.filter((name) => !known.includes(name));
  if (contents.includes(marker) || strange.length === 0) return;
  throw new UserError(
    `--data-dir ${directory} holds other things (${strange.slice(0, 3).join(', ')}): name an empty directory, or one that Hypersphere made`,
  );
}

async function tokenIn(directory: string): Promise<string> {
  const file = join(directory, 'token');
  try {
    const text = (await readFile(file, 'utf8')).trim();
    if (text.length >= 32) return text;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  const token = randomBytes(32).toString('hex');
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return token;
}

async function inWords<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const said = unusable(directory, error);
    if (error instanceof UserError) throw new UserError(`--data-dir ${directory}: ${messageOf(error)}`);
    if (said instanceof UserError) throw new UserError(`--data-dir ${messageOf(said)}`);
    throw new UserError(`--data-dir ${directory} cannot be written: ${messageOf(error)}`);
  }
}
