/** What a run came to. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const nothing: Tally = { passed: 0, failed: 0, skipped: 0 };

export function add(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** The closing line, such as `12 passed, 0 failed, 1 skipped`. Tools read it. */
export function closingLine(tally: Tally): string {
  const skipped = tally.skipped === 0 ? '' : `, ${String(tally.skipped)} skipped`;
  return `${String(tally.passed)} passed, ${String(tally.failed)} failed${skipped}`;
}

/** A run proves something only when something ran. */
export function isGood(tally: Tally): boolean {
  return tally.failed === 0 && tally.passed > 0;
}
