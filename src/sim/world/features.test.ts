import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PortError } from '../../ports/errors.ts';
import { isPortError } from '../../ports/errors.ts';
import { gibibyte, guestSpec, hardware, startGuest, withHosts, worldBench, type WorldBench } from './test-support.ts';

const lacks = (error: unknown): error is PortError => isPortError(error, 'LacksFeatures');

/** An old host `a`, of x86-64-v2, and `b` that has said nothing of itself. */
async function mixed(): Promise<WorldBench> {
  const bench = await worldBench();
  await withHosts(bench, 'a', 'b');
  await bench.world.ensure({ ...hardware('a'), baseline: 'x86-64-v2' });
  return bench;
}

test('a host says what its processors can do, also after its world began anew', async () => {
  const bench = await mixed();
  const levels = async () => Promise.all(['a', 'b'].map(async (name) => (await bench.world.hostPort(name).inventory()).baseline));
  assert.deepEqual(await levels(), ['x86-64-v2', 'x86-64-v3']);
  await bench.restart('lost');
  for (const host of bench.world.remembered().values()) await bench.world.ensure(host);
  await bench.clock.advance(10_000);
  assert.deepEqual(await levels(), ['x86-64-v2', 'x86-64-v3']);
  await bench.world.close();
});

test('a guest that is to see more than its host has is neither started nor let in, whoever sends it', async () => {
  const bench = await mixed();
  const modern = { ...guestSpec('g1'), baseline: 'x86-64-v3' as const };
  await assert.rejects(bench.during(startGuest(bench, 'a', modern)), lacks);
  await assert.rejects(bench.during(bench.world.hostPort('a').moves.prepare(modern)), lacks);
  assert.deepEqual(await bench.world.hostPort('a').guests.list(), []);
  await bench.during(startGuest(bench, 'b', modern));
  const old = { ...guestSpec('g2'), baseline: 'x86-64-v2' as const };
  await bench.during(startGuest(bench, 'a', old));
  await bench.during(startGuest(bench, 'a', { ...guestSpec('g3'), memoryBytes: gibibyte }));
  await bench.world.close();
});
