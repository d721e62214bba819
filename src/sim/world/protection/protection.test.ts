import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProtectionMode } from '../../../ports/fault-tolerance.ts';
import { ledgerBench, tokenOf } from './test-support.ts';

for (const mode of ['Checkpoint', 'Lockstep'] as const satisfies readonly ProtectionMode[])
  describe(`${mode}: a pair in step`, () => {
    test('both sides say so, and the ledger answers', async () => {
      const at = await ledgerBench({ mode });
      await at.clock.advance(2000);
      const [primary, shadow] = [await at.protection('a'), await at.protection('b')];
      assert.deepEqual(
        [primary, shadow].map((one) => [one?.id, one?.role, one?.peer, one?.stage]),
        [
          ['web-1', 'Primary', 'web-2', 'InStep'],
          ['web-2', 'Shadow', 'web-1', 'InStep'],
        ],
      );
      assert.deepEqual(
        (await at.host('b').guests.list()).map(({ state }) => state),
        ['Shadow'],
      );
      for (const { answers } of at.clients) assert.ok(answers.length > 20, `${String(answers.length)} answers`);
      at.check();
    });

    test('its primary loses its power: the shadow goes on, and nothing that was told is untrue (rule 3)', async () => {
      const at = await ledgerBench({ mode });
      await at.clock.advance(1000);
      const before = at.clients.map(({ answers }) => answers.length);
      await at.fault('PowerLoss', 'a');
      await at.untilStage('b', 'Silent');
      at.check();
      const { blackoutMs } = await at.during(at.host('b').protection.goLive('web-2', tokenOf('web-2')));
      assert.ok(blackoutMs >= 500);
      await at.clock.advance(3000);
      for (const [index, { answers, conversation }] of at.clients.entries()) {
        assert.equal(conversation.state(), 'Open');
        assert.ok(answers.length > (before[index] ?? 0) + 20, 'the conversation goes on');
      }
      at.check();
    });
  });
