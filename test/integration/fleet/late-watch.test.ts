import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Clock } from '../../../src/base/clock.ts';
import { startFleet, type Through } from './fleet.ts';

/** What happens to instances is told three seconds late; everything else at once. */
const lateInstances: Through =
  (controlPlane, { clock }) =>
  async (request, signal) => {
    const answer = await controlPlane(request, signal);
    const late = request.path.endsWith('/virtualmachineinstances') && request.query.some(([name]) => name === 'watch');
    return late ? { ...answer, body: delayed(answer.body, clock, signal) } : answer;
  };

async function* delayed(body: AsyncIterable<Uint8Array>, clock: Clock, signal: AbortSignal): AsyncIterable<Uint8Array> {
  for await (const chunk of body) {
    await clock.sleep(3_000, signal);
    yield chunk;
  }
}

describe('an operator whose cache of instances lives in the past', () => {
  it('makes one instance, once (rule 1)', async () => {
    const fleet = await startFleet(2, {}, lateInstances);
    await fleet.makeVm('web');
    await fleet.untilReady('web');
    assert.equal((await fleet.vm('web')).status.incarnation, 1);
    assert.equal(fleet.lives().length, 1);
  });
});
