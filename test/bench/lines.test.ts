// What reads the benches' lines finds in them what docs/bench.md says. No figure is judged: machines differ.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { root, run } from '../e2e/programs.ts';

/** The line that a bench prints: all that is on standard output. */
async function lineOf(...args: string[]): Promise<unknown> {
  const bench = ['--disable-warning=ExperimentalWarning', `${root}/test/bench/run.ts`, ...args];
  const { code, stdout, stderr } = await run(process.execPath, bench);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^\{.*\}\n$/, stderr);
  return JSON.parse(stdout);
}

/** The same with each number that is positive and finite in the place of its figure. */
function shapeOf(value: unknown): unknown {
  if (typeof value === 'number') return value > 0 ? 'positive' : value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, shapeOf(of)]));
}

const rates = { perSecond1: 'positive', perSecond10: 'positive' };
const ratios = { ratioToUndici1: 'positive', ratioToUndici10: 'positive' };

test('client: ratios to undici alone and PATCHes a second at 1 and 10 in flight, for ours and the stock client', async () => {
  const line = await lineOf('client', '--rounds', '2', '--milliseconds', '30');
  assert.deepEqual(shapeOf(line), { ...ratios, ...rates, undici: rates, stock: { ...ratios, ...rates } });
});

test('apply-to-running: seconds, writes a VM, and the memory of each process', async () => {
  const line = await lineOf('apply-to-running', '--hosts', '2', '--vms', '3');
  assert.deepEqual(shapeOf(line), {
    seconds: 'positive',
    p50: 'positive',
    p95: 'positive',
    writesPerVm: 'positive',
    rssMiB: { server: 'positive', operator: 'positive', world: 'positive' },
  });
});

test('evacuate: simulated seconds beside the bound, writes a move, and that nothing was restarted', async () => {
  const line = await lineOf('evacuate', '--hosts', '3', '--vms', '6', '--drain', '1');
  const positive = 'positive';
  assert.deepEqual(shapeOf(line), {
    seconds: positive,
    boundSeconds: positive,
    ratio: positive,
    moves: positive,
    writesPerMove: positive,
    downtimeMs: { p50: positive, p95: positive, max: positive },
    restarts: 0,
    cpuSeconds: positive,
  });
});

test('failover: simulated seconds, and, where its BMC fails too, that nothing ran before it answered (rule 9); the picture of one', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'failover-'));
  const picture = path.join(folder, 'page.md');
  const line = await lineOf('failover', '--hosts', '3', '--vms', '4', '--runs', '1', '--also', 'bmc', '--picture', picture);
  const positive = 'positive';
  const figures = { p50: positive, p95: positive, max: positive, writesPerRestart: positive, cpuSeconds: positive, restarts: positive };
  assert.deepEqual(shapeOf(line), { ...figures, also: 'bmc', early: 0 });
  const page = await readFile(picture, 'utf8');
  await rm(folder, { recursive: true });
  assert.match(page, /```mermaid\ngantt\n/);
  const moments = [...page.matchAll(/^\| (-?[0-9.]+) \|/gm)].map(([, moment]) => Number(moment));
  assert.equal(moments.length, 8);
  assert.deepEqual(
    moments.slice(0, 4),
    moments.slice(0, 4).toSorted((a, b) => a - b),
    'one after the other',
  );
});

test('ft: work, checkpoints, what answers take longer and how long none comes, for each sort of guest and link', async () => {
  const line = shapeOf(await lineOf('ft', '--runs', '1', '--seconds', '1', '--interval', '50', '--gbit', '10'));
  const [spread, positive] = [{ p50: 'positive', p95: 'positive', max: 'positive' }, 'positive'];
  const figures = { work: positive, everyMs: positive, checkpointKiB: positive, heldKiB: positive, detectionMs: positive };
  const spreads = { addedMs: { p50: positive, p99: positive }, blackoutMs: spread, conversationMs: spread };
  const one = { mode: 'Checkpoint', intervalMs: positive, gbit: positive, dirty: positive, ...figures, ...spreads };
  assert.deepEqual(line, { lines: { 0: one, 1: one, 2: one, 3: { ...one, mode: 'Lockstep' } } });
});

test('rollout: simulated seconds beside the bound, hosts away at most, writes a host, and that nothing was restarted', async () => {
  const line = await lineOf('rollout', '--hosts', '3', '--vms', '6', '--away', '1', '--age', '10');
  const positive = 'positive';
  assert.deepEqual(shapeOf(line), {
    seconds: positive,
    boundSeconds: positive,
    ratio: positive,
    mostAway: positive,
    moves: positive,
    writesPerHost: positive,
    writesWithMoves: positive,
    downtimeMs: { p50: positive, p95: positive, max: positive },
    restarts: 0,
    cpuSeconds: positive,
  });
});

test('a bench that there is not is refused, with those that there are', async () => {
  const { code, stderr } = await run(process.execPath, [`${root}/test/bench/run.ts`, 'nothing']);
  assert.equal(code, 2);
  assert.match(stderr, /^There is no bench nothing:\n/);
  const named = [...stderr.matchAll(/^ {2}npm run bench -- (\S+) /gm)].map(([, name]) => name);
  assert.deepEqual(named, ['apply-to-running', 'evacuate', 'rollout', 'switch', 'failover', 'ft', 'client']);
});
