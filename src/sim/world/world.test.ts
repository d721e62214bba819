import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UserError } from '../../base/errors.ts';
import { isPortError } from '../../ports/errors.ts';
import type { GuestSpec } from '../../ports/guests.ts';
import type { HostPort } from '../../ports/host-port.ts';
import { livesFrom, readJournal } from '../journal.ts';
import { untilStopped, worldBench, type WorldBench } from './test-support.ts';

const gibibyte = 2 ** 30;
const hardware = (name: string) => ({ name, cores: 8, memoryBytes: 16 * gibibyte, guestBootMs: 4000 });

function guestSpec(id: string, vm = id): GuestSpec {
  const volume = { datastore: 'shared', volume: `shop/${vm}/root` };
  return {
    id,
    vm: { uid: `uid-${vm}`, namespace: 'shop', name: vm },
    cores: 1,
    memoryBytes: gibibyte,
    disks: [{ name: 'root', volume }],
    memoryFile: { datastore: 'shared', volume: `shop/${vm}/memory` },
  };
}

async function withHosts(bench: WorldBench, ...names: string[]): Promise<void> {
  const before = bench.agents.length;
  for (const name of names) await bench.world.ensure(hardware(name));
  await bench.clock.until(() => bench.agents.length === before + names.length, 60_000);
  for (const name of names) await bench.world.hostPort(name).datastores.attach([{ name: 'shared', type: 'SharedDirectory', path: '/srv' }]);
}

async function startGuest(bench: WorldBench, host: string, spec: GuestSpec): Promise<void> {
  const { datastores, guests } = bench.world.hostPort(host);
  for (const disk of spec.disks) await datastores.ensure(disk.volume, gibibyte);
  await guests.start(spec, { vm: spec.vm.uid, holder: spec.id });
}

async function guestsOn(port: HostPort): Promise<string[]> {
  return (await port.guests.list()).map((guest) => `${guest.spec.id} ${guest.state} ${guest.heartbeat}`);
}

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

test('a world that was closed starts no agents any more', async () => {
  const bench = await worldBench();
  await withHosts(bench, 'a', 'b');
  await bench.world.close();
  await bench.clock.advance(60_000);
  assert.equal(bench.agents.length, 2);
});

describe('a guest that is asked to shut down', () => {
  test('and is suspended meanwhile is dead all the same, its memory file gone', async () => {
    const bench = await worldBench();
    await withHosts(bench, 'a');
    await startGuest(bench, 'a', guestSpec('g1'));
    const { guests } = bench.world.hostPort('a');
    await bench.during(Promise.all([guests.stop('g1', 'ShutDown'), guests.suspend('g1')]));
    assert.deepEqual(await guests.list(), []);
    assert.ok(!bench.world.truth().volumes.some((volume) => volume.volume.endsWith('memory')));
  });

  test('and was cut and started anew meanwhile runs on: nobody asked the new one', async () => {
    const bench = await worldBench();
    await withHosts(bench, 'a');
    await startGuest(bench, 'a', guestSpec('g1'));
    const { guests } = bench.world.hostPort('a');
    const asked = guests.stop('g1', 'ShutDown');
    await guests.stop('g1', 'PowerOff');
    await startGuest(bench, 'a', guestSpec('g1'));
    await bench.during(asked);
    await bench.clock.advance(5000);
    assert.deepEqual(await guestsOn(bench.world.hostPort('a')), ['g1 Running Beating']);
  });
});

describe('a guest that resumes', () => {
  const suspended = async (): Promise<WorldBench> => {
    const bench = await worldBench();
    await withHosts(bench, 'a');
    await startGuest(bench, 'a', guestSpec('g1'));
    await bench.during(bench.world.hostPort('a').guests.suspend('g1'));
    return bench;
  };
  const token = { vm: 'uid-g1', holder: 'g1' };

  test('on a host that loses its power does not run afterwards', async () => {
    const bench = await suspended();
    const resuming = assert.rejects(bench.world.hostPort('a').guests.resume('g1', token), (error) => isPortError(error, 'Failed'));
    const end = await bench.world.inject({ type: 'PowerLoss', host: 'a' });
    await end();
    await bench.during(resuming);
    await bench.clock.advance(10_000);
    assert.deepEqual(await guestsOn(bench.world.hostPort('a')), ['g1 Suspended Silent']);
  });

  test('twice at once runs once', async () => {
    const bench = await suspended();
    const { guests } = bench.world.hostPort('a');
    await bench.during(Promise.all([guests.resume('g1', token), guests.resume('g1', token)]));
    assert.deepEqual(livesFrom(bench.journal()).violations, []);
    assert.deepEqual(await guestsOn(bench.world.hostPort('a')), ['g1 Running Beating']);
  });

  test('on a host that hangs stands still with it', async () => {
    const bench = await suspended();
    const resuming = bench.world.hostPort('a').guests.resume('g1', token);
    const end = await bench.world.inject({ type: 'HostHang', host: 'a' });
    await bench.during(resuming);
    assert.deepEqual(await guestsOn(bench.world.hostPort('a')), ['g1 Running Silent']);
    await end();
    assert.deepEqual(await guestsOn(bench.world.hostPort('a')), ['g1 Running Beating']);
  });
});

describe('faults at once', () => {
  test('power that returns under AgentCrash brings no agent', async () => {
    const bench = await worldBench();
    await withHosts(bench, 'a');
    const crash = await bench.world.inject({ type: 'AgentCrash', host: 'a' });
    const outage = await bench.world.inject({ type: 'PowerLoss', host: 'a' });
    await outage();
    await bench.clock.advance(10_000);
    assert.equal(bench.agents.length, 1);
    await crash();
    await bench.clock.settle();
    assert.equal(bench.agents.length, 2);
  });

  test('power that returns under HostHang brings an agent that hangs', async () => {
    const bench = await worldBench();
    await withHosts(bench, 'a');
    const hang = await bench.world.inject({ type: 'HostHang', host: 'a' });
    const outage = await bench.world.inject({ type: 'PowerLoss', host: 'a' });
    await outage();
    await bench.clock.advance(10_000);
    let answered = false;
    void bench.agents[1]?.port.inventory().then(() => {
      answered = true;
    });
    await bench.clock.advance(10_000);
    assert.equal(answered, false);
    await hang();
    await bench.clock.settle();
    assert.equal(answered, true);
  });

  test('a host that has booted again knows no datastore until its agent tells it', async () => {
    const bench = await worldBench();
    await withHosts(bench, 'a');
    const outage = await bench.world.inject({ type: 'PowerLoss', host: 'a' });
    await outage();
    await bench.clock.advance(10_000);
    await assert.rejects(bench.world.hostPort('a').datastores.list('shared'), (error) => isPortError(error, 'NotFound'));
  });
});

describe('a fault', () => {
  test('AgentCrash: the agent is dead without a word, the guests run on, and another agent finds them', async () => {
    const bench = await worldBench();
    await withHosts(bench, 'a');
    await startGuest(bench, 'a', guestSpec('g1'));
    const [dead] = bench.agents;
    const end = await bench.world.inject({ type: 'AgentCrash', host: 'a' });
    await bench.clock.advance(30_000);
    assert.equal(dead?.runtime.stopping.aborted, false);
    assert.equal(bench.world.truth().hosts[0]?.agentRunning, false);
    assert.equal(bench.agents.length, 1);
    await end();
    await bench.clock.settle();
    assert.equal(bench.agents[1]?.runtime.id, 'agent-a-2');
    assert.deepEqual(await guestsOn(bench.agents[1].port), ['g1 Running Beating']);
  });

  test('PowerLoss: guests and agent die at once; after it the host boots, and lists what it has in memory files', async () => {
    const bench = await worldBench({ settings: { hostBootMs: 5000 } });
    await withHosts(bench, 'a');
    await startGuest(bench, 'a', guestSpec('g1'));
    await startGuest(bench, 'a', guestSpec('g2'));
    await bench.during(bench.world.hostPort('a').guests.suspend('g2'));
    const { bootId } = bench.world.hostState('a') ?? {};
    const end = await bench.world.inject({ type: 'PowerLoss', host: 'a' });
    assert.deepEqual(
      bench.world.truth().hosts.map(({ powered, agentRunning, guests }) => [powered, agentRunning, guests.map((guest) => guest.id)]),
      [[false, false, ['g2']]],
    );
    await end();
    await bench.clock.advance(4999);
    assert.equal(bench.agents.length, 1);
    await bench.clock.advance(1);
    assert.equal(bench.agents.length, 2);
    assert.deepEqual(await guestsOn(bench.world.hostPort('a')), ['g2 Suspended Silent']);
    assert.notEqual(bench.world.hostState('a')?.bootId, bootId);
    assert.deepEqual(livesFrom(bench.journal()).violations, []);
    assert.deepEqual(
      livesFrom(bench.journal()).lives.map((life) => life.to?.by),
      ['PowerCut', 'Suspended'],
    );
  });

  test('PowerLoss in the midst of a boot, a suspend or a shutdown: nothing of it happens afterwards', async () => {
    const bench = await worldBench({ settings: { hostBootMs: 5000 } });
    await withHosts(bench, 'a');
    for (const id of ['g1', 'g2']) await startGuest(bench, 'a', guestSpec(id));
    const { guests } = bench.world.hostPort('a');
    const suspending = assert.rejects(guests.suspend('g1'), (error) => isPortError(error, 'NotFound'));
    const stopping = guests.stop('g2', 'ShutDown');
    const first = await bench.world.inject({ type: 'PowerLoss', host: 'a' });
    await first();
    await bench.clock.advance(2000);
    const second = await bench.world.inject({ type: 'PowerLoss', host: 'a' });
    await bench.during(Promise.all([suspending, stopping]));
    await bench.clock.advance(20_000);
    assert.equal(bench.agents.length, 1);
    await second();
    await bench.clock.advance(5000);
    assert.deepEqual(await guestsOn(bench.world.hostPort('a')), []);
    assert.ok(!bench.world.truth().volumes.some((volume) => volume.volume.endsWith('memory')));
  });

  test('two of a kind on one host end with the last, and ending one twice ends nothing else', async () => {
    const bench = await worldBench();
    await withHosts(bench, 'a');
    const one = await bench.world.inject({ type: 'PowerLoss', host: 'a' });
    const other = await bench.world.inject({ type: 'PowerLoss', host: 'a' });
    await one();
    await one();
    assert.equal(bench.world.truth().hosts[0]?.powered, false);
    await other();
    assert.equal(bench.world.truth().hosts[0]?.powered, true);
  });

  test('ManagementPartition: guests and agent run, the API is away', async () => {
    const bench = await worldBench();
    await withHosts(bench, 'a');
    await startGuest(bench, 'a', guestSpec('g1'));
    const end = await bench.world.inject({ type: 'ManagementPartition', host: 'a' });
    await bench.clock.advance(10_000);
    assert.deepEqual(await guestsOn(bench.agents[0]?.port ?? assert.fail()), ['g1 Running Beating']);
    assert.deepEqual([bench.world.truth().hosts[0]?.reachable, bench.world.hostState('a')?.connected], [false, false]);
    await end();
    assert.deepEqual([bench.world.truth().hosts[0]?.reachable, bench.world.hostState('a')?.connected], [true, true]);
  });

  test('HostHang: everything stands still, and goes on where it stood', async () => {
    const bench = await worldBench();
    await withHosts(bench, 'a');
    await startGuest(bench, 'a', guestSpec('g1'));
    await bench.clock.advance(3000);
    const end = await bench.world.inject({ type: 'HostHang', host: 'a' });
    let answered = false;
    void bench.agents[0]?.port.guests.list().then(() => {
      answered = true;
    });
    await bench.clock.advance(60_000);
    assert.equal(answered, false);
    assert.deepEqual(await guestsOn(bench.world.hostPort('a')), ['g1 Running Silent']);
    await end();
    await bench.clock.advance(999);
    assert.equal(answered, true);
    assert.deepEqual(await guestsOn(bench.world.hostPort('a')), ['g1 Running Booting']);
    await bench.clock.advance(1);
    assert.deepEqual(await guestsOn(bench.world.hostPort('a')), ['g1 Running Beating']);
  });

  test('GuestHang: one VM is silent and does not hear a shutdown; a new start of it is well', async () => {
    const bench = await worldBench();
    await withHosts(bench, 'a');
    for (const id of ['g1', 'g2']) await startGuest(bench, 'a', guestSpec(id));
    await bench.clock.advance(5000);
    const end = await bench.world.inject({ type: 'GuestHang', vm: { namespace: 'shop', name: 'g1' } });
    const { guests } = bench.world.hostPort('a');
    assert.deepEqual(await guestsOn(bench.world.hostPort('a')), ['g1 Running Silent', 'g2 Running Beating']);
    const shutDown = guests.stop('g1', 'ShutDown');
    await bench.clock.advance(60_000);
    assert.equal((await guests.list()).length, 2);
    await guests.stop('g1', 'PowerOff');
    await bench.during(shutDown);
    await startGuest(bench, 'a', guestSpec('g3', 'g1'));
    await bench.clock.advance(4000);
    assert.deepEqual(await guestsOn(bench.world.hostPort('a')), ['g2 Running Beating', 'g3 Running Beating']);
    await end();
  });

  test('needs somebody to happen to', async () => {
    const bench = await worldBench();
    await assert.rejects(bench.world.inject({ type: 'PowerLoss', host: 'nobody' }), (error) => isPortError(error, 'NotFound'));
    const vm = { namespace: 'shop', name: 'nobody' };
    await assert.rejects(bench.world.inject({ type: 'GuestHang', vm }), (error) => isPortError(error, 'NotFound'));
  });
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
