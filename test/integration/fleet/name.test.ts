import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VirtualMachine } from '../../../src/api/virtual-machine.ts';
import { startFleet, type Fleet } from './fleet.ts';

const web = { namespace: 'shop', name: 'web' };

/** As `kubectl replace` does without meaning to. */
async function takeFinalizer(fleet: Fleet): Promise<void> {
  await fleet.during(fleet.person.patch(VirtualMachine, web, { metadata: { finalizers: null } }));
}

describe('a VM whose finalizer somebody took away', () => {
  test('gets it back, and is deleted like any other', async () => {
    const fleet = await startFleet(2);
    await fleet.makeVm('web', { disks: [{ name: 'root', size: '10Gi', whenRemoved: 'Delete' }] });
    await fleet.untilReady('web');
    await takeFinalizer(fleet);
    await fleet.clock.advance(5000);
    await fleet.during(fleet.person.delete(VirtualMachine, web));
    await fleet.until(async () => (await fleet.find('web')) === undefined);
    assert.deepEqual(await fleet.instances('web'), []);
    assert.deepEqual(fleet.volumes(), []);
    await fleet.stop();
  });

  test('is not replaced by one of its name while its guest may run (rule 9)', async () => {
    const fleet = await startFleet(2);
    await fleet.makeVm('web');
    await fleet.untilReady('web');
    const [host = ''] = fleet.running('web');
    await fleet.makeFault('cut', { type: 'ManagementPartition', nodeName: host, duration: '10m' });
    await fleet.clock.advance(2000);
    fleet.operator.hold();
    await takeFinalizer(fleet);
    await fleet.during(fleet.person.delete(VirtualMachine, web));
    await fleet.makeVm('web');
    fleet.operator.letGo();
    await fleet.untilSays('web', 'Placed=False NameInUse');
    await fleet.clock.advance(120_000);
    assert.deepEqual(fleet.running('web'), [host]);
    await fleet.until(async () => (await fleet.find('web'))?.status.phase === 'Running', 900_000);
    assert.equal(fleet.running('web').length, 1);
    await fleet.stop();
  });
});
