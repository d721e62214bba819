import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { leashed } from './leash.ts';

async function logFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hypersphere-leash-'));
  t.after(() => rm(folder, { recursive: true }));
  return join(folder, 'log');
}

/** The first line that a program logged: here, its process id. */
async function logged(file: string): Promise<number> {
  for (;;) {
    const [line, rest] = (await readFile(file, 'utf8').catch(() => '')).split('\n');
    if (rest !== undefined) return Number(line);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const sleeper = ['/bin/sh', ['-c', 'echo $$; exec sleep 600']] as const;

describe('a program on a leash', () => {
  it('ends when its keeper is killed', async (t) => {
    const file = await logFile(t);
    const keeper = `import { leashed } from '${join(import.meta.dirname, 'leash.ts')}';
await leashed('${sleeper[0]}', ${JSON.stringify(sleeper[1])}, '${file}');
setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', keeper], { stdio: 'ignore' });
    const pid = await logged(file);
    assert.ok(isAlive(pid));
    child.kill('SIGKILL');
    await once(child, 'close');
    // The runner's own limit ends what never comes.
    while (isAlive(pid)) await new Promise(setImmediate);
  });

  it('ends when it is told to', async (t) => {
    const file = await logFile(t);
    const program = await leashed(...sleeper, file);
    const pid = await logged(file);
    await program.kill();
    assert.ok(!isAlive(pid));
  });

  it('tells how it ended by itself, and what it said last', async (t) => {
    const program = await leashed('/bin/sh', ['-c', 'echo why not; exit 3'], await logFile(t));
    assert.equal(await program.ended, 3);
    assert.match(await program.lastWords(), /^sh logged last:\nwhy not$/);
  });
});
