import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { messageOf, UserError } from '../../base/errors.ts';
import type { Disk } from '../../base/disk.ts';
import { fileDisk } from '../../system/file-disk.ts';

/** What the trial keeps between two starts. */
export interface DataDirectory {
  readonly path: string;
  /** Nothing was in it before. */
  readonly fresh: boolean;
  /** The bearer token of this installation. */
  readonly token: string;
  readonly api: Disk;
  readonly world: Disk;
  readonly certificates: Disk;
  unlock(): Promise<void>;
}

const marker = 'hypersphere.json';
const ours = new Set([marker, 'api', 'world', 'certificates', 'token', 'kubeconfig', 'lock', 'lock.pid']);

/**
 * Takes `path` for this process.
 * @throws {UserError} when another process has it, when it holds something else, or when it cannot be written.
 */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  const directory = resolve(path);
  const before = await contentsOf(directory);
  refuseStrangers(directory, before);
  const root = fileDisk(directory);
  await root.lock();
  try {
    await writable(directory, () => writeFile(join(directory, marker), `${JSON.stringify({ format: 1 })}\n`));
    const token = await writable(directory, () => tokenIn(directory));
    // The store takes its own directory.
    const owned = [fileDisk(join(directory, 'world')), fileDisk(join(directory, 'certificates'))] as const;
    for (const disk of owned) await disk.lock();
    const unlock = async (): Promise<void> => {
      for (const disk of [...owned, root]) await disk.unlock();
    };
    const [world, certificates] = owned;
    return { path: directory, fresh: !before.includes('api'), token, api: fileDisk(join(directory, 'api')), world, certificates, unlock };
  } catch (error) {
    await root.unlock();
    throw error;
  }
}

async function contentsOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    if (isCode(error, 'ENOTDIR'))
      throw new UserError(`--data-dir ${directory} is not a directory: name one, or a place where one can be made`);
    throw new UserError(`--data-dir ${directory} cannot be read: ${messageOf(error)}`);
  }
}

function refuseStrangers(directory: string, contents: readonly string[]): void {
  const strange = contents.filter((name) => !ours.has(name));
  if (contents.includes(marker) || strange.length === 0) return;
  throw new UserError(
    `--data-dir ${directory} holds other things (${strange.slice(0, 3).join(', ')}): name an empty directory, or one that Hypersphere made`,
  );
}

async function tokenIn(directory: string): Promise<string> {
  const file = join(directory, 'token');
  try {
    const kept = (await readFile(file, 'utf8')).trim();
    if (kept.length >= 32) return kept;
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
  const token = randomBytes(32).toString('hex');
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return token;
}

/** Writes a file that only its owner may read. @throws {UserError} naming the flag. */
export async function writePrivate(file: string, text: string, flag: string): Promise<void> {
  try {
    await mkdir(dirname(resolve(file)), { recursive: true });
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

async function writable<T>(directory: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw new UserError(`--data-dir ${directory} cannot be written: ${messageOf(error)}`);
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
