import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/tool.ts';
import { plant } from './plant.ts';

interface Played {
  readonly status: number | null;
  readonly lines: readonly string[];
}

/** Plays `.ci/run` with an npm and a go of our own, given as the bodies of shell scripts. */
function play(npm: string, go?: string): Played {
  const { top, remove } = plant({
    '.ci/run': readFileSync(path.join(root, '.ci/run'), 'utf8'),
    'bin/npm': `#!/bin/sh\n${npm}\n`,
    'bin/go': `#!/bin/sh\n${go ?? 'exit 1'}\n`,
    ...(go === undefined ? {} : { 'test/e2e/x.test.ts': '', 'test/real/kubectl-1.37/go.mod': '', 'test/real/kubectl-1.37/go.sum': '' }),
  });
  try {
    for (const file of ['.ci/run', 'bin/npm', 'bin/go']) chmodSync(path.join(top, file), 0o755);
    const env = { ...process.env, PATH: `${path.join(top, 'bin')}:${process.env.PATH ?? ''}` };
    const { status, stdout } = spawnSync(path.join(top, '.ci/run'), { encoding: 'utf8', env });
    return { status, lines: stdout.trimEnd().split('\n') };
  } finally {
    remove();
  }
}

const go = `case "$1" in
  version) echo go1 ;;
  list) echo v1.37.2 ;;
  build) for out; do case "$prev" in -o) printf '#!/bin/sh\\necho kubectl of ours\\n' > "$out"; chmod +x "$out" ;; esac; prev=$out; done ;;
esac`;
const e2e = (closing: string): string => `case "$*" in test) echo '3 passed, 0 failed, 1 skipped' ;; *) kubectl; echo '${closing}' ;; esac`;

const skip = process.platform === 'win32' ? 'it is a bash script' : false;

test('the counts of the suites are added up, the time of each stage is told, and what was built is on the PATH', { skip }, () => {
  const { status, lines } = play(e2e('2 passed, 0 failed'), go);
  assert.equal(lines.at(-1), '5 passed, 0 failed');
  assert.equal(status, 0);
  assert.equal(lines.filter((line) => line === 'kubectl of ours').length, 2);
  for (const stage of ['npm test', 'kubectl', 'end to end'])
    assert.ok(
      lines.some((line) => line.endsWith(` s  ${stage}`)),
      stage,
    );
});

test('without an end-to-end suite nothing is built', { skip }, () => {
  const { status, lines } = play("echo '3 passed, 0 failed'");
  assert.deepEqual([status, lines.at(-1)], [0, '3 passed, 0 failed']);
});

test('a failure anywhere fails it, and is counted', { skip }, () => {
  const failures = {
    'a failing test': play("echo '3 passed, 2 failed'; exit 1"),
    'a bad status without a failing test': play("echo '3 passed, 0 failed'; exit 7"),
    'no closing line': play('echo hello'),
    'nothing passed': play("echo '0 passed, 0 failed'"),
    'the second suite': play(e2e('1 passed, 1 failed'), go),
    'no kubectl': play(e2e('1 passed, 0 failed'), 'exit 1'),
  };
  assert.deepEqual(Object.fromEntries(Object.entries(failures).map(([name, of]) => [name, [of.status, of.lines.at(-1)]])), {
    'a failing test': [1, '3 passed, 2 failed'],
    'a bad status without a failing test': [1, '3 passed, 1 failed'],
    'no closing line': [1, '0 passed, 1 failed'],
    'nothing passed': [1, '0 passed, 0 failed'],
    'the second suite': [1, '4 passed, 1 failed'],
    'no kubectl': [1, '3 passed, 1 failed'],
  });
});
