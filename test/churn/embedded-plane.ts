/** The embedded API server as a process of its own, killed or asked to end at each restart in turn. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { scratch } from '../e2e/programs.ts';
import type { Plane } from './plane.ts';

const program = join(import.meta.dirname, 'embedded-server.ts');
const token = 'a-token-for-the-churn-0123456789abcdef';

interface Said {
  readonly url: string;
  readonly ca: string;
}

export async function embeddedPlane(): Promise<Plane> {
  const room = await scratch();
  for (const part of ['api', 'certificates']) await mkdir(join(room.path, part));
  let { child, said } = await start(room.path, '0');
  const port = new URL(said.url).port;
  let restarts = 0;
  return {
    ...said,
    token,
    compact: async () => {
      const done = once(child, 'message');
      child.send('compact');
      await done;
    },
    restart: async () => {
      await ended(child, restarts++ % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
      ({ child, said } = await start(room.path, port));
    },
    stop: async () => {
      await ended(child, 'SIGKILL');
      await room.done();
    },
  };
}

async function start(directory: string, port: string): Promise<{ child: ChildProcess; said: Said }> {
  const child = fork(program, [directory, port, token], { execArgv: ['--disable-warning=ExperimentalWarning'] });
  const died = once(child, 'exit').then(([code]: unknown[]) => {
    throw new Error(`the API server ended with ${String(code)} before it answered`);
  });
  const [said] = (await Promise.race([once(child, 'message'), died])) as [Said];
  // Later deaths are asked for.
  died.catch(() => undefined);
  return { child, said };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}
