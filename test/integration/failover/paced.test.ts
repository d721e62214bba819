// A cold start of many VMs is paced: at most 32 of them are powered on at once on a host, and all of them in the end (rule 2).
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { VirtualMachineInstance } from '../../../src/api/virtual-machine-instance.ts';
import { VirtualMachine } from '../../../src/api/virtual-machine.ts';
import type { HostPort } from '../../../src/ports/host-port.ts';
import { fleetUnder, type Fleet } from '../fleet/fleet.ts';
import { operatorProcess } from './failover.ts';

const most = 32;
const tiny = { cpu: { cores: 1 }, memory: { size: '64Mi' } };

/** A host on which each start takes a second. */
async function slowFleet(): Promise<Fleet> {
  let wait: (ms: number) => Promise<void> = () => Promise.resolve();
  const slow = (port: HostPort): HostPort => ({
    ...port,
    guests: {
      ...port.guests,
      start: async (spec, token) => {
        await wait(1_000);
        await port.guests.start(spec, token);
      },
    },
  });
  const fleet = await fleetUnder((bench) => operatorProcess(bench, 'operator'), 1, { guestBootTime: '0s' }, slow);
  wait = (ms) => fleet.clock.sleep(ms);
  return fleet;
}

it('many VMs at once on one host', async () => {
  const fleet = await slowFleet();
  const names = Array.from({ length: 80 }, (_, index) => `vm-${String(index)}`);
  const make = (name: string): Promise<unknown> =>
    fleet.person.apply(VirtualMachine, { namespace: 'shop', name }, { spec: tiny }, { fieldManager: 'person' });
  await fleet.during(Promise.all(names.map(make)));
  let highest = 0;
  const allRun = async (): Promise<boolean> => {
    const { items } = await fleet.during(fleet.person.list(VirtualMachineInstance, { namespace: 'shop' }));
    const running = names.filter((name) => fleet.running(name).length > 0).length;
    highest = Math.max(highest, items.length - running);
    return running === names.length;
  };
  await fleet.until(allRun, 120_000);
  assert.ok(highest <= most, `${String(highest)} at once`);
  assert.ok(highest > most / 2, `only ${String(highest)} at once: nothing was paced`);
  await fleet.untilReady(...names);
});
