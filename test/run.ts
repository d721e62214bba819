// `npm test`: the checks of the whole repository, then all tests. The last line is `N passed, N failed`.
import { availableParallelism } from 'node:os';
import { checks, runChecks } from './tools/checks.ts';
import { fullVariable } from './tools/full.ts';
import { parseOptions, usage, type Options } from './tools/options.ts';
import { Report } from './tools/report.ts';
import { runFiles, testFiles } from './tools/unit.ts';

const atOnce = Math.min(availableParallelism(), 2);

async function main(options: Options, signal: AbortSignal): Promise<boolean> {
  const report = new Report(process.stdout);
  const chosen = (name: string): boolean => options.only === undefined || name.includes(options.only);
  const names = checks.filter((check) => chosen(check.name));
  const files = testFiles().filter(chosen);
  if (names.length > 0) report.heading('Checks');
  await runChecks(
    names,
    atOnce,
    (verdict) => {
      report.check(verdict);
    },
    signal,
  );
  if (files.length > 0) report.heading('Tests');
  await runFiles(
    files,
    atOnce,
    (of) => {
      report.file(of);
    },
    signal,
  );
  if (names.length + files.length === 0) report.nothingMatches(options.only ?? '');
  else if (files.length === 0 && options.only === undefined) report.noTests();
  return report.close(signal.aborted);
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
  process.exitCode = (await main(asked, stop.signal)) ? 0 : 1;
}
