import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { UserError } from '../base/errors.ts';
import { fileDisk } from './file-disk.ts';
import { makeDirectory, removeEmpty } from './make-directory.ts';

let room: string;
beforeEach(async () => {
  room = await mkdtemp(join(tmpdir(), 'make-'));
});
afterEach(() => rm(room, { recursive: true }));

describe('a directory with those above it', () => {
  test('is made, and what was made is told, the outermost first', async () => {
    const [a, b] = [join(room, 'a'), join(room, 'a', 'b')];
    assert.deepEqual(await makeDirectory(b), [a, b]);
    assert.ok((await stat(b)).isDirectory());
    assert.deepEqual(await makeDirectory(b), []);
  });

  test('is made once by two at a time', async () => {
    const path = join(room, 'a', 'b', 'c');
    const made = await Promise.all([makeDirectory(path), makeDirectory(path)]);
    assert.equal(new Set(made.flat()).size, 3);
    assert.equal(made.flat().length, 3);
  });

  test('where a file stands, or below one, is an error', async () => {
    const file = join(room, 'file');
    await writeFile(file, 'mine');
    await assert.rejects(makeDirectory(file), { code: 'EEXIST' });
    await assert.rejects(makeDirectory(join(file, 'a')), { code: 'ENOTDIR' });
    await symlink(join(room, 'nowhere'), join(room, 'dangling'));
    await assert.rejects(makeDirectory(join(room, 'dangling')), { code: 'EEXIST' });
  });

  test('leaves nothing behind when its last part cannot be made', async () => {
    await assert.rejects(makeDirectory(join(room, 'a', 'x'.repeat(300))), { code: 'ENAMETOOLONG' });
    assert.deepEqual(await readdir(room), []);
  });

  test('is removed as far as nothing is in it', async () => {
    const made = await makeDirectory(join(room, 'a', 'b'));
    await writeFile(join(room, 'a', 'letter'), 'mine');
    await removeEmpty(made);
    assert.deepEqual(await readdir(join(room, 'a')), ['letter']);
  });
});

// Node's own recursive mkdir tries for ever there, in a thread that lets no signal but KILL end the process.
test('a place that exists and takes no directories is refused in words', { skip: process.platform !== 'linux' }, async () => {
  for (const path of ['/proc/x', '/proc/x/y']) {
    await assert.rejects(
      fileDisk(path).lock(),
      (error) => error instanceof UserError && error.message.startsWith(`${path} cannot be used`),
    );
  }
});
