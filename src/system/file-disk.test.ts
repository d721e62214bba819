import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { diskContract } from '../../test/contract/disk.ts';
import type { Disk, LogFile } from '../base/disk.ts';
import { DiskFull } from '../base/disk.ts';
import { UserError } from '../base/errors.ts';
import { fileDisk } from './file-disk.ts';

diskContract('the directory', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'disk-'));
  const mounts: Disk[] = [];
  const logs: LogFile[] = [];
  // What the end of a process does for it. A true one is tried below, with a process of its own.
  const end = async (): Promise<void> => {
    for (const log of logs.splice(0)) await log.close().catch(() => undefined);
    for (const disk of mounts.splice(0)) await disk.unlock();
  };
  return {
    mount: () => {
      const disk = fileDisk(join(parent, 'made', 'when', 'locked'));
      mounts.push(disk);
      const open = async (name: string): Promise<LogFile> => {
        const log = await disk.open(name);
        logs.push(log);
        return log;
      };
      return { ...disk, open };
    },
    crash: end,
    dispose: async () => {
      await end();
      await rm(parent, { recursive: true });
    },
  };
});

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'disk-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** Another process that has locked the directory. */
async function holder(): Promise<{ pid: number; kill(): Promise<void> }> {
  const program = `
    import { fileDisk } from ${JSON.stringify(new URL('./file-disk.ts', import.meta.url).href)};
    await fileDisk(${JSON.stringify(directory)}).lock();
    // Whoever forgets the disk has locked it all the same.
    for (let i = 0; i < 5; i++) {
      gc();
      await new Promise((resolve) => setImmediate(resolve));
    }
    process.stdout.write('locked');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe('two processes', () => {
  test('the second is refused with the first one’s id while that lives, and let in when it was killed', async () => {
    const first = await holder();
    try {
      await assert.rejects(
        fileDisk(directory).lock(),
        (error: unknown) => error instanceof UserError && error.message.includes(`in use by another process (${String(first.pid)})`),
      );
    } finally {
      await first.kill();
    }
    const disk = fileDisk(directory);
    await disk.lock();
    await disk.unlock();
  });

  test('a stale lock whose process id now belongs to somebody alive is taken over', async () => {
    const first = await holder();
    await first.kill();
    await writeFile(join(directory, 'lock.pid'), `${String(process.ppid)}\n`);
    const disk = fileDisk(directory);
    await disk.lock();
    await disk.unlock();
  });
});

describe('what is not ours', () => {
  test('a file where the directory should be is refused in words', async () => {
    const path = join(directory, 'file');
    await writeFile(path, '');
    for (const call of [() => fileDisk(path).lock(), () => fileDisk(path).list(), () => fileDisk(join(path, 'below')).lock()]) {
      await assert.rejects(call, (error: unknown) => error instanceof UserError && error.message.includes(path));
    }
  });

  test('a file named as our lock is refused in words', async () => {
    await writeFile(join(directory, 'lock'), 'not a database, and long enough that one could be mistaken for it. '.repeat(20));
    await assert.rejects(
      fileDisk(directory).lock(),
      (error: unknown) => error instanceof UserError && error.message.includes('"lock" that is not ours'),
    );
  });

  test('the directory of a file system’s check is no file of anybody’s; other directories are listed', async () => {
    await mkdir(join(directory, 'lost+found'));
    await mkdir(join(directory, 'other'));
    assert.deepEqual(await fileDisk(directory).list(), ['other']);
  });
});

test('what an unfinished replacement left is not listed, and goes with the next lock', async () => {
  await writeFile(join(directory, 'a.replacing'), 'half');
  const disk = fileDisk(directory);
  assert.deepEqual(await disk.list(), []);
  await disk.lock();
  assert.deepEqual((await readdir(directory)).sort(), ['lock', 'lock.pid']);
  await disk.unlock();
});

test('a full device is DiskFull', { skip: process.platform !== 'linux' }, async () => {
  await symlink('/dev/full', join(directory, 'log'));
  const disk = fileDisk(directory);
  const log = await disk.open('log');
  await assert.rejects(log.append(new Uint8Array(10)), DiskFull);
  await log.close();
  await symlink('/dev/full', join(directory, 'a.replacing'));
  await assert.rejects(disk.replace('a', new Uint8Array(10)), DiskFull);
  assert.equal(await disk.read('a'), undefined);
});

test('other errors of the system stay what they are', async () => {
  const disk = fileDisk(join(directory, 'absent'));
  await assert.rejects(disk.open('a'), { code: 'ENOENT' });
});
