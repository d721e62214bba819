import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isPortError } from '../../ports/errors.ts';
import type { MoveMode, MoveProgress } from '../../ports/moves.ts';
import { livesFrom } from '../lives.ts';
import { guestsOn, guestSpec, startGuest, withHosts, worldBench, type WorldBench } from './test-support.ts';

const tokenFor = (holder: string) => ({ vm: 'uid-web', holder });

async function follow(progress: AsyncIterable<MoveProgress>): Promise<MoveProgress[]> {
  const all: MoveProgress[] = [];
  for await (const item of progress) all.push(item);
  return all;
}

/** A guest g1 of VM web that beats on host a, and g2 of the same VM prepared on b. */
async function prepared(): Promise<{ bench: WorldBench; endpoint: string }> {
  const bench = await worldBench();
  await withHosts(bench, 'a', 'b');
  await startGuest(bench, 'a', guestSpec('g1', 'web'));
  await bench.clock.advance(5000);
  const endpoint = await bench.world.hostPort('b').moves.prepare(guestSpec('g2', 'web'));
  return { bench, endpoint };
}

describe('a move', () => {
  for (const mode of ['PreCopy', 'PostCopy', 'Auto'] satisfies MoveMode[]) {
    test(`${mode}: the guest stands still at its source, then runs at its target, its boot behind it (rule 1)`, async () => {
      const { bench, endpoint } = await prepared();
      const a = bench.world.hostPort('a');
      const b = bench.world.hostPort('b');
      let met: string[] = [];
      const switchOver = async () => {
        met = [...(await guestsOn(a)), ...(await guestsOn(b))];
        return tokenFor('g2');
      };
      const progress = await bench.during(follow(a.moves.send('g1', endpoint, { mode, switchOver })));
      assert.deepEqual(met, ['g1 Paused Silent', 'g2 Received Silent']);
      assert.equal(progress.at(-1)?.stage, 'Done');
      assert.ok((progress.at(-1)?.downtimeMs ?? 0) > 0);
      assert.deepEqual(await guestsOn(a), ['g1 Moved Silent']);
      assert.deepEqual(await guestsOn(b), ['g2 Running Beating']);
      await a.guests.stop('g1', 'ShutDown');
      assert.deepEqual(await guestsOn(a), []);
      const { lives, violations } = livesFrom(bench.journal());
      assert.deepEqual(violations, []);
      assert.deepEqual(
        lives.map(({ host, to }) => [host, to?.by]),
        [
          ['a', 'Paused'],
          ['b', undefined],
        ],
      );
    });
  }

  test('whose hand-over was refused leaves the guest where it was', async () => {
    const { bench, endpoint } = await prepared();
    const { guests, moves } = bench.world.hostPort('a');
    const refusals = [
      { switchOver: () => Promise.reject(new Error('no')), says: /no/ },
      { switchOver: () => Promise.resolve(tokenFor('g1')), says: (error: unknown) => isPortError(error, 'NotHolder') },
    ];
    for (const { switchOver, says } of refusals) {
      await assert.rejects(bench.during(follow(moves.send('g1', endpoint, { mode: 'PreCopy', switchOver }))), says);
      assert.equal((await guests.list())[0]?.state, 'Running');
      assert.deepEqual(await guestsOn(bench.world.hostPort('b')), ['g2 Incoming Silent']);
    }
    assert.deepEqual(livesFrom(bench.journal()).violations, []);
  });
});
