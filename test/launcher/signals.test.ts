import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../../scripts/tool.ts';
import { plant, type Planted } from '../tools/plant.ts';
import { start, type Running } from './processes.ts';

const skip = process.platform === 'win32' ? 'Windows has no signals' : false;

/** Counts what reaches it, and ends only on TERM, saying the counts. */
const counter = `
  const had: Record<string, number> = { SIGINT: 0, SIGHUP: 0 };
  for (const signal of Object.keys(had)) process.on(signal, () => { had[signal] += 1; console.log(signal, had[signal]); });
  process.on('SIGTERM', () => { console.log('counts', JSON.stringify(had)); clearInterval(alive); process.exitCode = 3; });
  const alive = setInterval(() => undefined, 1000);
  console.log('ready', process.pid);`;

let planted: Planted;

before(() => {
  planted = plant({
    'package.json': '{ "type": "module" }',
    'counter.ts': counter,
    'mortal.ts': `setInterval(() => undefined, 1000); console.log('ready', process.pid);`,
    'status.ts': 'process.exitCode = Number(process.argv[2]);',
  });
});

after(() => {
  planted.remove();
});

const launch = (program: string, ...args: string[]): Running =>
  start(process.execPath, ['launch.mjs', path.join(planted.top, program), ...args], { cwd: root });

test('the status of the program is the launcher’s', async () => {
  assert.equal(await launch('status.ts', '0').ended, 0);
  assert.equal(await launch('status.ts', '42').ended, 42);
});

test('a signal to the launcher alone reaches the program once', { skip }, async () => {
  const running = launch('counter.ts');
  await running.says(/ready/);
  process.kill(running.pid, 'SIGINT');
  await running.says(/SIGINT 1/);
  process.kill(running.pid, 'SIGHUP');
  await running.says(/SIGHUP 1/);
  process.kill(running.pid, 'SIGTERM');
  assert.equal(await running.ended, 3);
  assert.match(running.said(), /counts {"SIGINT":1,"SIGHUP":1}/);
});

test('Ctrl-C, which reaches all of us, reaches the program once, also when npm passes it on', { skip }, async () => {
  const running = launch('counter.ts');
  await running.says(/ready/);
  process.kill(-running.pid, 'SIGINT');
  process.kill(running.pid, 'SIGINT');
  await running.says(/SIGINT 1/);
  process.kill(running.pid, 'SIGTERM');
  assert.equal(await running.ended, 3);
  assert.match(running.said(), /counts {"SIGINT":1,"SIGHUP":0}/);
});

test('a program that ignores a second Ctrl-C is waited for, and not left behind', { skip }, async () => {
  const running = launch('counter.ts');
  await running.says(/ready/);
  process.kill(-running.pid, 'SIGINT');
  await running.says(/SIGINT 1/);
  process.kill(-running.pid, 'SIGINT');
  await running.says(/SIGINT 2/);
  const program = Number(/ready (\d+)/.exec(running.said())?.[1]);
  for (const pid of [running.pid, program]) assert.doesNotThrow(() => process.kill(pid, 0));
  process.kill(running.pid, 'SIGTERM');
  assert.equal(await running.ended, 3);
  assert.throws(() => process.kill(program, 0), /ESRCH/);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
  test(`a program that dies of ${signal} takes the launcher with it, by the same signal`, { skip }, async () => {
    const running = launch('mortal.ts');
    await running.says(/ready/);
    process.kill(Number(/ready (\d+)/.exec(running.said())?.[1]), signal);
    assert.equal(await running.ended, signal);
  });
}
