import { existsSync } from 'node:fs';
import path from 'node:path';
import { root, runTool } from '../../scripts/tool.ts';

/** A tool that looks at all of the repository. It passes or fails as a whole and counts as one. */
export interface Check {
  readonly name: string;
  readonly args: readonly string[];
  /** The script that does it; while that is not there, the check is skipped. */
  readonly needs?: string;
  /** What the person can do when it fails. */
  readonly mend: string;
}

export interface Verdict {
  readonly check: Check;
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly output: string;
  readonly seconds: number;
}

export const checks: readonly Check[] = [
  { name: 'lint', args: ['node_modules/eslint/bin/eslint.js', '--max-warnings', '0', '.'], mend: 'npm run lint -- --fix mends some of it' },
  { name: 'types', args: ['scripts/check.ts'], mend: 'npm run check shows it again' },
  { name: 'arrows', args: ['scripts/arrows.ts'], mend: 'npm run arrows shows it again; the table stands in .dependency-cruiser.mjs' },
  {
    name: 'format',
    args: ['node_modules/prettier/bin/prettier.cjs', '--log-level', 'warn', '--check', '.'],
    mend: 'npm run format mends it',
  },
  { name: 'generated', args: ['scripts/generate.ts', '--check'], needs: 'scripts/generate.ts', mend: 'npm run generate mends it' },
];

/** Runs the checks, `atOnce` at a time, and tells each verdict as it comes. */
export async function runChecks(
  chosen: readonly Check[],
  atOnce: number,
  tell: (verdict: Verdict) => void,
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...chosen];
  const worker = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined && !signal.aborted; check = waiting.shift()) tell(await runCheck(check, signal));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

async function runCheck(check: Check, signal: AbortSignal): Promise<Verdict> {
  if (check.needs !== undefined && !existsSync(path.join(root, check.needs))) {
    return { check, result: 'skipped', output: `there is no ${check.needs} yet`, seconds: 0 };
  }
  const started = performance.now();
  const { ok, output } = await runTool(check.args, { signal });
  return { check, result: ok ? 'passed' : 'failed', output, seconds: (performance.now() - started) / 1000 };
}
