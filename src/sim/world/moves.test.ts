import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isPortError } from '../../ports/errors.ts';
import type { HostPort } from '../../ports/host-port.ts';
import type { MoveOptions, MoveProgress } from '../../ports/moves.ts';
import { follow, gigabit, handOver, lives, setting, writing } from './moving/test-support.ts';
import { gibibyte, guestsOn, guestSpec, hardware, startGuest, worldBench } from './test-support.ts';

describe('a move', () => {
  test('of a quiet guest of 800 MB over 1 Gbit/s takes the time of its bytes, and tens of milliseconds of standing still', async () => {
    const bench = await worldBench({ settings: { behaviours: { 'shop/web': writing(1e6, 0.02) } } });
    for (const name of ['a', 'b']) await bench.world.ensure({ ...hardware(name), nicBitsPerSecond: 1e9 });
    await bench.clock.until(() => bench.agents.length === 2, 60_000);
    const small = (id: string) => ({ ...guestSpec(id, 'web'), memoryBytes: 800e6, disks: [] });
    await startGuest(bench, 'a', small('g1'));
    const endpoint = await bench.world.hostPort('b').moves.prepare(small('g2'));
    const from = bench.clock.monotonic();
    const progress = await bench.during(follow(bench.world.hostPort('a').moves.send('g1', endpoint, handOver)));
    const ms = bench.clock.monotonic() - from;
    assert.ok(ms > 6400 && ms < 6500, String(ms));
    const { downtimeMs = 0, round = 0 } = progress.at(-1) ?? {};
    assert.equal(round, 1);
    assert.ok(downtimeMs > 20 && downtimeMs < 100, String(downtimeMs));
  });

  test('tells how far it is, and until when, second by second', async () => {
    const at = await setting();
    const progress = await at.bench.during(follow(at.send()));
    const copying = progress.filter(({ stage, sentBytes }) => stage === 'Copying' && sentBytes > 0);
    assert.ok(copying.length >= 8);
    for (const [index, { estimatedMs = NaN, remainingBytes, sentBytes }] of copying.entries()) {
      assert.ok(Math.abs(sentBytes - (index + 1) * gigabit) < 0.01 * gigabit);
      assert.ok(Math.abs(sentBytes + remainingBytes - gibibyte) < 2);
      assert.ok(Math.abs(estimatedMs - (remainingBytes * 1000) / gigabit) < 2);
    }
  });

  test('shares the network with another, and goes no faster than it may', async () => {
    const at = await setting();
    await startGuest(at.bench, 'a', guestSpec('h1', 'db'));
    const endpoint = await at.b.moves.prepare(guestSpec('h2', 'db'));
    const token = { vm: 'uid-db', holder: 'h2' };
    const options: MoveOptions = { mode: 'PreCopy', bytesPerSecond: gigabit / 5, switchOver: () => Promise.resolve(token) };
    const other = follow(at.a.moves.send('h1', endpoint, options));
    const from = at.bench.clock.monotonic();
    await at.bench.during(follow(at.send()));
    // Four fifths of the network are left.
    const ms = at.bench.clock.monotonic() - from;
    const alone = (gibibyte * 1000) / gigabit;
    assert.ok(ms > 1.25 * alone && ms < 1.27 * alone, String(ms));
    await at.bench.during(other);
    assert.deepEqual(lives(at), ['a Paused', 'a Paused', 'b runs', 'b runs']);
  });

  test('takes a guest along that boots: it has booted once, at its target', async () => {
    const at = await setting();
    const heard: string[] = [];
    const listen = async (port: HostPort, host: string): Promise<void> => {
      for await (const { id, type } of port.guests.events(new AbortController().signal)) heard.push(`${host} ${id} ${type}`);
    };
    void listen(at.a, 'a');
    void listen(at.b, 'b');
    await at.a.guests.stop('g1', 'PowerOff');
    await startGuest(at.bench, 'a', guestSpec('g1', 'web'));
    await at.bench.during(follow(at.send({ mode: 'PostCopy' })));
    assert.deepEqual(await guestsOn(at.b), ['g2 Running Beating']);
    assert.deepEqual(heard, [
      'a g1 Stopped',
      'a g1 Started',
      'a g1 Paused',
      'b g2 Received',
      'a g1 Moved',
      'b g2 Activated',
      'b g2 Booted',
    ]);
  });

  test('tells of a guest that has booted long ago that it came, and no more', async () => {
    const at = await setting();
    const heard: string[] = [];
    const listen = async (): Promise<void> => {
      for await (const { type } of at.b.guests.events(new AbortController().signal)) heard.push(type);
    };
    void listen();
    await at.bench.during(follow(at.send()));
    await at.bench.clock.advance(10_000);
    assert.deepEqual(heard, ['Received', 'Activated']);
  });

  test('takes a guest along that hangs; it is well when the fault ends', async () => {
    const at = await setting(writing(1e9));
    const end = await at.bench.world.inject({ type: 'GuestHang', vm: { namespace: 'shop', name: 'web' } });
    // Hung, it writes nothing.
    const progress = await at.bench.during(follow(at.send()));
    assert.equal(progress.at(-1)?.round, 1);
    assert.deepEqual(await guestsOn(at.b), ['g2 Running Silent']);
    await end();
    assert.deepEqual(await guestsOn(at.b), ['g2 Running Beating']);
  });

  test('takes one along that writes nothing, however little bandwidth it may take', async () => {
    const at = await setting(writing(0));
    const progress = await at.bench.during(follow(at.send({ bytesPerSecond: 2e6 })));
    assert.deepEqual([progress.at(-1)?.stage, progress.at(-1)?.round], ['Done', 1]);
  });
});

describe('a guest that writes faster than the network takes it', () => {
  const fierce = writing(10 * gigabit, 0.9);

  test('is slowed down in steps, then goes on as fast as before: PreCopy fails', async () => {
    const at = await setting(fierce);
    const milliCores = async (): Promise<number> => {
      await at.a.guests.sample();
      await at.bench.clock.advance(1000);
      return (await at.a.guests.sample())[0]?.milliCores ?? 0;
    };
    const before = await milliCores();
    const percents: number[] = [];
    const read = async (): Promise<void> => {
      for await (const { throttledPercent } of at.send({ switchOver: () => assert.fail('it was handed over') }))
        percents.push(throttledPercent);
    };
    const reading = read();
    reading.catch(() => undefined);
    await at.bench.clock.until(() => percents.at(-1) === 80, 600_000);
    assert.ok((await milliCores()) <= before * 0.21);
    await assert.rejects(at.bench.during(reading), (error) => isPortError(error, 'NotConverging'));
    assert.deepEqual([...new Set(percents)], [0, 20, 30, 40, 50, 60, 70, 80]);
    assert.equal(await milliCores(), before);
    assert.deepEqual(at.states(), ['Running', 'Incoming']);
    assert.deepEqual(lives(at), ['a runs']);
  });

  test('is not throttled any more after its move was cancelled', async () => {
    const at = await setting(fierce);
    const reading = at.send()[Symbol.asyncIterator]();
    for (let throttled = 0; throttled === 0;) throttled = ((await at.bench.during(reading.next())).value as MoveProgress).throttledPercent;
    await reading.return?.();
    await at.bench.clock.settle();
    await at.a.guests.sample();
    await at.bench.clock.advance(1000);
    assert.equal((await at.a.guests.sample())[0]?.milliCores, 500);
  });

  test('is not throttled any more where it was slow enough in the end, whatever comes of its move', async () => {
    for (const [switchOver, at] of [
      [() => Promise.reject(new Error('no')), await setting(writing(0.9 * gigabit))],
      [handOver.switchOver, await setting(writing(0.9 * gigabit))],
    ] as const) {
      const progress: MoveProgress[] = [];
      const read = async (): Promise<void> => {
        for await (const item of at.send({ switchOver })) progress.push(item);
      };
      await at.bench.during(read()).catch(() => undefined);
      assert.ok(progress.some(({ throttledPercent }) => throttledPercent > 0));
      const host = at.states()[0] === 'Running' ? at.a : at.b;
      await host.guests.sample();
      await at.bench.clock.advance(1000);
      assert.equal((await host.guests.sample())[0]?.milliCores, 500);
    }
  });

  test('goes on at its target with its memory behind it: Auto', async () => {
    const at = await setting(fierce);
    const progress = await at.bench.during(follow(at.send({ mode: 'Auto' })));
    const { downtimeMs = 0, postCopy, stage } = progress.at(-1) ?? {};
    assert.deepEqual([stage, postCopy], ['Done', true]);
    assert.ok(downtimeMs < 50, String(downtimeMs));
    assert.ok(progress.some((item) => item.stage === 'Arriving' && item.remainingBytes > 0 && item.estimatedMs !== undefined));
    assert.deepEqual(lives(at), ['a Paused', 'b runs']);
  });
});
