import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { silentLog } from '../../base/log.ts';
import { seededRandom } from '../../base/random.ts';
import { isPortError } from '../../ports/errors.ts';
import type { VirtualClock } from '../clock.ts';
import { testClock } from '../test-support.ts';
import { newFlows, type Flows, type FlowSpec } from './flows.ts';

/** Links of 1000 bytes a second, unless `capacity` says otherwise, which may stand still for 10 s. */
interface Net {
  readonly clock: VirtualClock;
  readonly flows: Flows;
  readonly capacity: Map<string, number>;
  /** `name` and when it ended, milliseconds; or why. */
  readonly ends: string[];
  open(name: string, spec: FlowSpec): void;
}

function net(): Net {
  const clock = testClock();
  const capacity = new Map<string, number>();
  const stopping = new AbortController().signal;
  const runtime = { id: 'net', clock, random: seededRandom(1), log: silentLog, stopping };
  const flows = newFlows({ runtime, capacity: (host) => capacity.get(host) ?? 1000, timeoutMs: 10_000 });
  const ends: string[] = [];
  const open: Net['open'] = (name, spec) => {
    const end = (what: string): void => void ends.push(`${name} ${what} ${String(Math.round(clock.monotonic()))}`);
    flows.open(spec).done.then(
      () => end('done'),
      (error: unknown) => end(isPortError(error, 'Unreachable') ? 'unreachable' : 'failed'),
    );
  };
  return { clock, flows, capacity, ends, open };
}

describe('flows between hosts', () => {
  test('end when their bytes are through, to the millisecond', async () => {
    const { clock, ends, open } = net();
    open('one', { from: 'a', to: 'b', bytes: 5000 });
    await clock.advance(60_000);
    assert.deepEqual(ends, ['one done 5000']);
  });

  test('share what they have in common while they are both under way', async () => {
    const { clock, ends, open } = net();
    open('one', { from: 'a', to: 'b', bytes: 5000 });
    await clock.advance(2000);
    open('two', { from: 'a', to: 'c', bytes: 1000 });
    await clock.advance(60_000);
    // From 2 s to 4 s each has 500 bytes a second.
    assert.deepEqual(ends, ['two done 4000', 'one done 6000']);
  });

  test('do not slow each other down where they have nothing in common, not even when they meet head on', async () => {
    const { clock, ends, open } = net();
    open('one', { from: 'a', to: 'b', bytes: 1000 });
    open('two', { from: 'b', to: 'a', bytes: 1000 });
    open('three', { from: 'c', to: 'd', bytes: 1000 });
    await clock.advance(60_000);
    assert.deepEqual(ends.sort(), ['one done 1000', 'three done 1000', 'two done 1000']);
  });

  test('are as fast as they may be at most', async () => {
    const { clock, ends, open } = net();
    open('one', { from: 'a', to: 'b', bytes: 1000, cap: 100 });
    open('two', { from: 'a', to: 'b', bytes: 1800 });
    await clock.advance(60_000);
    assert.deepEqual(ends, ['two done 2000', 'one done 10000']);
  });

  test('go as fast as their links do from the moment at which these change', async () => {
    const { capacity, clock, ends, flows, open } = net();
    open('one', { from: 'a', to: 'b', bytes: 5000 });
    await clock.advance(1000);
    capacity.set('b', 100);
    flows.changed();
    await clock.advance(10_000);
    capacity.set('b', 1000);
    flows.changed();
    await clock.advance(60_000);
    assert.deepEqual(ends, ['one done 14000']);
  });

  test('outlast a cut that is short, and fail in one that is long', async () => {
    const { capacity, clock, ends, flows, open } = net();
    for (const [name, ms] of [
      ['short', 9999],
      ['long', 10_001],
    ] as const) {
      open(name, { from: 'a', to: 'b', bytes: 1000 });
      capacity.set('a', 0);
      flows.changed();
      await clock.advance(ms);
      capacity.set('a', 1000);
      flows.changed();
      await clock.advance(2000);
    }
    assert.deepEqual(ends, ['short done 10999', 'long unreachable 21999']);
  });

  test('end at once when they are closed, and leave what they had to others', async () => {
    const { clock, ends, flows, open } = net();
    const closed = flows.open({ from: 'a', to: 'b', bytes: 5000 });
    open('other', { from: 'a', to: 'b', bytes: 1500 });
    await clock.advance(1000);
    assert.deepEqual([closed.remainingBytes(), closed.rate()], [4500, 500]);
    closed.close();
    await closed.done;
    await clock.advance(60_000);
    assert.deepEqual(ends, ['other done 2000']);
  });

  test('lose no byte however often they change', async () => {
    const { capacity, clock, ends, flows, open } = net();
    const random = seededRandom(3);
    open('long', { from: 'a', to: 'b', bytes: 100_000 });
    let carried = 0;
    while (ends.length === 0) {
      const rate = 100 + random.integer(900);
      const ms = 1 + random.integer(3000);
      capacity.set('a', rate);
      flows.changed();
      carried += (rate * ms) / 1000;
      await clock.advance(ms);
      if (carried < 99_999) assert.equal(ends.length, 0);
      else if (carried > 100_001) assert.equal(ends.length, 1);
    }
  });
});
