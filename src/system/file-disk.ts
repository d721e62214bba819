import { open, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Disk } from '../base/disk.ts';
import { lockDirectory, lockFiles } from './directory-lock.ts';
import { codeOf, translated, unusable } from './file-errors.ts';
import { fileLog, readAll, writeAll } from './file-log.ts';
import { makeDirectory, removeEmpty } from './make-directory.ts';
import { syncDirectory } from './sync-directory.ts';

const replacing = '.replacing';

/** The directory at `path` as a Disk. It is made, with its parents, when it is locked. */
export function fileDisk(path: string): Disk {
  const directory = resolve(path);
  let lock: { unlock(): Promise<void> } | undefined;
  return {
    lock: async () => {
      lock = await take(directory);
      await removeUnfinished(directory);
    },
    unlock: async () => {
      await lock?.unlock();
      lock = undefined;
    },
    open: async (name) => {
      const handle = await open(inside(directory, name), 'a+');
      await syncDirectory(directory);
      return fileLog(handle);
    },
    replace: (name, content) => replace(directory, name, content),
    read: (name) => readFile(inside(directory, name)),
    list: () => list(directory),
    remove: async (name) => {
      await rm(inside(directory, name), { force: true });
      await syncDirectory(directory);
    },
  };
}

async function take(directory: string): ReturnType<typeof lockDirectory> {
  let made: readonly string[] = [];
  try {
    made = await makeDirectory(directory);
    return await lockDirectory(directory);
  } catch (error) {
    await removeEmpty(made);
    throw unusable(directory, error);
  }
}

function inside(directory: string, name: string): string {
  if (name === '' || name.includes('/') || name.startsWith('.') || isOurs(name)) throw new RangeError(`"${name}" is not a plain file name`);
  return join(directory, name);
}

function isOurs(name: string): boolean {
  return lockFiles.includes(name) || name.endsWith(replacing);
}

async function list(directory: string): Promise<string[]> {
  try {
    const names = await readdir(directory);
    // The root of a fresh file system has a directory for what its check finds.
    return names.filter((name) => !isOurs(name) && name !== 'lost+found').sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw unusable(directory, error);
  }
}

async function readFile(path: string): Promise<Uint8Array | undefined> {
  try {
    const handle = await open(path, 'r');
    try {
      return await readAll(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function replace(directory: string, name: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  const path = inside(directory, name);
  const unfinished = `${path}${replacing}`;
  try {
    await writeFile(unfinished, content);
    await rename(unfinished, path);
    await syncDirectory(directory);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw translated(error);
  }
}

async function writeFile(path: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(path, 'w');
  try {
    for await (const piece of content instanceof Uint8Array ? [content] : content) await writeAll(handle, piece);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What a crash in the middle of `replace` left. */
async function removeUnfinished(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.endsWith(replacing)) await rm(join(directory, name), { force: true });
  }
}
