import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/tool.ts';
import { plant } from './plant.ts';
import type { FileReport } from './unit.ts';

/** What the runner says of a test file with this body. It runs in a process of its own: node:test does not nest. */
function reportOf(body: string): FileReport {
  const { top, remove } = plant({
    'package.json': '{ "type": "module" }',
    'planted.test.ts': `import { test, describe, it } from 'node:test';\nimport assert from 'node:assert/strict';\n${body}\n`,
    'driver.ts': `import { runFiles } from ${JSON.stringify(path.join(root, 'test/tools/unit.ts'))};
      await runFiles([process.argv[2]], 1, (report) => process.stdout.write(JSON.stringify(report)), new AbortController().signal);`,
  });
  const file = path.relative(root, path.join(top, 'planted.test.ts'));
  const env = { ...process.env };
  delete env.NODE_TEST_CONTEXT;
  try {
    return JSON.parse(execFileSync(process.execPath, [path.join(top, 'driver.ts'), file], { encoding: 'utf8', env })) as FileReport;
  } finally {
    remove();
  }
}

test('each test counts once, suites and tests with subtests that fail do not', () => {
  const body = `test('a', () => {}); describe('g', () => { it('b', () => {}); it('c', () => { assert.equal(1, 2); }); });
    test('p', async (t) => { await t.test('d', () => {}); await t.test('e', () => { throw new Error('no'); }); });`;
  const { tally, failures } = reportOf(body);
  assert.deepEqual(tally, { passed: 3, failed: 2, skipped: 0 });
  assert.deepEqual(
    failures.map((of) => of.name),
    ['g › c', 'p › e'],
  );
  assert.match(failures[0]?.text ?? '', /1 !== 2/);
});

test('skips and to-dos are told with their reasons', () => {
  const { tally, skips } = reportOf(
    `test('a', { skip: 'no kubectl' }, () => {}); test('b', (t) => { t.skip(); }); test('c', { todo: true }, () => { throw new Error('x'); });`,
  );
  assert.deepEqual(tally, { passed: 0, failed: 0, skipped: 3 });
  assert.deepEqual(
    skips.map((of) => of.text),
    ['no kubectl', 'no reason given', 'to do: no reason given'],
  );
});

test('a file without tests, one that breaks when it loads, and one that ends badly, fail', () => {
  assert.equal(reportOf(`console.log('hello');`).tally.failed, 1);
  const broken = reportOf(`throw new Error('when loading');`);
  assert.equal(broken.tally.failed, 1);
  assert.match(broken.output, /when loading/);
  assert.equal(reportOf(`test('a', () => {}); process.on('exit', () => { process.exitCode = 3; });`).tally.failed, 1);
});
