import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { preparedMove, says, type ArbiterKind, type MoveBench } from './bench.ts';
import type { AgentStep } from './steps.ts';

const kinds = ['datastore', 'lease'] satisfies ArbiterKind[];

/** Slow enough that it takes several seconds. */
const slow = '100M';

function isHandOver({ host, name }: AgentStep): boolean {
  return host === 'rack-1' && (name === 'arbiter.handOver' || /^PUT .*\/leases\/vm-/.test(name));
}

/** Lets `happen` at the hand-over, once. */
function atHandOver(at: MoveBench, when: AgentStep['when'], happen: () => Promise<unknown>): void {
  at.meet = async (step) => {
    if (!isHandOver(step) || step.when !== when) return;
    at.meet = () => Promise.resolve();
    await happen();
  };
}

const copying = (at: MoveBench) => at.until(async () => (await at.get('a')).status.transfer?.stage === 'Copying');

describe('a host that loses its power during a move', () => {
  test('the target, while memory is copied: the guest runs on at its source, and that move is not tried again', async () => {
    const at = await preparedMove('datastore');
    await at.send('a', 'b', 'PreCopy', slow);
    await copying(at);
    await at.clock.advance(2000);
    const restore = await at.inject({ type: 'PowerLoss', host: 'rack-2' });
    await at.until(async () => (await at.get('a')).status.transfer?.stage === 'Failed');
    assert.equal((await at.get('a')).status.transfer?.reason, 'TargetUnreachable');
    assert.equal(says(await at.get('a')), 'Running Running');
    await restore();
    await at.clock.advance(60_000);
    assert.deepEqual(at.guests(), ['rack-1 Running', 'rack-2 Incoming']);
    at.lives();
    assert.equal(at.starts(), 1);
    await at.stop();
  });

  for (const kind of kinds) {
    test(`the target, after the hand-over, arbiter: ${kind}: it starts the guest from its disks, and the source never again`, async () => {
      const at = await preparedMove(kind);
      let restore = (): Promise<void> => Promise.resolve();
      atHandOver(at, 'after', async () => {
        restore = await at.world().inject({ type: 'PowerLoss', host: 'rack-2' });
      });
      await at.send('a', 'b');
      await at.clock.advance(20_000);
      assert.ok(!at.guests().some((guest) => guest.endsWith('Running')));
      await restore();
      const target = await at.untilPhase('b', 'Running');
      assert.equal(at.starts(), 2);
      assert.equal(await at.holder(), target.metadata.uid);
      await at.remove('a');
      await at.untilGone('a');
      await at.clock.advance(60_000);
      assert.deepEqual(at.guests(), ['rack-2 Running']);
      at.lives();
      await at.stop();
    });

    test(`the source, before the hand-over, arbiter: ${kind}: it starts the guest again, the target never`, async () => {
      const at = await preparedMove(kind);
      let restore = (): Promise<void> => Promise.resolve();
      atHandOver(at, 'before', async () => {
        restore = await at.world().inject({ type: 'PowerLoss', host: 'rack-1' });
      });
      await at.send('a', 'b');
      await at.clock.advance(30_000);
      assert.ok(!at.guests().some((guest) => guest.endsWith('Running')));
      await at.patch('a', { moveTo: null });
      await restore();
      await at.until(async () => says(await at.get('a')) === 'Running Running');
      await at.remove('b');
      await at.untilGone('b');
      assert.deepEqual(at.guests(), ['rack-1 Running']);
      assert.equal(await at.holder(), (await at.get('a')).metadata.uid);
      at.lives();
      await at.stop();
    });

    test(`the source, after the hand-over, arbiter: ${kind}: the guest runs at its target, and the source says that it moved`, async () => {
      const at = await preparedMove(kind);
      let restore = (): Promise<void> => Promise.resolve();
      atHandOver(at, 'after', async () => {
        restore = await at.world().inject({ type: 'PowerLoss', host: 'rack-1' });
      });
      await at.send('a', 'b');
      await at.untilPhase('b', 'Running');
      await restore();
      await at.untilPhase('a', 'Moved');
      await at.clock.advance(60_000);
      assert.deepEqual(at.guests(), ['rack-2 Running']);
      assert.equal(at.starts(), 1);
      at.lives();
      await at.stop();
    });
  }
});

describe('a target that is complete and hears of nothing', () => {
  test('looks by itself whether the VM was handed over to it', async () => {
    const at = await preparedMove('datastore');
    at.meet = async (step) => {
      if (!isHandOver(step)) return;
      // Long enough for all that was to be said of it to be said.
      if (step.when === 'before') await at.clock.sleep(5_000);
      else await new Promise(() => undefined);
    };
    await at.send('a', 'b');
    await at.until(() => Promise.resolve(at.guests().includes('rack-2 Received')));
    await at.until(() => Promise.resolve(at.guests().includes('rack-2 Running')), 10_000);
    at.lives();
    await at.stop();
  });
});

describe('an arbiter is given to the target of a move, never taken by it (rule 1)', () => {
  for (const kind of kinds) {
    test(`not even when it is free, arbiter: ${kind}`, async () => {
      const at = await preparedMove(kind);
      await at.remove('a');
      await at.untilGone('a');
      assert.equal(await at.holder(), undefined);
      await at.clock.advance(120_000);
      assert.equal(await at.holder(), undefined);
      assert.deepEqual(at.guests(), ['rack-2 Incoming']);
      await at.remove('b');
      await at.untilGone('b');
      assert.deepEqual(at.guests(), []);
      await at.stop();
    });

    test(`nor does a source whose life went on elsewhere take it, arbiter: ${kind}`, async () => {
      const at = await preparedMove(kind);
      await at.send('a', 'b');
      await at.untilPhase('a', 'Moved');
      await at.until(() => Promise.resolve(at.guests().length === 1));
      await at.remove('b');
      await at.untilGone('b');
      assert.equal(await at.holder(), undefined);
      await at.patch('a', { moveTo: null });
      const revive = await at.inject({ type: 'AgentCrash', host: 'rack-1' });
      await at.clock.advance(1000);
      await revive();
      await at.clock.advance(60_000);
      assert.deepEqual(at.guests(), []);
      assert.equal(says(await at.get('a')), 'Moved Moved');
      await at.stop();
    });

    test(`what was handed over is a debt of the target's host, not of the source's, arbiter: ${kind}`, async () => {
      const at = await preparedMove(kind);
      await at.send('a', 'b');
      const { metadata } = await at.untilPhase('b', 'Running');
      const revive = await at.inject({ type: 'AgentCrash', host: 'rack-2' });
      await at.removeByForce('b');
      const restart = await at.inject({ type: 'AgentCrash', host: 'rack-1' });
      await at.clock.advance(1000);
      await restart();
      await at.clock.advance(90_000);
      // Its guest runs: whoever freed it would let another one start.
      assert.deepEqual(at.guests(), ['rack-2 Running']);
      assert.equal(await at.holder(), metadata.uid);
      await revive();
      await at.until(async () => (await at.holder()) === undefined);
      assert.deepEqual(at.guests(), []);
      at.lives();
      await at.stop();
    });
  }
});

describe('guests that wait for nothing', () => {
  test('one that is Incoming, and whose instance is gone, is ended like any other stranger', async () => {
    const at = await preparedMove('datastore');
    await at.removeByForce('b');
    await at.until(() => Promise.resolve(at.guests().length === 1));
    assert.deepEqual(at.guests(), ['rack-1 Running']);
    await at.stop();
  });
});
