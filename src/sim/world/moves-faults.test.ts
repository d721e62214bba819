import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isPortError, type PortErrorCode } from '../../ports/errors.ts';
import type { MoveOptions } from '../../ports/moves.ts';
import type { StartToken } from '../../ports/arbiter.ts';
import { follow, go, halfWay, handOver, lives, setting, tokenFor, writing, type Setting } from './moving/test-support.ts';
import { guestsOn, guestSpec, startGuest, withHosts } from './test-support.ts';

function refused(work: Promise<unknown>, code: PortErrorCode): Promise<void> {
  return assert.rejects(work, (error) => isPortError(error, code));
}

describe('an agent that dies', () => {
  test('while memory is copied: the guest runs on, what waits waits, and another agent can send it', async () => {
    const at = await setting();
    await go(at, at.send({}, at.agentOfA()), halfWay);
    const end = await at.fault('AgentCrash', 'a');
    await at.bench.clock.advance(60_000);
    assert.deepEqual(at.states(), ['Running', 'Incoming']);
    await end();
    await at.bench.clock.settle();
    await at.bench.during(follow(at.send({}, at.agentOfA())));
    assert.deepEqual(lives(at), ['a Paused', 'b runs']);
  });

  test('while it is asked: the guest stands still until another agent lets it go on', async () => {
    const at = await setting();
    await go(at, at.send({ switchOver: () => new Promise(() => undefined) }, at.agentOfA()), 10_000);
    const end = await at.fault('AgentCrash', 'a');
    await end();
    await at.bench.clock.advance(3_600_000);
    assert.deepEqual(at.states(), ['Paused', 'Received']);
    await at.agentOfA().moves.goOn('g1', tokenFor('g1'));
    assert.deepEqual(await guestsOn(at.a), ['g1 Running Beating']);
    assert.deepEqual(at.states(), ['Running', 'Incoming']);
    assert.deepEqual(lives(at), ['a Paused', 'a runs']);
  });

  test('after it handed over: the guest goes on at the target, and in post-copy its memory arrives', async () => {
    const at = await setting();
    await go(at, at.send({ mode: 'PostCopy' }, at.agentOfA()), halfWay);
    assert.deepEqual(at.states(), ['Moved', 'Running']);
    await at.fault('AgentCrash', 'a');
    const stopping = at.a.guests.stop('g1', 'PowerOff');
    await at.bench.clock.advance(1000);
    assert.deepEqual(at.states(), ['Moved', 'Running']);
    await at.bench.during(stopping);
    assert.deepEqual(at.states(), [undefined, 'Running']);
    assert.deepEqual(lives(at), ['a Paused', 'b runs']);
  });
});

describe('a guest that stands still', () => {
  const asked = async (options: Partial<MoveOptions> = {}): Promise<Setting> => {
    const at = await setting();
    await go(at, at.send({ switchOver: () => new Promise(() => undefined), ...options }), 10_000);
    assert.deepEqual(at.states(), ['Paused', 'Received']);
    return at;
  };

  test('on a host that hangs is let go on there, and does so with the host', async () => {
    for (const host of ['a', 'b'] as const) {
      const at = await asked();
      const end = await at.fault('HostHang', host);
      if (host === 'a') await at.a.moves.goOn('g1', tokenFor('g1'));
      else await at.b.moves.activate('g2', tokenFor('g2'));
      const guest = host === 'a' ? 'g1' : 'g2';
      assert.deepEqual(await guestsOn(at[host]), [`${guest} Running Silent`]);
      await end();
      assert.deepEqual(await guestsOn(at[host]), [`${guest} Running Beating`]);
    }
  });

  test('and is stopped at the source before its memory followed waits for the target to say that it has it, for a while', async () => {
    for (const [ms, after] of [
      [20_000, 'Running'],
      [40_000, 'Stopped'],
    ] as const) {
      const at = await asked({ mode: 'PostCopy' });
      const stopping = at.a.guests.stop('g1', 'PowerOff');
      await at.bench.clock.advance(ms);
      if (after === 'Running') await at.b.moves.activate('g2', tokenFor('g2'));
      await at.bench.during(stopping);
      assert.deepEqual(at.states(), [undefined, after]);
    }
  });

  test('is activated in the very moment at which the source says no: it runs once (rule 1)', async () => {
    for (let turns = 0; turns < 8; turns++) {
      const at = await setting();
      const gate = Promise.withResolvers<StartToken>();
      const { reading } = await go(at, at.send({ switchOver: () => gate.promise }), 10_000);
      gate.reject(new Error('no'));
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      const activating = at.b.moves.activate('g2', tokenFor('g2'));
      activating.catch(() => undefined);
      await at.bench.clock.advance(10_000);
      const isThere = at.states()[1] === 'Running';
      assert.equal(at.states()[0], isThere ? 'Moved' : 'Running');
      if (isThere) await Promise.all([activating, reading]);
      else await refused(activating, 'WrongState');
      assert.deepEqual(lives(at), ['a Paused', isThere ? 'b runs' : 'a runs']);
    }
  });

  test('goes on in the very moment at which the source says yes: it is not taken away', async () => {
    const at = await setting();
    const gate = Promise.withResolvers<StartToken>();
    const { reading } = await go(at, at.send({ switchOver: () => gate.promise }), 10_000);
    gate.resolve(tokenFor('g2'));
    void at.a.moves.goOn('g1', tokenFor('g1'));
    await at.bench.clock.advance(10_000);
    await refused(reading, 'WrongState');
    assert.equal(at.states()[0], 'Running');
    assert.deepEqual(lives(at), ['a Paused', 'a runs']);
  });
});

describe('power that is lost', () => {
  const cut = async (at: Setting, host: string): Promise<void> => {
    await (
      await at.fault('PowerLoss', host)
    )();
    await at.bench.clock.advance(10_000);
  };

  test('at the source while memory is copied: the VM is dead, and what waits never runs by itself', async () => {
    const at = await setting();
    await go(at, at.send(), halfWay);
    await cut(at, 'a');
    assert.deepEqual(at.states(), [undefined, 'Incoming']);
    await refused(at.b.moves.activate('g2', tokenFor('g2')), 'WrongState');
    assert.deepEqual(lives(at), ['a PowerCut']);
  });

  test('at the source while its agent is asked: the target has all it needs', async () => {
    const at = await setting();
    await go(at, at.send({ switchOver: () => new Promise(() => undefined) }), 10_000);
    await cut(at, 'a');
    assert.deepEqual(at.states(), [undefined, 'Received']);
    await at.b.moves.activate('g2', tokenFor('g2'));
    assert.deepEqual(lives(at), ['a Paused', 'b runs']);
  });

  test('at the source before its memory followed: it is lost, and the guest at the target says so', async () => {
    for (const switchOver of [handOver.switchOver, () => new Promise<never>(() => undefined)]) {
      const at = await setting();
      await go(at, at.send({ mode: 'PostCopy', switchOver }), halfWay);
      const hadRun = at.states()[1] === 'Running';
      await cut(at, 'a');
      assert.deepEqual(at.states(), [undefined, 'Stopped']);
      await refused(at.b.moves.activate('g2', tokenFor('g2')), 'MemoryLost');
      assert.deepEqual(lives(at), hadRun ? ['a Paused', 'b MemoryLost'] : ['a Paused']);
      await at.b.guests.stop('g2', 'PowerOff');
      await at.b.guests.start(guestSpec('g2', 'web'), tokenFor('g2'));
    }
  });

  test('at the target while memory is copied: the guest runs on, and its agent hears of it', async () => {
    const at = await setting();
    const { reading } = await go(at, at.send(), halfWay);
    await cut(at, 'b');
    await refused(reading, 'Unreachable');
    assert.deepEqual(at.states(), ['Running', undefined]);
    assert.deepEqual(lives(at), ['a runs']);
  });

  test('at the target while the agent is asked: what it says is done', async () => {
    const answers = [
      { answer: (): Promise<never> => Promise.reject(new Error('no')), states: ['Running', undefined], says: /no/ },
      { answer: handOver.switchOver, states: ['Moved', undefined], says: (error: unknown) => isPortError(error, 'MemoryLost') },
    ];
    for (const { answer, says, states } of answers) {
      const at = await setting();
      const gate = Promise.withResolvers<undefined>();
      const { reading } = await go(at, at.send({ switchOver: () => gate.promise.then(answer) }), 10_000);
      await cut(at, 'b');
      assert.deepEqual(at.states(), ['Paused', undefined]);
      gate.resolve(undefined);
      await at.bench.clock.advance(60_000);
      await assert.rejects(reading, says);
      assert.deepEqual(at.states(), states);
      lives(at);
    }
  });

  test('at the target while memory follows: it is lost', async () => {
    const at = await setting();
    const { reading } = await go(at, at.send({ mode: 'PostCopy' }), halfWay);
    await cut(at, 'b');
    await refused(reading, 'MemoryLost');
    assert.deepEqual(at.states(), ['Moved', undefined]);
    assert.deepEqual(lives(at), ['a Paused', 'b PowerCut']);
  });

  test('everywhere, the world beginning anew: nobody is there who stood still or waited', async () => {
    for (const options of [{ switchOver: () => new Promise<never>(() => undefined) }, { mode: 'PostCopy' as const }]) {
      const at = await setting();
      await go(at, at.send(options), 10_000);
      await at.bench.restart('kept');
      await withHosts(at.bench, 'a', 'b');
      assert.deepEqual([await guestsOn(at.bench.world.hostPort('a')), await guestsOn(at.bench.world.hostPort('b'))], [[], []]);
      await startGuest(at.bench, 'a', guestSpec('g3', 'web'));
      lives(at);
    }
  });
});

describe('a migration network that is', () => {
  test('slow takes ten times as long', async () => {
    const at = await setting();
    await at.fault('SlowLink', 'b');
    const from = at.bench.clock.monotonic();
    await at.bench.during(follow(at.send()));
    const ms = at.bench.clock.monotonic() - from;
    assert.ok(ms > 80_000 && ms < 100_000, String(ms));
  });

  test('cut for a moment is waited for, and so is a host that hangs', async () => {
    for (const [type, host] of [
      ['MigrationPartition', 'b'],
      ['HostHang', 'a'],
      ['HostHang', 'b'],
    ] as const) {
      const at = await setting();
      const { reading } = await go(at, at.send(), halfWay);
      const end = await at.fault(type, host);
      await at.bench.clock.advance(29_000);
      assert.deepEqual(at.states(), ['Running', 'Incoming']);
      await end();
      await at.bench.during(reading);
      assert.deepEqual(lives(at), ['a Paused', 'b runs']);
    }
  });

  test('cut for long leaves the guest where it is, also when it stands still already', async () => {
    for (const settings of [{}, { switchOverMs: 20_000, downtimeLimitMs: 25_000 }]) {
      const at = await setting(writing(1e6), settings);
      const { reading } = await go(at, at.send(), 'switchOverMs' in settings ? 10_000 : halfWay);
      const stood = at.states()[0];
      await at.fault('MigrationPartition', 'a');
      await at.bench.clock.advance(60_000);
      await refused(reading, 'Unreachable');
      assert.deepEqual(at.states(), ['Running', 'Incoming']);
      assert.deepEqual(lives(at), stood === 'Paused' ? ['a Paused', 'a runs'] : ['a runs']);
    }
  });

  test('cut as the VM is handed over: the target waits for its agent, and nothing is needed of the source', async () => {
    const at = await setting();
    const switchOver = async () => {
      await at.fault('MigrationPartition', 'a');
      return tokenFor('g2');
    };
    const progress = await at.bench.during(follow(at.send({ switchOver })));
    assert.equal(progress.at(-1)?.stage, 'Done');
    assert.deepEqual(at.states(), ['Moved', 'Received']);
    await at.b.moves.activate('g2', tokenFor('g2'));
    assert.deepEqual(lives(at), ['a Paused', 'b runs']);
  });

  test('cut while the agent is asked, which then keeps the VM: what the target has can never be mixed with what is sent later', async () => {
    const at = await setting();
    let end = (): Promise<void> => Promise.resolve();
    const switchOver = async (): Promise<never> => {
      end = await at.fault('MigrationPartition', 'a');
      throw new Error('no');
    };
    await assert.rejects(at.bench.during(follow(at.send({ switchOver }))), /no/);
    assert.deepEqual(at.states(), ['Running', 'Received']);
    await end();
    await go(at, at.send(), halfWay);
    assert.deepEqual(at.states(), ['Running', 'Incoming']);
  });

  test('cut as the VM is handed over before its memory: a short cut is waited for, the guest running meanwhile; a long one loses it', async () => {
    for (const [ms, after] of [
      [20_000, 'Running'],
      [40_000, 'Stopped'],
    ] as const) {
      const at = await setting();
      let end = (): Promise<void> => Promise.resolve();
      const switchOver = async (): Promise<StartToken> => {
        end = await at.fault('MigrationPartition', 'a');
        return tokenFor('g2');
      };
      const { reading } = await go(at, at.send({ mode: 'PostCopy', switchOver }), ms / 2);
      assert.deepEqual(at.states(), ['Moved', 'Received']);
      if (after === 'Running') await at.b.moves.activate('g2', tokenFor('g2'));
      await at.bench.clock.advance(ms / 2);
      await end();
      await at.bench.clock.advance(60_000);
      if (after === 'Running') assert.equal((await reading).at(-1)?.stage, 'Done');
      else await refused(reading, 'MemoryLost');
      assert.deepEqual(at.states(), ['Moved', after]);
      assert.deepEqual(lives(at), after === 'Running' ? ['a Paused', 'b runs'] : ['a Paused']);
    }
  });

  test('cut for long while memory follows: it is lost on both sides', async () => {
    const at = await setting();
    const { reading } = await go(at, at.send({ mode: 'PostCopy' }), halfWay);
    await at.fault('MigrationPartition', 'b');
    await at.bench.clock.advance(60_000);
    await refused(reading, 'MemoryLost');
    assert.deepEqual(at.states(), ['Moved', 'Stopped']);
    assert.deepEqual(lives(at), ['a Paused', 'b MemoryLost']);
    await at.a.guests.stop('g1', 'PowerOff');
    assert.deepEqual(at.states(), [undefined, 'Stopped']);
  });
});
