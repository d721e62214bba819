import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isPortError } from '../../ports/errors.ts';
import { livesFrom } from '../lives.ts';
import { guestsOn, guestSpec, startGuest, withHosts, worldBench } from './test-support.ts';

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
