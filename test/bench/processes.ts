/** Programs of src/cmd as processes that a bench starts, measures and ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programOptions } from '../../scripts/launcher/options.mjs';
import { root } from '../../scripts/tool.ts';

export interface Processes {
  /** Starts a program of src/cmd with the options that it has everywhere. */
  start(program: string, ...args: readonly string[]): ChildProcess;
  /** Kills all, and settles when they are gone. */
  end(): Promise<void>;
}

export function processes(): Processes {
  const children: ChildProcess[] = [];
  return {
    start: (program, ...args) => {
      const all = [...programOptions, join(root, 'src/cmd', program), ...args];
      const child = spawn(process.execPath, all, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
      children.push(child);
      return child;
    },
    end: async () => {
      await Promise.all(children.map((child) => ended(child)));
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** The most memory that a process has had, MiB. */
export async function peak(pid: number | string | undefined): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
}

/** The process of a program that was started with `flag`. */
export async function processWith(program: string, flag: string): Promise<string | undefined> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (words[0]?.endsWith(program) === true && words.includes(flag)) return pid;
  }
  return undefined;
}
