/** Servers that end with this process, however it ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';

export interface Leashed {
  readonly pid: number | undefined;
  /** Settles when the program has ended, with its exit code. */
  readonly ended: Promise<number | null>;
  /** Kills it, and settles when it is gone. Nothing that it keeps is worth a farewell. */
  kill(): Promise<void>;
  /** The end of what it logged. */
  lastWords(): Promise<string>;
}

/**
 * The shell between holds the program on a pipe: it reads from us, and when we are gone, even by SIGKILL, the pipe ends and the shell kills it.
 * It starts a group of its own, so that Ctrl-C on a terminal reaches us first.
 */
const leash = `
exec 3<&0
"$@" </dev/null 3<&- & program=$!
{ read -r _ <&3; kill -KILL "$program"; } & watch=$!
wait "$program"; code=$?
kill "$watch" 2>/dev/null
exit "$code"`;

/** Starts `program`; what it says is appended to the file `log`. */
export async function leashed(program: string, args: readonly string[], log: string): Promise<Leashed> {
  const file = await open(log, 'a', 0o600);
  const child = spawn('/bin/sh', ['-c', leash, 'leash', program, ...args], { detached: true, stdio: ['pipe', file.fd, file.fd] });
  await file.close();
  const { stdin } = child;
  if (stdin === null) throw new Error('a pipe was asked for');
  stdin.on('error', () => undefined);
  const ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : null));
  return {
    pid: child.pid,
    ended,
    kill: async () => {
      stdin.end();
      await ended;
    },
    lastWords: async () =>
      `${basename(program)} logged last:\n${(await readFile(log, 'utf8')).trimEnd().split('\n').slice(-15).join('\n')}`,
  };
}
