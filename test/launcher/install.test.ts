import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/tool.ts';
import { plant } from '../tools/plant.ts';
import { start, until, type Running } from './processes.ts';

/** Stands in for the registry: writes down that it ran, then leaves what npm leaves, when it is let go. */
const npm = `
  import fs from 'node:fs';
  const top = process.env.TOP;
  fs.appendFileSync(top + '/npm.log', process.argv.slice(2).join(' ') + '\\n');
  while (!fs.existsSync(top + '/go')) await new Promise((resolve) => setTimeout(resolve, 20));
  if (fs.existsSync(top + '/offline')) { console.error('npm warn EBADENGINE old'); console.error('npm error network ENOTFOUND'); process.exit(1); }
  const lock = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));
  fs.mkdirSync('node_modules/left-pad', { recursive: true });
  fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/left-pad': lock.packages['node_modules/left-pad'] } }));`;

const lockOf = (version: string): string =>
  JSON.stringify({
    packages: {
      '': {},
      'node_modules/left-pad': { version, integrity: `sha512-${version}` },
      'node_modules/elsewhere': { version: '1.0.0', integrity: 'sha512-e', optional: true },
    },
  });

class Clone {
  readonly top: string;
  readonly remove: () => void;

  constructor() {
    const planted = plant({
      'package.json': '{ "type": "module" }',
      'package-lock.json': lockOf('1.0.0'),
      '.npmrc': '',
      'npm-cli.js': npm,
      'hello.ts': `console.log('hello' as string);`,
    });
    this.top = planted.top;
    this.remove = () => {
      planted.remove();
    };
    cpSync(path.join(root, 'launch.mjs'), path.join(this.top, 'launch.mjs'));
    cpSync(path.join(root, 'scripts/launcher'), path.join(this.top, 'scripts/launcher'), { recursive: true });
  }

  write(file: string, text: string): void {
    writeFileSync(path.join(this.top, file), text);
  }

  launch(): Running {
    const env = { ...process.env, TOP: this.top, npm_execpath: path.join(this.top, 'npm-cli.js') };
    return start(process.execPath, ['launch.mjs', 'hello.ts'], { cwd: this.top, env });
  }

  installations(): number {
    return existsSync(path.join(this.top, 'npm.log'))
      ? readFileSync(path.join(this.top, 'npm.log'), 'utf8').trimEnd().split('\n').length
      : 0;
  }
}

async function inClone(body: (clone: Clone) => Promise<void>): Promise<void> {
  const clone = new Clone();
  try {
    await body(clone);
  } finally {
    clone.remove();
  }
}

test('the first start installs and says so; the next says nothing; a new lock file installs again', () =>
  inClone(async (clone) => {
    clone.write('go', '');
    const first = clone.launch();
    assert.equal(await first.ended, 0);
    assert.match(first.said(), /^Installing the packages .*\nInstalled in \d+ s\.\nhello\n$/);
    const second = clone.launch();
    assert.equal(await second.ended, 0);
    assert.equal(second.said(), 'hello\n');
    assert.equal(clone.installations(), 1);
    clone.write('package-lock.json', lockOf('1.0.1'));
    assert.equal(await clone.launch().ended, 0);
    assert.equal(clone.installations(), 2);
    assert.deepEqual(readdirSync(path.join(clone.top, '.cache')), []);
  }));

test('starts at the same time install once', () =>
  inClone(async (clone) => {
    const starts = [clone.launch(), clone.launch(), clone.launch()];
    await Promise.all(starts.map((of) => of.says(/Installing|waiting/)));
    clone.write('go', '');
    assert.deepEqual(await Promise.all(starts.map((of) => of.ended)), [0, 0, 0]);
    assert.equal(clone.installations(), 1);
    assert.ok(starts.every((of) => of.said().endsWith('hello\n')));
  }));

test('who waits goes on when the installer is killed, and clears up after it', () =>
  inClone(async (clone) => {
    const killed = clone.launch();
    await killed.says(/Installing/);
    process.kill(-killed.pid, 'SIGKILL');
    await killed.ended;
    clone.write('go', '');
    assert.equal(await clone.launch().ended, 0);
    assert.deepEqual(readdirSync(path.join(clone.top, '.cache')), []);
  }));

test('when npm fails, its own words are shown with what to do, and the old packages stay', () =>
  inClone(async (clone) => {
    clone.write('go', '');
    assert.equal(await clone.launch().ended, 0);
    clone.write('offline', '');
    clone.write('package-lock.json', lockOf('2.0.0'));
    const failing = clone.launch();
    assert.equal(await failing.ended, 1);
    assert.match(failing.said(), /npm could not install the packages[^]*ENOTFOUND[^]*check the network/);
    assert.doesNotMatch(failing.said(), /EBADENGINE|hello|at .*mjs:/);
    assert.ok(existsSync(path.join(clone.top, 'node_modules/left-pad')));
  }));

test(
  'an installation that is interrupted leaves nothing half done',
  { skip: process.platform === 'win32' ? 'Windows has no signals' : false },
  () =>
    inClone(async (clone) => {
      const interrupted = clone.launch();
      await until(() => clone.installations() === 1);
      process.kill(-interrupted.pid, 'SIGINT');
      assert.equal(await interrupted.ended, 1);
      assert.match(interrupted.said(), /interrupted/);
      assert.deepEqual(readdirSync(path.join(clone.top, '.cache')), []);
      assert.ok(!existsSync(path.join(clone.top, 'node_modules')));
    }),
);

test('without a Node that runs the sources it says which to install', () =>
  inClone(async (clone) => {
    clone.write('go', '');
    const runtime = path.join(clone.top, 'scripts/launcher/runtime.mjs');
    writeFileSync(runtime, readFileSync(runtime, 'utf8').replace('oldest = 24', 'oldest = 99'));
    const running = clone.launch();
    assert.equal(await running.ended, 1);
    assert.match(running.said(), /needs Node 99 or later[^]*Install Node 99/);
  }));
