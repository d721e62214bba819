import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostCluster } from '../../../src/api/host-cluster.ts';
import { VirtualMachine } from '../../../src/api/virtual-machine.ts';
import { guard, release } from '../../../src/controllers/host-cluster/guard.ts';
import { findCondition } from '../../../src/meta/conditions.ts';
import { Event } from '../../../src/meta/core.ts';
import { rfc3339 } from '../../../src/base/time.ts';
import { says, startFleet, type Fleet, type Through } from './fleet.ts';

const ref = { name: 'main' };

function cluster(fleet: Fleet): Promise<HostCluster | undefined> {
  return fleet.during(fleet.person.get(HostCluster, ref));
}

async function finalizers(fleet: Fleet): Promise<readonly string[]> {
  return (await cluster(fleet))?.metadata.finalizers ?? [];
}

async function words(fleet: Fleet): Promise<string> {
  const found = await cluster(fleet);
  return found === undefined ? '' : says(found, 'Ready');
}

const doomed = { disks: [{ name: 'root', size: '1Gi', whenRemoved: 'Delete' }] };

describe('a HostCluster that is deleted', () => {
  test('stays while VMs use it, says which, takes no new ones, and goes with the last', async () => {
    const fleet = await startFleet(2);
    assert.deepEqual(await finalizers(fleet), []);
    await fleet.makeVm('web');
    await fleet.makeVm('db');
    await fleet.untilReady('web', 'db');
    await fleet.until(async () => (await finalizers(fleet)).length === 1, 2_000);
    await fleet.during(fleet.person.delete(HostCluster, ref));
    await fleet.until(async () => (await words(fleet)) === 'Ready=False InUse');
    const said = findCondition((await cluster(fleet))?.status.conditions, 'Ready');
    assert.equal(said?.message, 'it is deleted once no VM uses it; these do: shop/db, shop/web');
    await fleet.makeVm('late');
    await fleet.untilSays('late', 'Placed=False HostClusterDeleting');
    await fleet.patchVm('web', { nextRestartTime: rfc3339(fleet.clock.now()) });
    await fleet.untilSays('web', 'Ready=False HostClusterDeleting');
    await fleet.clock.advance(60_000);
    assert.deepEqual([fleet.running('web').length, fleet.running('db').length], [1, 1]);
    const { items } = await fleet.during(fleet.person.list(Event, { namespace: 'default' }));
    assert.deepEqual(
      items.filter(({ regarding }) => regarding.kind === 'HostCluster').map(({ reason }) => reason),
      ['InUse'],
    );
    await fleet.during(fleet.person.delete(VirtualMachine, { namespace: 'shop', name: 'web' }));
    await fleet.patchVm('db', { powerState: 'PoweredOff' });
    await fleet.until(async () => (await cluster(fleet)) === undefined, 20_000);
    await fleet.untilSays('late', 'Placed=False NoHostCluster');
    assert.equal(says(await fleet.vm('db'), 'Ready'), 'Ready=True PoweredOff');
    await fleet.patchVm('db', { powerState: 'PoweredOn' });
    await fleet.untilSays('db', 'Ready=False HostClusterNotFound');
    await fleet.stop();
  });

  test('ends when everything is deleted at once, disks to be removed included', async () => {
    const fleet = await startFleet(2);
    for (const name of ['web', 'db']) await fleet.makeVm(name, doomed);
    await fleet.untilReady('web', 'db');
    await fleet.patchVm('db', { powerState: 'PoweredOff' });
    await fleet.untilSays('db', 'Ready=True PoweredOff');
    await fleet.during(fleet.person.delete(HostCluster, ref));
    for (const name of ['web', 'db']) await fleet.during(fleet.person.delete(VirtualMachine, { namespace: 'shop', name }));
    await fleet.until(async () => (await cluster(fleet)) === undefined);
    assert.deepEqual([await fleet.find('web'), await fleet.find('db'), fleet.volumes()], [undefined, undefined, []]);
    await fleet.stop();
  });

  test('stays while a VM that is off has disks to be removed some day', async () => {
    const fleet = await startFleet(1);
    await fleet.makeVm('web', { ...doomed, powerState: 'PoweredOn' });
    await fleet.untilReady('web');
    await fleet.patchVm('web', { powerState: 'PoweredOff' });
    await fleet.untilSays('web', 'Ready=True PoweredOff');
    await fleet.clock.advance(60_000);
    await fleet.during(fleet.person.delete(HostCluster, ref));
    await fleet.clock.advance(60_000);
    assert.equal(await words(fleet), 'Ready=False InUse');
    await fleet.during(fleet.person.delete(VirtualMachine, { namespace: 'shop', name: 'web' }));
    await fleet.until(async () => (await cluster(fleet)) === undefined);
    assert.deepEqual(fleet.volumes(), []);
    await fleet.stop();
  });

  test('goes also when a person owns the finalizer too', async () => {
    const fleet = await startFleet(1);
    await fleet.makeVm('web');
    await fleet.untilReady('web');
    await fleet.until(async () => (await finalizers(fleet)).length === 1);
    const object = { metadata: { finalizers: await finalizers(fleet) }, spec: (await cluster(fleet))?.spec };
    await fleet.during(fleet.person.apply(HostCluster, ref, object, { fieldManager: 'person' }));
    await fleet.during(fleet.person.delete(HostCluster, ref));
    await fleet.during(fleet.person.delete(VirtualMachine, { namespace: 'shop', name: 'web' }));
    await fleet.until(async () => (await cluster(fleet)) === undefined);
    await fleet.stop();
  });

  test('is not let go while the server knows of an instance in it', async () => {
    const fleet = await startFleet(1);
    await fleet.makeVm('web');
    await fleet.untilReady('web');
    await fleet.until(async () => (await finalizers(fleet)).length === 1);
    await fleet.clock.advance(60_000);
    const found = (await cluster(fleet)) ?? assert.fail('it is gone');
    fleet.writes.length = 0;
    await fleet.during(release(fleet.person, found));
    const letGo = fleet.writes.filter((write) => write.includes('/hostclusters/main') && write.endsWith('person'));
    assert.deepEqual(letGo, []);
    await fleet.stop();
  });

  test('is not made anew by those who would keep it', async () => {
    const fleet = await startFleet(1);
    const found = (await cluster(fleet)) ?? assert.fail('there is none');
    await fleet.during(fleet.person.delete(HostCluster, ref));
    await fleet.during(guard(fleet.person, found));
    assert.equal(await cluster(fleet), undefined);
    await fleet.stop();
  });

  test('is free again once nobody uses it', async () => {
    const fleet = await startFleet(1);
    await fleet.makeVm('web');
    await fleet.until(async () => (await finalizers(fleet)).length === 1);
    await fleet.during(fleet.person.delete(VirtualMachine, { namespace: 'shop', name: 'web' }));
    await fleet.until(async () => (await finalizers(fleet)).length === 0);
    await fleet.stop();
  });
});

/** Whatever is said of a HostCluster takes two seconds to be written. */
const slowWords: Through =
  (controlPlane, { clock }) =>
  async (request, signal) => {
    if (request.method === 'PATCH' && request.path.endsWith('/hostclusters/main/status')) await clock.sleep(2_000, signal);
    return controlPlane(request, signal);
  };

describe('how many VMs a HostCluster has', () => {
  test('is right in the end, also when one comes while the number is being written', async () => {
    const fleet = await startFleet(1, {}, slowWords);
    await fleet.clock.advance(60_000);
    await fleet.makeVm('one');
    await fleet.clock.advance(1_000);
    await fleet.makeVm('two');
    await fleet.untilReady('one', 'two');
    await fleet.until(async () => (await cluster(fleet))?.status.virtualMachines === 2);
    await fleet.stop();
  });
});
