import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { disksFinalizer, guestFinalizer, VirtualMachineInstance } from '../../../src/api/virtual-machine-instance.ts';
import { preparedMove, moveBench, says, type ArbiterKind, type MoveBench } from './bench.ts';

const orders: readonly (readonly [ArbiterKind, 'source first' | 'target first'])[] = [
  ['datastore', 'source first'],
  ['lease', 'target first'],
];
const hosts = ['rack-1', 'rack-2'] as const;

/** Does `meddle` when the two agents have done `nth` steps from now on; settles as it does. @returns whether it came to that. */
function atStep(at: MoveBench, nth: number, meddle: () => Promise<void>): () => boolean {
  let steps = 0;
  at.meet = async ({ name, when }) => {
    if (when === 'after' || /hypersphere-system|hostusages|\/hosts|inventory|guests\.sample|datastores\.held/.test(name)) return;
    if (++steps === nth) await meddle();
  };
  return () => steps >= nth;
}

async function untilGone(at: MoveBench, ...names: readonly string[]): Promise<void> {
  for (const name of names) await at.untilGone(name);
}

describe('a VM that is powered off at any moment of its move (rules 1 and 2)', () => {
  for (const [kind, order] of orders) {
    test(`${order}, arbiter: ${kind}: both guests end, and nobody holds it`, async () => {
      const at = await moveBench(kind);
      let isMet = true;
      let nth = 1;
      for (; isMet; nth++) {
        const [source, target] = [`s${String(nth)}`, `t${String(nth)}`];
        const from = await at.make(source, hosts[0]);
        await at.untilPhase(source, 'Running');
        await at.make(target, hosts[1], from);
        await at.until(async () => (await at.get(target)).status.endpoint !== undefined);
        const both = order === 'source first' ? [source, target] : [target, source];
        const met = atStep(at, nth, async () => {
          for (const name of both) await at.delete(name);
        });
        await at.send(source, target);
        await at.until(async () => met() || (await at.get(source)).status.transfer?.stage === 'Done');
        await at.clock.advance(2000);
        isMet = met();
        at.meet = () => Promise.resolve();
        if (!isMet) for (const name of both) await at.remove(name);
        await untilGone(at, source, target);
        assert.deepEqual(at.guests(), [], `step ${String(nth)}`);
        assert.equal(await at.holder(), undefined, `step ${String(nth)}`);
      }
      assert.ok(nth > 15);
      at.lives();
      await at.stop();
    });
  }
});

describe('a VM that is suspended at any moment of its move', () => {
  test('falls asleep where it is, or goes on where it went: one of both, and it can be woken', async () => {
    const at = await moveBench('datastore');
    const ends = new Set<string>();
    let isMet = true;
    for (let nth = 1; isMet; nth++) {
      const [source, target] = [`s${String(nth)}`, `t${String(nth)}`];
      const from = await at.make(source, hosts[0]);
      await at.untilPhase(source, 'Running');
      await at.make(target, hosts[1], from);
      await at.until(async () => (await at.get(target)).status.endpoint !== undefined);
      const met = atStep(at, nth, () => at.change(source, { powerState: 'Suspended' }));
      await at.send(source, target);
      await at.until(async () => ['Suspended', 'Moved'].includes((await at.get(source)).status.phase ?? ''));
      const { phase } = (await at.get(source)).status;
      ends.add(phase ?? '');
      if (phase === 'Suspended') {
        await at.clock.advance(2000);
        assert.equal((await at.get(source)).status.phase, 'Suspended');
        await at.patch(source, { moveTo: null, powerState: 'PoweredOn' });
        await at.untilPhase(source, 'Running');
      } else await at.untilPhase(target, 'Running');
      isMet = met();
      at.meet = () => Promise.resolve();
      for (const name of [source, target]) await at.remove(name);
      await untilGone(at, source, target);
      assert.equal(await at.holder(), undefined);
    }
    at.lives();
    assert.deepEqual([...ends].sort(), ['Moved', 'Suspended']);
    await at.stop();
  });
});

test('a VM that is suspended where it went while its memory follows falls asleep when all of that is there', async () => {
  const at = await preparedMove('datastore');
  await at.send('a', 'b', 'PostCopy', '100M');
  await at.untilPhase('b', 'Running', 60_000);
  await at.patch('b', { powerState: 'Suspended' });
  await at.until(async () => says(await at.get('b')).endsWith(' WrongState'));
  assert.equal((await at.get('a')).status.transfer?.stage, 'Arriving');
  await at.untilPhase('b', 'Suspended', 900_000);
  at.lives();
  await at.stop();
});

describe('a move that is called off', () => {
  test('while memory is copied: the guest runs on, nothing is said of it any more, and it can go elsewhere', async () => {
    const at = await preparedMove('datastore');
    await at.send('a', 'b', 'PreCopy', '100M');
    await at.until(async () => (await at.get('a')).status.transfer?.stage === 'Copying');
    await at.patch('a', { moveTo: null });
    await at.until(async () => (await at.get('a')).status.transfer === undefined);
    await at.clock.advance(30_000);
    assert.deepEqual(at.guests(), ['rack-1 Running', 'rack-2 Incoming']);
    await at.make('c', 'rack-2', await at.get('a'));
    await at.send('a', 'c');
    await at.untilPhase('c', 'Running');
    assert.equal(at.starts(), 1);
    at.lives();
    await at.stop();
  });

  test('for another target: it goes there', async () => {
    const at = await preparedMove('datastore');
    await at.make('c', 'rack-2', await at.get('a'));
    await at.untilPhase('c', 'Incoming');
    await at.send('a', 'b', 'PreCopy', '100M');
    await at.until(async () => (await at.get('a')).status.transfer?.stage === 'Copying');
    await at.send('a', 'c');
    await at.untilPhase('c', 'Running');
    assert.equal((await at.get('a')).status.transfer?.instanceUID, (await at.get('c')).metadata.uid);
    assert.equal(says(await at.get('b')), 'Incoming Incoming');
    at.lives();
    await at.stop();
  });
});

describe('the end of a target that its source may still hand over to', () => {
  test('waits until the source has said that it does not', async () => {
    const at = await preparedMove('datastore');
    // An agent that hears of nothing.
    const revive = await at.inject({ type: 'AgentCrash', host: 'rack-1' });
    await at.send('a', 'b');
    await at.remove('b');
    await at.until(async () => says(await at.get('b')) === 'Stopped OriginSends');
    await at.clock.advance(30_000);
    assert.equal(says(await at.get('b')), 'Stopped OriginSends');
    await at.patch('a', { moveTo: null });
    await at.clock.advance(30_000);
    assert.equal(says(await at.get('b')), 'Stopped OriginSends');
    await revive();
    await at.untilGone('b');
    assert.deepEqual(at.guests(), ['rack-1 Running']);
    await at.stop();
  });
});

describe('the end of a target whose source has ended', () => {
  test('does not wait for the instance of the source, which stays for the sake of disks', async () => {
    const at = await preparedMove('datastore');
    const held = { metadata: { finalizers: [guestFinalizer, disksFinalizer] } };
    await at.during(at.person.patch(VirtualMachineInstance, { namespace: 'shop', name: 'a' }, held));
    await at.send('a', 'b', 'PreCopy', '1M');
    await at.until(async () => (await at.get('a')).status.transfer?.stage === 'Copying');
    for (const name of ['a', 'b']) await at.remove(name);
    await at.untilGone('b');
    assert.deepEqual(at.guests(), []);
    await at.stop();
  });
});

describe('what is said of a transfer', () => {
  test('is written at most once in five seconds, and at each change of stage', async () => {
    const at = await preparedMove('datastore');
    const said = (): number => at.writes.filter((write) => write.includes('virtualmachineinstances/a/status')).length;
    const before = said();
    const began = at.clock.monotonic();
    // However little its guest writes, that takes longer than a few times five seconds.
    await at.send('a', 'b', 'Auto', '20M');
    await at.until(async () => (await at.get('a')).status.transfer?.stage === 'Copying');
    const percents = new Set<number>();
    await at.until(async () => {
      const { status } = await at.get('a');
      percents.add(status.transfer?.percent ?? 0);
      return status.transfer?.stage === 'Done' || status.transfer?.stage === 'Failed';
    }, 600_000);
    assert.equal((await at.get('a')).status.transfer?.stage, 'Done');
    assert.ok(percents.size >= 4, [...percents].join());
    const stagesAndEnd = 4;
    assert.ok(said() - before <= (at.clock.monotonic() - began) / 5000 + stagesAndEnd, String(said() - before));
    await at.clock.advance(60_000);
    const after = said();
    await at.clock.advance(300_000);
    assert.equal(said(), after);
    await at.stop();
  });
});
