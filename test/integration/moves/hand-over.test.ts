import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConnectionLost } from '../../../src/meta/control-plane.ts';
import { Lease } from '../../../src/meta/core.ts';
import { isApiError } from '../../../src/meta/status.ts';
import { PortError } from '../../../src/ports/errors.ts';
import { readJournal } from '../../../src/sim/journal.ts';
import { preparedMove, says, type ArbiterKind, type MoveBench } from './bench.ts';
import type { AgentStep } from './steps.ts';

const kinds = ['datastore', 'lease'] satisfies ArbiterKind[];

/** What is said to the arbiter by rack-1. */
function isArbiter(kind: ArbiterKind, { host, name }: AgentStep): boolean {
  return host === 'rack-1' && (kind === 'lease' ? /^(GET|PUT) .*\/leases\/vm-/.test(name) : name.startsWith('arbiter.'));
}

function isHandOver(kind: ArbiterKind, step: AgentStep): boolean {
  return isArbiter(kind, step) && (kind === 'lease' ? step.name.startsWith('PUT') : step.name === 'arbiter.handOver');
}

function lost(kind: ArbiterKind): Error {
  return kind === 'lease' ? new ConnectionLost('reset') : new PortError('Unreachable', 'no answer');
}

/** The first hand-over has no answer, nor has what is asked for `silentMs` after it. @returns when the arbiter is to answer again. */
function silence(at: MoveBench, kind: ArbiterKind, when: AgentStep['when']): { hits: number; isOver: boolean } {
  const silent = { hits: 0, isOver: false };
  at.meet = (step) => {
    const isHit = silent.hits === 0 ? step.when === when && isHandOver(kind, step) : step.when === 'before' && isArbiter(kind, step);
    if (silent.isOver || !isHit) return Promise.resolve();
    silent.hits++;
    return Promise.reject(lost(kind));
  };
  return silent;
}

const stages = (at: MoveBench): string => at.guests().join();

describe('a hand-over whose answer is lost', () => {
  for (const kind of kinds) {
    test(`and that was done, arbiter: ${kind}: the guest goes on at its target`, async () => {
      const at = await preparedMove(kind);
      const silent = silence(at, kind, 'after');
      await at.send('a', 'b');
      await at.until(() => Promise.resolve(silent.hits > 0));
      silent.isOver = true;
      await at.untilPhase('b', 'Running');
      await at.untilPhase('a', 'Moved');
      at.lives();
      assert.equal(at.starts(), 1);
      await at.stop();
    });

    test(`and that was not done, arbiter: ${kind}: it is found out, and tried again`, async () => {
      const at = await preparedMove(kind);
      const silent = silence(at, kind, 'before');
      await at.send('a', 'b');
      await at.until(() => Promise.resolve(silent.hits > 5));
      // Nobody knows who holds it: it runs nowhere.
      assert.equal(stages(at), 'rack-1 Paused,rack-2 Received');
      silent.isOver = true;
      await at.untilPhase('b', 'Running');
      await at.untilPhase('a', 'Moved');
      at.lives();
      assert.equal(at.starts(), 1);
      await at.stop();
    });

    test(`and nobody wants it any more by then, arbiter: ${kind}: it goes on at its source, which says why it stood still`, async () => {
      const at = await preparedMove(kind);
      const silent = silence(at, kind, 'before');
      await at.send('a', 'b');
      await at.until(() => Promise.resolve(silent.hits > 5));
      assert.equal(says(await at.get('a')), 'Running ArbiterUnreachable');
      await at.patch('a', { moveTo: null });
      await at.clock.advance(30_000);
      assert.equal(stages(at), 'rack-1 Paused,rack-2 Received');
      silent.isOver = true;
      await at.until(async () => says(await at.get('a')) === 'Running Running');
      assert.equal((await at.get('a')).status.transfer, undefined);
      assert.equal(await at.holder(), (await at.get('a')).metadata.uid);
      assert.deepEqual(at.guests(), ['rack-1 Running', 'rack-2 Incoming']);
      at.lives();
      await at.stop();
    });

    test(`and that is on its way still when nobody wants it any more, arbiter: ${kind}: its source does not say that it has stopped`, async () => {
      const at = await preparedMove(kind);
      const onItsWay = Promise.withResolvers<undefined>();
      let hits = 0;
      at.meet = async (step) => {
        if (step.when === 'before' && isHandOver(kind, step) && hits++ === 0) await onItsWay.promise;
      };
      await at.send('a', 'b');
      await at.until(() => Promise.resolve(hits > 0));
      await at.patch('a', { moveTo: null });
      await at.clock.advance(4000);
      const { metadata, status } = await at.get('a');
      assert.notEqual(status.observedGeneration, metadata.generation);
      // Given to one that is gone by then, the VM would be held by nobody.
      await at.remove('b');
      await at.clock.advance(4000);
      assert.equal(says(await at.get('b')), 'Stopped OriginSends');
      onItsWay.resolve(undefined);
      await at.untilGone('b');
      assert.equal(await at.holder(), undefined);
      at.lives();
      await at.stop();
    });

    test(`and the agent ends meanwhile, arbiter: ${kind}: the guest stands still until the next one knows`, async () => {
      const at = await preparedMove(kind);
      const silent = silence(at, kind, 'before');
      await at.send('a', 'b');
      await at.until(() => Promise.resolve(silent.hits > 5));
      const revive = await at.inject({ type: 'AgentCrash', host: 'rack-1' });
      await at.clock.advance(1000);
      await revive();
      await at.until(async () => says(await at.get('a')) === 'Running ArbiterUnreachable');
      await at.clock.advance(10_000);
      assert.equal(stages(at), 'rack-1 Paused,rack-2 Received');
      const { hits } = silent;
      await at.clock.advance(20_000);
      // It is asked for again every two seconds at least.
      assert.ok(silent.hits - hits >= 10);
      silent.isOver = true;
      await at.until(async () => (await at.get('a')).status.transfer?.reason === 'Interrupted');
      assert.equal(stages(at), 'rack-1 Running,rack-2 Incoming');
      // The same move is not tried again, by no agent.
      await at.clock.advance(30_000);
      assert.equal(stages(at), 'rack-1 Running,rack-2 Incoming');
      const again = await at.inject({ type: 'AgentCrash', host: 'rack-1' });
      await at.clock.advance(1000);
      await again();
      await at.clock.advance(30_000);
      assert.equal(stages(at), 'rack-1 Running,rack-2 Incoming');
      at.lives();
      assert.equal(at.starts(), 1);
      await at.stop();
    });
  }
});

describe('a hand-over that is on its way while nobody waits for its answer any more (rule 1)', () => {
  test('of a host that lost its power, called off meanwhile: it fails, since the guest is started with a word of its own', async () => {
    const at = await preparedMove('lease');
    const ref = { namespace: 'shop', name: `vm-${(await at.get('a')).spec.virtualMachineUID}` };
    let late: Lease | undefined;
    at.meet = async (step) => {
      if (step.when !== 'before' || !isHandOver('lease', step) || late !== undefined) return;
      late = await at.person.get(Lease, ref);
      await new Promise(() => undefined);
    };
    await at.send('a', 'b');
    await at.until(() => Promise.resolve(late !== undefined));
    const revive = await at.inject({ type: 'PowerLoss', host: 'rack-1' });
    await at.patch('a', { moveTo: null });
    await at.during(revive());
    await at.until(() => Promise.resolve(at.guests().includes('rack-1 Running')));
    assert.equal(at.starts(), 2);
    const lease = late ?? assert.fail('it was not handed over');
    const spec = { ...lease.spec, holderIdentity: (await at.get('b')).metadata.uid };
    await assert.rejects(at.during(at.person.update(Lease, { ...lease, spec })), (error) => isApiError(error, 'Conflict'));
    await at.clock.advance(10_000);
    at.lives();
    await at.stop();
  });

  test('of an agent that died: it fails, since the next one has confirmed before the guest goes on', async () => {
    const at = await preparedMove('lease');
    const ref = { namespace: 'shop', name: `vm-${(await at.get('a')).spec.virtualMachineUID}` };
    let late: Lease | undefined;
    at.meet = async (step) => {
      if (step.when !== 'before' || !isHandOver('lease', step) || late !== undefined) return;
      late = await at.person.get(Lease, ref);
      const revive = await at.world().inject({ type: 'AgentCrash', host: 'rack-1' });
      void at.clock.sleep(1000).then(revive);
      await new Promise(() => undefined);
    };
    await at.send('a', 'b');
    await at.until(async () => (await at.get('a')).status.transfer?.reason === 'Interrupted');
    const lease = late ?? assert.fail('it was not handed over');
    const spec = { ...lease.spec, holderIdentity: (await at.get('b')).metadata.uid };
    await assert.rejects(at.during(at.person.update(Lease, { ...lease, spec })), (error) => isApiError(error, 'Conflict'));
    await at.stop();
  });

  for (const kind of kinds) {
    test(`of an agent that is asked to stop, arbiter: ${kind}: the guest is left as it stands`, async () => {
      const at = await preparedMove(kind);
      const silent = silence(at, kind, 'before');
      await at.send('a', 'b');
      await at.until(() => Promise.resolve(silent.hits > 5));
      await at.stop();
      const happened = readJournal(at.journal()).entries.map(({ type }) => type);
      assert.ok(happened.includes('GuestPaused'));
      assert.ok(!happened.includes('GuestWentOn'));
    });
  }
});

describe('a hand-over that was done, and both agents end before anybody hears of it', () => {
  for (const kind of kinds) {
    test(`arbiter: ${kind}: the source's next agent leaves the guest as it stands, for it is the target's (rule 1)`, async () => {
      const at = await preparedMove(kind);
      let revive = (): Promise<void> => Promise.resolve();
      at.meet = async (step) => {
        if (step.when !== 'after' || !isHandOver(kind, step)) return;
        const reviveSource = await at.world().inject({ type: 'AgentCrash', host: 'rack-1' });
        revive = await at.world().inject({ type: 'AgentCrash', host: 'rack-2' });
        void at.clock.sleep(1000).then(reviveSource);
        await new Promise(() => undefined);
      };
      await at.send('a', 'b', 'PostCopy');
      await at.until(async () => says(await at.get('a')) === 'Running HandedOver');
      await at.clock.advance(30_000);
      assert.equal(stages(at), 'rack-1 Paused,rack-2 Received');
      await revive();
      await at.untilPhase('b', 'Running');
      await at.untilPhase('a', 'Moved');
      await at.until(() => Promise.resolve(stages(at) === 'rack-2 Running'));
      at.lives();
      assert.equal(at.starts(), 1);
      await at.stop();
    });
  }
});

describe('an arbiter that names neither side', () => {
  test('at the switch-over: the guest is ended, since another may run (rule 1)', async () => {
    const at = await preparedMove('datastore');
    const { metadata, spec } = await at.get('a');
    at.meet = async (step) => {
      if (step.name !== 'arbiter.handOver' || step.when !== 'before') return;
      const arbiter = at.world().hostPort('rack-2').datastores.arbiter('shared');
      await arbiter.testAndSet(spec.virtualMachineUID, metadata.uid, 'another');
    };
    await at.send('a', 'b');
    await at.until(async () => (await at.get('a')).status.transfer?.reason === 'HeldElsewhere');
    await at.clock.advance(30_000);
    assert.deepEqual(at.guests(), ['rack-2 Received']);
    assert.equal(says(await at.get('a')), 'Pending HeldElsewhere');
    assert.equal(at.starts(), 1);
    await at.stop();
  });
});
