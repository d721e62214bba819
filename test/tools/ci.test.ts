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

/** Plays `.ci/run` with an npm of our own, given as the body of a shell script, and a kubectl. */
function play(npm: string, tree: 'with end to end' | 'without' = 'without'): Played {
  const { top, remove } = plant({
    '.ci/run': readFileSync(path.join(root, '.ci/run'), 'utf8'),
    'bin/npm': `#!/bin/sh\n${npm}\n`,
    'built/kubectl': '#!/bin/sh\necho kubectl of ours\n',
    ...(tree === 'without' ? {} : { 'test/e2e/x.test.ts': '' }),
  });
  try {
    for (const file of ['.ci/run', 'bin/npm', 'built/kubectl']) chmodSync(path.join(top, file), 0o755);
    const env = { ...process.env, PATH: `${path.join(top, 'bin')}:${process.env.PATH ?? ''}` };
    const { status, stdout } = spawnSync(path.join(top, '.ci/run'), { encoding: 'utf8', env });
    return { status, lines: stdout.trimEnd().split('\n') };
  } finally {
    remove();
  }
}

const folder = 'echo something else; echo "$PWD/built"';
/** `npm test` passes; how the others end is told. */
const npm = ({
  build = folder,
  e2e = "echo '2 passed, 0 failed'",
  real = "echo '4 passed, 0 failed'",
  chaos = "echo '1 passed, 0 failed'",
} = {}): string =>
  `case "$*" in
    test) echo '3 passed, 0 failed, 1 skipped' ;;
    'run --silent build:real') ${build} ;;
    'run test:e2e') kubectl; ${e2e} ;;
    'run test:real') ${real} ;;
    'run --silent test:chaos '*) ${chaos} ;;
  esac`;

const skip = process.platform === 'win32' ? 'it is a bash script' : false;

test('the counts of the suites are added up, the time of each stage is told, and what was built is on the PATH', { skip }, () => {
  const { status, lines } = play(npm(), 'with end to end');
  assert.equal(lines.at(-1), '10 passed, 0 failed');
  assert.equal(status, 0);
  assert.equal(lines.filter((line) => line === 'kubectl of ours').length, 2);
  for (const stage of ['npm test', 'Go builds', 'end to end', 'end to end on a real control plane', 'chaos on a real control plane'])
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
    'the second suite': play(npm({ e2e: "echo '1 passed, 1 failed'" }), 'with end to end'),
    'the third suite': play(npm({ real: "echo '1 passed, 2 failed'" }), 'with end to end'),
    'the fourth suite': play(npm({ chaos: "echo '0 passed, 1 failed'" }), 'with end to end'),
    'no kubectl': play(npm({ build: 'exit 1' }), 'with end to end'),
  };
  assert.deepEqual(Object.fromEntries(Object.entries(failures).map(([name, of]) => [name, [of.status, of.lines.at(-1)]])), {
    'a failing test': [1, '3 passed, 2 failed'],
    'a bad status without a failing test': [1, '3 passed, 1 failed'],
    'no closing line': [1, '0 passed, 1 failed'],
    'nothing passed': [1, '0 passed, 0 failed'],
    'the second suite': [1, '9 passed, 1 failed'],
    'the third suite': [1, '7 passed, 2 failed'],
    'the fourth suite': [1, '9 passed, 1 failed'],
    'no kubectl': [1, '3 passed, 1 failed'],
  });
});
