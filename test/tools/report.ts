import type { Verdict } from './checks.ts';
import { add, closingLine, isGood, nothing, type Tally } from './tally.ts';
import type { FileReport, Finding } from './unit.ts';

const signs = { passed: '✓', failed: '✗', skipped: '-' } as const;

/** What the person sees: a line for each check and file as it ends, what failed at once and in full, and the sum. */
export class Report {
  private readonly out: { write(text: string): unknown };
  private readonly skips: string[] = [];
  private readonly failed: string[] = [];
  private tally: Tally = nothing;

  constructor(out: { write(text: string): unknown }) {
    this.out = out;
  }

  heading(text: string): void {
    this.line(`\n${text}`);
  }

  check({ check, result, output, seconds }: Verdict): void {
    this.tally = add(this.tally, { ...nothing, [result]: 1 });
    this.line(`  ${signs[result]} ${check.name}${result === 'skipped' ? `: ${output}` : time(seconds)}`);
    if (result === 'skipped') this.skips.push(`${check.name}: ${output}`);
    if (result !== 'failed') return;
    this.failed.push(`${check.name}: ${check.mend}`);
    this.line(indent(output.trim()));
  }

  file(report: FileReport): void {
    this.tally = add(this.tally, report.tally);
    const sign = report.tally.failed === 0 ? signs.passed : signs.failed;
    this.line(`  ${sign} ${report.file}  ${countOf(report.tally)}${time(report.seconds)}`);
    this.skips.push(...report.skips.map((skip) => `${placeOf(report, skip)}: ${skip.text}`));
    this.failed.push(...report.failures.map((failure) => placeOf(report, failure)));
    if (report.failures.length === 0) return;
    for (const { name, text } of report.failures) this.line(indent(name === '' ? text : `${signs.failed} ${name}\n${indent(text)}`));
    if (report.output.trim() !== '') this.line(indent(`It wrote:\n${indent(report.output.trimEnd())}`));
  }

  /** A whole suite that is left out counts as one. */
  skip(name: string, reason: string): void {
    this.tally = add(this.tally, { ...nothing, skipped: 1 });
    this.skips.push(`${name}: ${reason}`);
  }

  /** A pattern that finds nothing is a mistake in the pattern. */
  nothingMatches(pattern: string): void {
    this.fail(`No check and no test file matches "${pattern}".`);
  }

  noTests(): void {
    this.fail('There are no tests.');
  }

  /** Whether nothing has failed so far, and something passed. */
  isGood(): boolean {
    return isGood(this.tally);
  }

  /** Says the sum. @returns whether all is well */
  close(interrupted: boolean): boolean {
    if (this.skips.length > 0) this.line(`\nSkipped\n${indent(this.skips.join('\n'))}`);
    if (this.failed.length > 0) this.line(`\nFailed\n${indent(this.failed.join('\n'))}`);
    if (interrupted) this.line('\nInterrupted: not everything ran.');
    this.line(`\n${closingLine(this.tally)}`);
    return isGood(this.tally) && !interrupted;
  }

  private fail(text: string): void {
    this.tally = add(this.tally, { ...nothing, failed: 1 });
    this.failed.push(text);
  }

  private line(text: string): void {
    this.out.write(`${text}\n`);
  }
}

function placeOf(report: FileReport, finding: Finding): string {
  return finding.name === '' ? report.file : `${report.file}: ${finding.name}`;
}

/** Not in the words of the closing line, of which there is one. */
function countOf({ passed, failed, skipped }: Tally): string {
  const all = passed + failed + skipped;
  const skips = skipped === 0 ? '' : `, ${String(skipped)} left out`;
  return failed === 0 ? `${String(passed)} ${passed === 1 ? 'test' : 'tests'}${skips}` : `${String(failed)} of ${String(all)} fail${skips}`;
}

function time(seconds: number): string {
  return `  ${seconds.toFixed(1)} s`;
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '    ');
}
