// `npm test`: the checks of the whole repository, then all tests. The last line is `N passed, N failed`.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { checks, runChecks } from './tools/checks.ts';
import { fullVariable } from './tools/full.ts';
import { parseOptions, usage, type Options } from './tools/options.ts';
import { Report } from './tools/report.ts';
import { runFiles, testFiles } from './tools/unit.ts';

const atOnce = Math.min(availableParallelism(), 2);

async function main(options: Options, signal: AbortSignal): Promise<boolean> {
  const report = new Report(process.stdout);
  const chosen = (name: string): boolean => options.only === undefined || name.includes(options.only);
  const names = options.e2e ? [] : checks.filter((check) => chosen(check.name));
  const { quick, e2e } = testFiles();
  const files = options.e2e ? [] : quick.filter(chosen);
  const endToEnd = e2e.filter(chosen);
  if (names.length > 0) report.heading('Checks');
  await runChecks(names, atOnce, (verdict) => report.check(verdict), signal);
  if (files.length > 0) report.heading('Tests');
  await runFiles(files, atOnce, (of) => report.file(of), signal);
  if (endToEnd.length > 0) await runEndToEnd(endToEnd, report, options, signal);
  if (names.length + files.length + endToEnd.length === 0) report.nothingMatches(options.only ?? '');
  else if (files.length + endToEnd.length === 0 && options.only === undefined) report.noTests();
  return report.close(signal.aborted);
}

/** Without Go it is skipped, which is no failure. */
async function mainReal({ only }: Options, signal: AbortSignal): Promise<boolean> {
  const report = new Report(process.stdout);
  const { e2e, real } = testFiles();
  const files = [...e2e, ...real].filter((name) => only === undefined || name.includes(only));
  if (files.length === 0) {
    report.nothingMatches(only ?? '');
    return report.close(signal.aborted);
  }
  // It brings much that the other runs do without.
  const { withRealControlPlane } = await import('./tools/real.ts');
  const played = await withRealControlPlane(report, () => runFiles(files, 1, (of) => report.file(of), signal));
  return report.close(signal.aborted) || !played;
}

async function runEndToEnd(files: readonly string[], report: Report, options: Options, signal: AbortSignal): Promise<void> {
  if (!options.e2e && !isOnPath('kubectl')) {
    report.skip('end to end', 'there is no kubectl on the PATH; with one, npm test or npm run test:e2e plays it');
    return;
  }
  report.heading('End to end');
  await runFiles(files, 1, (of) => report.file(of), signal);
}

function isOnPath(program: string): boolean {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return folders.some((folder) => existsSync(path.join(folder, program)) || existsSync(path.join(folder, `${program}.exe`)));
}

function options(): Options | undefined {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return undefined;
  }
}

const asked = options();
if (asked === undefined) process.exitCode = 2;
else if (asked.help) process.stdout.write(usage);
else {
  if (asked.full) process.env[fullVariable] = '1';
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      stop.abort();
    });
  process.exitCode = (await (asked.real ? mainReal : main)(asked, stop.signal)) ? 0 : 1;
}
