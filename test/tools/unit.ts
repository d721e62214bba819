import { globSync } from 'node:fs';
import path from 'node:path';
import { run } from 'node:test';
import { inspect } from 'node:util';
import { root } from '../../scripts/tool.ts';
import { fullVariable } from './full.ts';
import type { Tally } from './tally.ts';

/** One test that did not pass: where it stands and what it said. */
export interface Finding {
  /** Suites and test, from the outside in. */
  readonly name: string;
  readonly text: string;
}

/** What one test file came to. */
export interface FileReport {
  /** From the top of the repository, with `/`. */
  readonly file: string;
  readonly tally: Tally;
  readonly seconds: number;
  readonly failures: readonly Finding[];
  readonly skips: readonly Finding[];
  /** What the file itself wrote. */
  readonly output: string;
}

/** A file that is not done by then hangs. Generous: it bounds nothing on a slow machine; full counts take longer. */
const fileTimeoutMs = (): number => (process.env[fullVariable] === '1' ? 90 : 15) * 60_000;

/** Test files by where they stand: what starts the whole program and drives it by kubectl takes its time and wants the machine for itself. */
export interface TestFiles {
  readonly quick: readonly string[];
  readonly e2e: readonly string[];
  /** Those that want a real control plane. */
  readonly real: readonly string[];
}

export function testFiles(): TestFiles {
  const found = globSync(['src/**/*.test.ts', 'test/**/*.test.ts'], { cwd: root }).map((file) => file.split(path.sep).join('/'));
  // Those under test/ take longest: they come first, so that the workers end together.
  const rank = (file: string): number => (file.startsWith('test/') ? 0 : 1);
  const sorted = found.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const below = (folder: string): string[] => sorted.filter((file) => file.startsWith(folder));
  const [e2e, real] = [below('test/e2e/'), below('test/real/')];
  return { quick: sorted.filter((file) => !e2e.includes(file) && !real.includes(file)), e2e, real };
}

/** Runs each file in a process of its own, `atOnce` at a time, and tells each report as it comes. */
export async function runFiles(
  files: readonly string[],
  atOnce: number,
  tell: (report: FileReport) => void,
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...files];
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined && !signal.aborted; file = waiting.shift()) tell(await runFile(file, signal));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

async function runFile(file: string, signal: AbortSignal): Promise<FileReport> {
  const started = performance.now();
  const gathered = new Gathered(path.join(root, file));
  const events = run({ files: [path.join(root, file)], cwd: root, execArgv: process.execArgv, timeout: fileTimeoutMs(), signal });
  for await (const event of events) gathered.take(event as TestEvent);
  return { file, seconds: (performance.now() - started) / 1000, ...gathered.report() };
}

/** The events that we read, of those that node:test sends. */
type TestEvent =
  | { readonly type: 'test:start' | 'test:pass' | 'test:fail'; readonly data: TestData }
  | { readonly type: 'test:stdout' | 'test:stderr'; readonly data: { readonly message: string } }
  | { readonly type: 'other'; readonly data: unknown };

interface TestData {
  readonly name: string;
  readonly nesting: number;
  readonly skip?: string | boolean;
  readonly todo?: string | boolean;
  readonly details?: { readonly type?: string; readonly error?: Error & { readonly failureType?: string } };
}

class Gathered {
  private readonly file: string;
  private readonly failures: Finding[] = [];
  private readonly skips: Finding[] = [];
  private readonly output: string[] = [];
  private readonly open: string[] = [];
  private passed = 0;

  constructor(file: string) {
    this.file = file;
  }

  take(event: TestEvent): void {
    if (event.type === 'test:stdout' || event.type === 'test:stderr') this.output.push(event.data.message);
    else if (event.type === 'test:start') this.open.splice(event.data.nesting, Infinity, event.data.name);
    else if (event.type === 'test:pass' || event.type === 'test:fail') this.end(event.type === 'test:pass', event.data);
  }

  report(): Pick<FileReport, 'tally' | 'failures' | 'skips' | 'output'> {
    if (this.passed + this.failures.length + this.skips.length === 0) this.failures.push({ name: '', text: 'This file has no tests.' });
    const tally = { passed: this.passed, failed: this.failures.length, skipped: this.skips.length };
    return { tally, failures: this.failures, skips: this.skips, output: this.output.join('') };
  }

  private end(passed: boolean, data: TestData): void {
    const isFile = data.nesting === 0 && data.name === this.file;
    const name = isFile ? '' : [...this.open.slice(0, data.nesting), data.name].join(' › ');
    const error = data.details?.error;
    const reason = reasonOf(data);
    if (reason !== undefined) this.skips.push({ name, text: reason });
    else if (!passed && error?.failureType !== 'subtestsFailed')
      this.failures.push({ name, text: isFile ? 'The file ended with an error outside its tests.' : textOf(error) });
    else if (passed && !isFile && data.details?.type !== 'suite') this.passed += 1;
  }
}

function reasonOf(data: TestData): string | undefined {
  if (data.skip !== undefined && data.skip !== false) return data.skip === true || data.skip === '' ? 'no reason given' : data.skip;
  if (data.todo !== undefined && data.todo !== false) return `to do: ${data.todo === true ? 'no reason given' : data.todo}`;
  return undefined;
}

/** The error with its difference and the places in our own files; the runner's inside helps nobody. */
function textOf(error: Error | undefined): string {
  const cause = error?.cause ?? error;
  if (!(cause instanceof Error)) return inspect(cause);
  const lines = (cause.stack ?? cause.message).split('\n');
  return lines
    .filter((line) => !/^\s+at .*\(?node:/.test(line))
    .join('\n')
    .replaceAll(`file://${root}/`, '')
    .trimEnd();
}
