import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isPortError } from '../../ports/errors.ts';
import { livesFrom } from '../lives.ts';
import { guestsOn, guestSpec, startGuest, withHosts, worldBench, type WorldBench } from './test-support.ts';

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
    const cut = guests.stop('g1', 'PowerOff');
    const again = guests.start(guestSpec('g1'), { vm: 'uid-g1', holder: 'g1' });
    await bench.during(Promise.all([asked, cut, again]));
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
