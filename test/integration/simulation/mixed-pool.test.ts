import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulationBench } from './bench.ts';

test('a pool of mixed processors gives its hosts theirs by turns, and a host keeps them', async () => {
  const bench = await simulationBench();
  const levels = () =>
    Promise.all(
      [1, 2, 3].map(
        async (n) =>
          (
            await bench
              .world()
              .hostPort(`rack-${String(n)}`)
              .inventory()
          ).baseline,
      ),
    );
  await bench.makePool('rack', 3, { baselines: ['x86-64-v3', 'x86-64-v2'] });
  await bench.until(() => bench.poolIsReady('rack'));
  assert.deepEqual(await levels(), ['x86-64-v3', 'x86-64-v2', 'x86-64-v3']);
  await bench.makePool('rack', 3, { baselines: ['x86-64-v4'] });
  await bench.restart();
  await bench.until(() => bench.poolIsReady('rack'));
  assert.deepEqual(await levels(), ['x86-64-v3', 'x86-64-v2', 'x86-64-v3']);
  await bench.stop();
});
