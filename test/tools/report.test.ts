import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checks } from './checks.ts';
import { parseOptions } from './options.ts';
import { Report } from './report.ts';
import { closingLine, isGood } from './tally.ts';
import type { FileReport } from './unit.ts';

function written(tell: (report: Report) => void, interrupted = false): { text: string; good: boolean } {
  const parts: string[] = [];
  const report = new Report({ write: (text: string) => parts.push(text) });
  tell(report);
  const good = report.close(interrupted);
  return { text: parts.join(''), good };
}

const file = (passed: number, failures: FileReport['failures'] = [], skips: FileReport['skips'] = []): FileReport => ({
  file: 'src/base/x.test.ts',
  tally: { passed, failed: failures.length, skipped: skips.length },
  seconds: 1,
  failures,
  skips,
  output: 'what it wrote',
});

const closings = (text: string): string[] => text.split('\n').filter((line) => /\d+ passed, \d+ failed/.test(line));

test('the sum is the last line, and no other line looks like it', () => {
  const { text, good } = written((report) => {
    for (const check of checks) report.check({ check, result: 'passed', output: '', seconds: 1 });
    report.file(file(3));
    report.file(file(4));
  });
  assert.deepEqual(closings(text), [`${String(checks.length + 7)} passed, 0 failed`]);
  assert.ok(text.endsWith(' failed\n'));
  assert.ok(good);
});

test('a failure is shown in full with what its file wrote, named again at the end, and spoils the run', () => {
  const { text, good } = written((report) => {
    report.file(file(2, [{ name: 'group › adds', text: '+ 1\n- 2' }]));
  });
  assert.ok(!good);
  for (const words of ['1 of 3 fail', '+ 1', '- 2', 'what it wrote', 'src/base/x.test.ts: group › adds', '2 passed, 1 failed'])
    assert.ok(text.includes(words), words);
});

test('a failed check says how to mend it', () => {
  const [check] = checks;
  assert.ok(check);
  const { text, good } = written((report) => {
    report.check({ check, result: 'failed', output: 'line 3', seconds: 1 });
  });
  assert.ok(!good && text.includes('line 3') && text.includes(check.mend));
});

test('what was left out is said with its reason', () => {
  const { text } = written((report) => {
    report.file(file(1, [], [{ name: 'with kubectl', text: 'no kubectl on the PATH' }]));
  });
  assert.ok(text.includes('with kubectl: no kubectl on the PATH'));
  assert.deepEqual(closings(text), ['1 passed, 0 failed, 1 skipped']);
});

test('a run in which nothing passed, or that was interrupted, is not good', () => {
  assert.ok(!isGood({ passed: 0, failed: 0, skipped: 0 }));
  assert.ok(!isGood({ passed: 0, failed: 0, skipped: 5 }));
  assert.ok(
    !written((report) => {
      report.noTests();
    }).good,
  );
  assert.ok(
    !written((report) => {
      report.nothingMatches('zzz');
    }).good,
  );
  assert.ok(
    !written((report) => {
      report.file(file(3));
    }, true).good,
  );
  assert.equal(closingLine({ passed: 0, failed: 0, skipped: 0 }), '0 passed, 0 failed');
});

test('options', () => {
  assert.deepEqual({ ...parseOptions(['--only', 'kube', '--full']) }, { only: 'kube', e2e: false, real: false, full: true, help: false });
  assert.deepEqual({ ...parseOptions([]) }, { only: undefined, e2e: false, real: false, full: false, help: false });
  assert.throws(() => parseOptions(['--ful']), /--ful/);
  assert.throws(() => parseOptions(['--only']), /--only/);
});
