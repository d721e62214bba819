/** Programs that the end-to-end suite runs: kubectl, and the trial as a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Names the kubectl to use. */
export const kubectlVariable = 'KUBECTL';

/** The kubectl to use: KUBECTL, the one that was built for the tests, or the one on the PATH. */
export function findKubectl(): string | undefined {
  const named = process.env[kubectlVariable];
  const built = join(root, '.cache/bin/kubectl');
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'kubectl'));
  return [...(named === undefined ? [] : [named]), built, ...onPath].find((file) => existsSync(file));
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Milliseconds after which it is killed, so that a test that waits for ever fails with what was printed. */
  readonly limit?: number;
}

/** Runs a program to its end. */
export async function run(
  program: string,
  args: readonly string[],
  { input, env, cwd = root, limit = 120_000 }: RunOptions = {},
): Promise<Outcome> {
  const child = spawn(program, [...args], { cwd, env: { ...process.env, ...env }, timeout: limit, killSignal: 'SIGKILL' });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  child.stdin.on('error', () => undefined).end(input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}

export interface TrialProcess {
  readonly child: ChildProcess;
  readonly directory: string;
  readonly kubeconfig: string;
  /** What it has printed so far. */
  output(): string;
  /** Settles when `text` has been printed. Rejects, with all that was, when the process ends first. */
  printed(text: string): Promise<void>;
  /** Settles with the exit code, or the signal's name. */
  ended(): Promise<number | string>;
}

export function trial(directory: string, ...flags: string[]): TrialProcess {
  const args = ['--disable-warning=ExperimentalWarning', join(root, 'src/cmd/trial.ts'), '--data-dir', directory, '--port', '0', ...flags];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const listeners = new Set<() => void>();
  const hear = (text: string): void => {
    output += text;
    for (const listener of listeners) listener();
  };
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => (typeof code === 'number' ? code : String(signal)));
  const printed = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (output.includes(text)) resolve();
      };
      listeners.add(look);
      look();
      void ended.then((code) => reject(new Error(`the trial ended with ${String(code)} before it printed "${text}":\n${output}`)));
    });
  return { child, directory, kubeconfig: join(directory, 'kubeconfig'), output: () => output, printed, ended: () => ended };
}

/** A directory for one test; `done` removes it. */
export async function scratch(): Promise<{ path: string; done(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'hypersphere-'));
  return { path, done: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

export async function lastLineOf(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trimEnd().split('\n').at(-1) ?? '';
}
