import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UserError } from '../../base/errors.ts';
import { isPortError } from '../../ports/errors.ts';
import { readJournal } from '../journal.ts';
import { livesFrom } from '../lives.ts';
import { guestsOn, guestSpec, hardware, startGuest, untilStopped, withHosts, worldBench } from './test-support.ts';

describe('a host', () => {
  test('powers on by itself, and its agent starts once it has booted', async () => {
    const bench = await worldBench({ settings: { hostBootMs: 7000 } });
    await bench.world.ensure(hardware('a'));
    await bench.clock.advance(6999);
    assert.equal(bench.agents.length, 0);
    assert.equal(bench.world.hostState('a')?.running, false);
    await bench.clock.advance(1);
    assert.deepEqual(
      bench.agents.map(({ name, runtime }) => [name, runtime.id]),
      [['a', 'agent-a-1']],
    );
    assert.deepEqual(bench.world.truth().hosts, [{ name: 'a', powered: true, agentRunning: true, reachable: true, guests: [] }]);
  });

  test('takes on what it is told to be', async () => {
    const bench = await worldBench();
    await withHosts(bench, 'a');
    await bench.world.ensure({ ...hardware('a'), cores: 2 });
    assert.equal((await bench.world.hostPort('a').inventory()).cores, 2);
    assert.equal(bench.agents.length, 1);
  });

  test('leaves its rack only when no guest is on it, and its agent is asked to end first', async () => {
    const bench = await worldBench();
    await withHosts(bench, 'a');
    await startGuest(bench, 'a', guestSpec('g1'));
    await assert.rejects(bench.world.remove('a'), (error) => isPortError(error, 'WrongState'));
    assert.equal(bench.world.hostState('a')?.agentRunning, true);
    await bench.world.hostPort('a').guests.stop('g1', 'PowerOff');
    await bench.world.remove('a');
    assert.equal(bench.agents[0]?.runtime.stopping.aborted, true);
    assert.deepEqual(bench.world.truth().hosts, []);
    await bench.world.remove('a');
  });

  test('whose agent ends by itself gets another', async () => {
    const bench = await worldBench({ settings: { agentRestartMs: 500 }, runAgent: () => Promise.reject(new Error('lost')) });
    await bench.world.ensure(hardware('a'));
    await bench.clock.advance(1000);
    assert.deepEqual([bench.agents.length, bench.world.hostState('a')?.agentRunning], [1, false]);
    await bench.clock.advance(500);
    assert.deepEqual(
      bench.agents.map(({ runtime }) => runtime.id),
      ['agent-a-1', 'agent-a-2'],
    );
  });
});

describe('a host that goes while', () => {
  test('its agent starts a last guest keeps it, and gets another agent', async () => {
    const bench = await worldBench({
      runAgent: async (context) => {
        await untilStopped(context);
        const spec = { ...guestSpec('last'), disks: [] };
        if (bench.agents.length === 1) await context.port.guests.start(spec, { vm: spec.vm.uid, holder: spec.id });
      },
    });
    await withHosts(bench, 'a');
    await assert.rejects(bench.world.remove('a'), (error) => isPortError(error, 'WrongState'));
    await bench.clock.advance(1000);
    assert.equal(bench.agents.length, 2);
    assert.deepEqual(await guestsOn(bench.world.hostPort('a')), ['last Running Booting']);
  });

  test('it has no power does not come back with it', async () => {
    const bench = await worldBench();
    await withHosts(bench, 'a');
    const end = await bench.world.inject({ type: 'PowerLoss', host: 'a' });
    await bench.world.remove('a');
    await end();
    await bench.clock.advance(10_000);
    assert.equal(bench.agents.length, 1);
    await withHosts(bench, 'a');
    assert.equal(bench.world.truth().hosts[0]?.powered, true);
  });
});

test('a world that was closed does nothing any more', async () => {
  const bench = await worldBench();
  await withHosts(bench, 'a', 'b');
  await bench.world.close();
  await bench.clock.settle();
  assert.equal(bench.clock.sleepers(), 0);
  assert.equal(bench.agents.length, 2);
});

describe('the process that holds the world dies', () => {
  test('it was a power cut: volumes, leases and memory files are there, nothing runs, no name comes again', async () => {
    const bench = await worldBench();
    await withHosts(bench, 'a', 'b');
    await startGuest(bench, 'a', guestSpec('g1'));
    await startGuest(bench, 'a', guestSpec('g2'));
    await bench.world.hostPort('a').datastores.arbiter('shared').testAndSet('uid-g1', undefined, 'g1');
    await bench.during(bench.world.hostPort('a').guests.suspend('g2'));
    await bench.restart('lost');
    assert.deepEqual(bench.world.remembered().get('a'), hardware('a'));
    assert.equal(bench.world.hostState('a'), undefined);
    await withHosts(bench, 'a', 'b');
    assert.deepEqual(await guestsOn(bench.world.hostPort('a')), ['g2 Suspended Silent']);
    assert.equal(await bench.world.hostPort('b').datastores.arbiter('shared').holder('uid-g1'), 'g1');
    assert.deepEqual(
      bench.world.truth().volumes.map((volume) => volume.volume),
      ['shop/g1/root', 'shop/g2/root', 'shop/g2/memory'],
    );
    assert.deepEqual(
      bench.agents.map(({ runtime }) => runtime.id),
      ['agent-a-1', 'agent-b-1', 'agent-a-2', 'agent-b-2'],
    );
    const { violations, lives } = livesFrom(bench.journal());
    assert.deepEqual(violations, []);
    assert.ok(lives.every((life) => life.to !== undefined));
  });

  test('what it had acknowledged is there, whatever the power cut tore (rule 1)', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const bench = await worldBench({ seed });
      await withHosts(bench, 'a');
      const { datastores } = bench.world.hostPort('a');
      const arbiter = datastores.arbiter('shared');
      const acknowledged: string[] = [];
      for (let i = 0; i < 40; i++)
        void arbiter.testAndSet(`vm-${String(i)}`, undefined, 'x').then(() => acknowledged.push(`vm-${String(i)}`));
      for (let turn = 0; turn < seed; turn++) await Promise.resolve();
      await bench.restart('lost');
      await withHosts(bench, 'a');
      const after = bench.world.hostPort('a').datastores.arbiter('shared');
      for (const vm of acknowledged) assert.equal(await after.holder(vm), 'x', `seed ${String(seed)}: ${vm}`);
      assert.equal(readJournal(bench.journal()).damaged, undefined);
      await after.testAndSet('vm-new', undefined, 'y');
      await bench.restart('lost');
      await withHosts(bench, 'a');
      assert.equal(await bench.world.hostPort('a').datastores.arbiter('shared').holder('vm-new'), 'y');
    }
  });

  test('a damaged journal is refused in words, and left as it is', async () => {
    const bench = await worldBench();
    await withHosts(bench, 'a', 'b');
    const damaged = bench.journal().replace('"HostMade"', '"HostMabe"');
    bench.disk.poke('world.log', new TextEncoder().encode(damaged));
    await assert.rejects(
      bench.restart('kept'),
      (error) => error instanceof UserError && /world.log is damaged: line 2/.test(error.message),
    );
    assert.equal(bench.journal(), damaged);
  });
});

describe('a full disk', () => {
  test('holds back every word until there is room, and loses nothing', async () => {
    const bench = await worldBench();
    await withHosts(bench, 'a');
    const arbiter = bench.world.hostPort('a').datastores.arbiter('shared');
    bench.disk.resize(bench.disk.used() + 20);
    const answers: string[] = [];
    const words = [
      arbiter.testAndSet('vm', undefined, 'x'),
      arbiter.testAndSet('vm', undefined, 'x'),
      arbiter.testAndSet('vm', undefined, 'y'),
      arbiter.holder('vm'),
    ];
    words.forEach((word, index) => void word.then(() => answers.push(String(index))));
    await bench.clock.advance(5000);
    assert.deepEqual(answers, []);
    bench.disk.resize(2 ** 20);
    await bench.clock.advance(1000);
    assert.deepEqual(answers, ['0', '1', '2', '3']);
    assert.deepEqual(await words[2], { won: false, holder: 'x' });
    await bench.restart('lost');
    await withHosts(bench, 'a');
    assert.equal(await bench.world.hostPort('a').datastores.arbiter('shared').holder('vm'), 'x');
  });

  test('lets no agent begin whose name could come again, and none at all that crashed meanwhile', async () => {
    const bench = await worldBench();
    await withHosts(bench, 'a', 'b');
    bench.disk.resize(bench.disk.used());
    const ends = await Promise.all(['a', 'b'].map((host) => bench.world.inject({ type: 'AgentCrash', host })));
    for (const end of ends) await end();
    await bench.clock.advance(5000);
    assert.equal(bench.agents.length, 2);
    await bench.world.inject({ type: 'AgentCrash', host: 'b' });
    bench.disk.resize(2 ** 20);
    await bench.clock.advance(5000);
    assert.deepEqual(
      bench.agents.map(({ runtime }) => runtime.id),
      ['agent-a-1', 'agent-b-1', 'agent-a-2'],
    );
  });
});
