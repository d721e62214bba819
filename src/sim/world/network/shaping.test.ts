import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Shaper } from '../../../api/effective-port.ts';
import { bytesOf } from './frame.ts';
import { newBucket, pass } from './shaper.ts';
import { rawFrame, switchBench, type SwitchBench, type Talker } from './test-support.ts';

const shaper: Shaper = { average: 8e6, peak: 80e6, burst: 50_000 };
const length = 986;

interface Seen {
  /** Milliseconds, and bytes. */
  readonly at: number;
  readonly bytes: number;
}

/** What comes when one says `perMs` frames of 1000 bytes each millisecond. */
async function flood(bench: SwitchBench, from: Talker, to: Talker, { ms, perMs }: { ms: number; perMs: number }): Promise<Seen[]> {
  const seen: Seen[] = [];
  const stop = to.nic().hear((frame) => seen.push({ at: bench.clock.monotonic(), bytes: bytesOf(frame) }));
  for (let i = 0; i < ms; i++) {
    for (let k = 0; k < perMs; k++) from.nic().send(rawFrame(from.mac, to.mac, 'x', length));
    await bench.clock.advance(1);
  }
  await bench.clock.advance(500);
  stop();
  return seen;
}

function mostIn(seen: readonly Seen[], ms: number): number {
  return Math.max(
    ...seen.map(({ at }) => seen.filter((other) => other.at >= at && other.at < at + ms).reduce((sum, { bytes }) => sum + bytes, 0)),
  );
}

for (const direction of ['egress', 'ingress'] as const)
  describe(`a shaper of what ${direction === 'egress' ? 'leaves' : 'comes to'} a guest`, () => {
    const shaped = async (): Promise<[SwitchBench, Talker, Talker]> => {
      const bench = await switchBench();
      const from = await bench.vm('a', 'from', direction === 'egress' ? { shaping: { egress: shaper } } : {});
      const to = await bench.vm('b', 'to', direction === 'ingress' ? { shaping: { ingress: shaper } } : {});
      return [bench, from, to];
    };

    test('lets no more pass than its average and its burst, in any span, and no less when there is more', async () => {
      const [bench, from, to] = await shaped();
      const seen = await flood(bench, from, to, { ms: 500, perMs: 4 });
      for (const ms of [10, 50, 200])
        assert.ok(mostIn(seen, ms) <= shaper.burst + (shaper.average / 8000) * ms + 1000, `in ${String(ms)} ms`);
      const bytes = seen.reduce((sum, one) => sum + one.bytes, 0);
      const fair = shaper.burst + (shaper.average / 8000) * 600;
      assert.ok(bytes > 0.95 * fair && bytes <= fair + 1000, String(bytes));
    });

    test('lets nothing pass faster than its peak', async () => {
      const [bench, from, to] = await shaped();
      const seen = await flood(bench, from, to, { ms: 1, perMs: 40 });
      assert.equal(seen.length, 40);
      assert.ok(mostIn(seen, 1) <= shaper.peak / 8000 + 1000);
    });

    test('holds nothing back that keeps to its average', async () => {
      const [bench, from, to] = await shaped();
      const seen = await flood(bench, from, to, { ms: 200, perMs: 1 });
      assert.equal(seen.length, 200);
      assert.ok(mostIn(seen, 10) <= 11_000);
    });

    test('drops what would wait for too long, and counts it', async () => {
      const [bench, from, to] = await shaped();
      const seen = await flood(bench, from, to, { ms: 10, perMs: 50 });
      const [host, name] = direction === 'egress' ? ['a', 'from'] : ['b', 'to'];
      const counters = (await bench.world.hostPort(host).switching.counters()).find(({ id }) => id === `shop/${name}.eth0`);
      assert.equal(seen.length + (counters?.droppedFrames ?? 0), 500);
      assert.ok(seen.length < 200);
    });
  });

test('a frame larger than the burst passes when nothing else did', () => {
  const bucket = newBucket({ average: 8000, peak: 1e9, burst: 500 }, 0);
  assert.equal(pass(bucket, 1000, 0), 0);
  assert.equal(pass(bucket, 100, 0), undefined);
  assert.equal(pass(bucket, 500, 1000), 0);
});
