import { spawn } from 'node:child_process';
import path from 'node:path';

/** The top of the repository. */
export const root = path.resolve(import.meta.dirname, '..');

export interface Outcome {
  readonly ok: boolean;
  /** What it wrote to both outputs, in order. */
  readonly output: string;
}

/** Runs a program of ours, or a package's, under this Node in the top folder. Its output is kept, or shown as it comes. */
export async function runTool(args: readonly string[], options: { show?: boolean; signal?: AbortSignal } = {}): Promise<Outcome> {
  const stdio = options.show === true ? 'inherit' : 'pipe';
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    cwd: root,
    stdio: ['ignore', stdio, stdio],
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve({ ok: false, output: error.message });
    });
    child.once('close', (status, signal) => {
      const how = signal === null ? '' : `ended by ${signal}\n`;
      resolve({ ok: status === 0, output: Buffer.concat(chunks).toString('utf8') + how });
    });
  });
}
