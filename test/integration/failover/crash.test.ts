// An operator that dies between any two of its steps leaves nothing that another does not bring to its end (rules 1, 2, 9).
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ApiRequest } from '../../../src/meta/control-plane.ts';
import { fleetUnder } from '../fleet/fleet.ts';
import { operatorProcess, type OperatorProcess } from './failover.ts';

const isStep = ({ method, path }: ApiRequest): boolean => method !== 'GET' && !path.includes('/leases') && !path.includes('/events');

/** Lets the host of a VM lose its power. @param dies before which of the operator's writes from then on it dies. @returns how many it made. */
async function failover(dies: number): Promise<number> {
  let steps = Infinity;
  let made = 0;
  const count = (request: ApiRequest, process: OperatorProcess): void => {
    if (!isStep(request) || steps === Infinity) return;
    if (made++ === steps) process.kill();
  };
  const fleet = await fleetUnder((bench) => operatorProcess(bench, 'first', count), 3, { guestBootTime: '0s' });
  await fleet.makeVm('web');
  await fleet.untilReady('web');
  const host = fleet.running('web').join();
  await fleet.clock.advance(40_000);
  operatorProcess(fleet, 'second');
  steps = dies;
  await fleet.during(fleet.world().inject({ type: 'PowerLoss', host }));
  await fleet.until(() => Promise.resolve(fleet.running('web').length === 1 && fleet.running('web')[0] !== host), 90_000);
  await fleet.untilReady('web');
  await fleet.until(async () => (await fleet.instances('web')).length === 1);
  assert.equal(fleet.lives().length, 2, `dies before step ${String(dies)}`);
  return made;
}

it('an operator that dies before any of its steps', async () => {
  const steps = await failover(-1);
  assert.ok(steps >= 6, `only ${String(steps)} steps`);
  for (let dies = 0; dies < steps; dies++) await failover(dies);
});
