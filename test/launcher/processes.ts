import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process under test, with what it says so far. */
export interface Running {
  readonly pid: number;
  /** All that it wrote to both outputs until now. */
  said(): string;
  /** Settles when what it said matches. @throws when it ends before. */
  says(pattern: RegExp): Promise<void>;
  /** How it ended: its status, or the signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Starts a process in a group of its own, so that a signal to `-pid` reaches it and its children, as Ctrl-C in a terminal does. */
export function start(command: string, args: readonly string[], options: { cwd: string; env?: NodeJS.ProcessEnv }): Running {
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = listen(child);
  const ended = once(child, 'close').then(([status, signal]) => (signal ?? status) as number | NodeJS.Signals);
  return { pid: child.pid ?? 0, said: output.text, says: (pattern) => output.until(pattern, ended), ended };
}

function listen(child: ChildProcess): { text: () => string; until(pattern: RegExp, ended: Promise<unknown>): Promise<void> } {
  let text = '';
  const heard = new EventTarget();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      heard.dispatchEvent(new Event('more'));
    });
  }
  return {
    text: () => text,
    until: async (pattern, ended) => {
      const end = ended.then(() => 'over' as const);
      while (!pattern.test(text)) {
        const next = await Promise.race([once(heard, 'more'), end]);
        if (next === 'over' && !pattern.test(text)) throw new Error(`it ended without saying ${String(pattern)}: ${text}`);
      }
    },
  };
}

/** Settles once `condition` holds, which another process brings about. The test's own time limit bounds it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}
