// A shadow of which nobody knows whether it was made: its room is nobody's only as long as it may still come (rule 5).
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FTPair } from '../../../src/api/ft-pair.ts';
import { Host } from '../../../src/api/host.ts';
import { bytes } from '../../../src/base/quantity.ts';
import { ConnectionLost } from '../../../src/meta/control-plane.ts';
import { operatorProcess } from '../failover/failover.ts';
import { fleetUnder } from '../fleet/fleet.ts';

const ref = { namespace: 'shop', name: 'db' };
const by = { fieldManager: 'person' };

it('its room is free again, though its VM was switched off meanwhile and no pair names it any more', async () => {
  let lost = 0;
  const fleet = await fleetUnder(
    (bench) =>
      operatorProcess(bench, 'operator', ({ body, method }) => {
        if (method !== 'POST' || !new TextDecoder().decode(body).includes('"shadowOf"')) return;
        lost++;
        throw new ConnectionLost('reset');
      }),
    2,
    { guestBootTime: '0s' },
  );
  await fleet.makeVm('db');
  await fleet.untilReady('db');
  await fleet.during(fleet.person.apply(FTPair, ref, { spec: { virtualMachine: 'db' } }, by));
  await fleet.until(() => Promise.resolve(lost > 0));
  await fleet.patchVm('db', { powerState: 'PoweredOff' });
  await fleet.until(async () => (await fleet.instances('db')).length === 0);
  const { items } = await fleet.during(fleet.person.list(Host));
  const memory = bytes(String(items[0]?.status.inventory?.capacity.memory));
  const size = `${String(Math.floor(memory / 2 ** 20) - 1024)}Mi`;
  for (const name of ['one', 'two']) await fleet.makeVm(name, { memory: { size } });
  await fleet.untilReady('one', 'two');
  assert.equal(lost, 1);
  await fleet.stop();
});
