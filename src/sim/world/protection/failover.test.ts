import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProtectionMode } from '../../../ports/fault-tolerance.ts';
import { appoint, ledgerBench, look, tokenOf, type LedgerBench } from './test-support.ts';

const modes = ['Checkpoint', 'Lockstep'] as const satisfies readonly ProtectionMode[];

/** Milliseconds in which what has left by now has arrived. */
const flightMs = 1;

async function goesOn(at: LedgerBench, ms = 2000): Promise<void> {
  const before = at.clients.map(({ answers }) => answers.length);
  await at.clock.advance(ms);
  at.check();
  for (const [index, { answers, conversation }] of at.clients.entries()) {
    assert.equal(conversation.state(), 'Open');
    assert.ok(answers.length > (before[index] ?? 0), 'the conversation goes on');
  }
}

for (const mode of modes)
  describe(`${mode}: the output rule (rule 3)`, () => {
    test('nothing leaves and nothing is written while the shadow cannot acknowledge it', async () => {
      const at = await ledgerBench({ mode });
      await at.clock.advance(500);
      await at.fault('FTPartition', 'b');
      await at.clock.advance(flightMs);
      const seen = at.observer.news.length;
      const written = at.content().size;
      for (const [ms, stage] of [
        [490, 'InStep'],
        [20, 'Silent'],
        [10_000, 'Silent'],
      ] as const) {
        await at.clock.advance(ms);
        const { heldBytes = 0, stage: is } = (await at.protection('a')) ?? {};
        assert.deepEqual([is, at.observer.news.length, at.content().size], [stage, seen, written]);
        assert.ok(heldBytes > 0, 'what it says waits');
        assert.deepEqual(
          (await at.host('a').guests.list()).map(({ state }) => state),
          ['Running'],
        );
      }
    });

    test('a partition that ends before anybody was asked: what waited leaves, in step', async () => {
      const at = await ledgerBench({ mode });
      await at.clock.advance(500);
      const end = await at.fault('FTPartition', 'a');
      await at.untilStage('a', 'Silent');
      await at.untilStage('b', 'Silent');
      await end();
      await at.untilStage('a', 'InStep');
      await at.untilStage('b', 'InStep');
      await goesOn(at);
    });
  });

for (const mode of modes)
  describe(`${mode}: the primary loses its power`, () => {
    // Every 1.3 ms over more than two intervals: while memory is copied, is on its way, and is being acknowledged.
    const instants = mode === 'Checkpoint' ? 45 : 12;
    test(`at any of ${String(instants)} instants: nothing that was told becomes untrue (rule 3)`, async () => {
      for (let instant = 0; instant < instants; instant++) {
        const at = await ledgerBench({ mode, silenceMs: 50, clients: [{ waiting: 3 }, { thinkMs: 2 }] });
        await at.clock.advance(40 + instant * (mode === 'Checkpoint' ? 1.3 : 0.23));
        await at.fault('PowerLoss', 'a');
        await at.untilStage('b', 'Silent');
        at.check();
        await at.during(at.host('b').protection.goLive('web-2', tokenOf('web-2')));
        await goesOn(at, 450);
      }
    });
  });

for (const mode of modes)
  describe(`${mode}: the shadow is lost`, () => {
    for (const how of ['PowerLoss', 'HostHang', 'stop'] as const)
      test(`${how}: the primary goes on alone, and lets go what waited`, async () => {
        const at = await ledgerBench({ mode });
        await appoint(at, 'a', 'web-1', 'web-2');
        await at.clock.advance(200);
        if (how === 'stop') await at.host('b').guests.stop('web-2', 'PowerOff');
        else await at.fault(how, 'b');
        await at.untilStage('a', 'Silent');
        assert.equal(await look(at, 'a'), 'web-1 alone');
        assert.equal(await at.protection('a'), undefined);
        await goesOn(at);
      });

    test('another is put in its place, and goes on when its turn comes', async () => {
      const at = await ledgerBench({ mode });
      await appoint(at, 'a', 'web-1', 'web-2');
      await at.fault('PowerLoss', 'b');
      await at.untilStage('a', 'Silent');
      await look(at, 'a');
      await at.protectBy('a', 'web-1', 'c', 'web-3');
      await at.untilStage('c', 'InStep');
      await appoint(at, 'a', 'web-1', 'web-3');
      await goesOn(at, 500);
      await at.fault('PowerLoss', 'a');
      await at.untilStage('c', 'Silent');
      assert.equal(await look(at, 'c'), 'web-3 live');
      await goesOn(at);
    });
  });

for (const mode of modes)
  describe(`${mode}: nothing goes between the two`, () => {
    for (const [first, outcome] of [
      ['a', ['web-1 alone', 'web-2 stopped']],
      ['b', ['web-1 stopped', 'web-2 live']],
    ] as const)
      test(`${first} asks first: one goes on, the other is halted (rules 1 and 3)`, async () => {
        const at = await ledgerBench({ mode });
        await appoint(at, 'a', 'web-1', 'web-2');
        await at.clock.advance(200);
        await at.fault('FTPartition', 'a');
        await at.untilStage('a', 'Silent');
        await at.untilStage('b', 'Silent');
        const second = first === 'a' ? 'b' : 'a';
        const done = [await look(at, first), await look(at, second)];
        assert.deepEqual(done.sort(), outcome);
        await goesOn(at);
      });

    test('until it comes back: who was left behind hears it', async () => {
      const at = await ledgerBench({ mode });
      await appoint(at, 'a', 'web-1', 'web-2');
      const end = await at.fault('FTPartition', 'a');
      await at.untilStage('a', 'Silent');
      await look(at, 'a');
      assert.deepEqual(
        (await at.host('b').guests.list()).map(({ state }) => state),
        ['Shadow'],
      );
      await end();
      assert.equal(await at.protection('b'), undefined);
      assert.deepEqual(
        (await at.host('b').guests.list()).map(({ state }) => state),
        ['Incoming'],
      );
      await goesOn(at);
    });
  });

describe('a host that hangs and returns', () => {
  for (const mode of modes)
    test(`${mode}: its primary is seen no more after its shadow went live, and is halted (rule 1)`, async () => {
      const at = await ledgerBench({ mode });
      await appoint(at, 'a', 'web-1', 'web-2');
      await at.clock.advance(100);
      const end = await at.fault('HostHang', 'a');
      await at.untilStage('b', 'Silent');
      assert.equal(await look(at, 'b'), 'web-2 live');
      await goesOn(at, 500);
      await end();
      await at.untilStage('a', 'Silent');
      await goesOn(at, 500);
      assert.equal(await look(at, 'a'), 'web-1 stopped');
      await goesOn(at, 500);
      assert.deepEqual(
        (await at.host('a').guests.list()).map(({ state }) => state),
        [],
      );
    });
});
