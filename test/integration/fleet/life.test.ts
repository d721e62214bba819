import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostCluster } from '../../../src/api/host-cluster.ts';
import { HostPool } from '../../../src/api/host-pool.ts';
import { VirtualMachineInstance } from '../../../src/api/virtual-machine-instance.ts';
import { VirtualMachine } from '../../../src/api/virtual-machine.ts';
import { rfc3339 } from '../../../src/base/time.ts';
import { findCondition } from '../../../src/meta/conditions.ts';
import { Lease } from '../../../src/meta/core.ts';
import { says, startFleet, startOperator, type Fleet } from './fleet.ts';

/** Asks for a power state and waits until the VM says that it is so. */
async function power(fleet: Fleet, powerState: 'PoweredOn' | 'PoweredOff' | 'Suspended', words: string): Promise<void> {
  const type = words.slice(0, words.indexOf('='));
  await fleet.patchVm('web', { powerState });
  await fleet.until(async () => {
    const vm = await fleet.vm('web');
    return vm.status.observedGeneration === vm.metadata.generation && says(vm, type) === words;
  });
}

async function message(fleet: Fleet, name: string, type: string): Promise<string> {
  return findCondition((await fleet.vm(name)).status.conditions, type)?.message ?? '';
}

describe('suspending', () => {
  test('where nothing can hold the memory says which field is empty, and the way out', async () => {
    const fleet = await startFleet(1);
    await fleet.during(fleet.person.patch(HostCluster, { name: 'main' }, { spec: { datastores: null } }));
    await fleet.makeVm('web', { disks: [] });
    await fleet.untilReady('web');
    await fleet.patchVm('web', { powerState: 'Suspended' });
    await fleet.until(async () => says(await fleet.instance('web'), 'Ready') === 'Ready=False NotFound');
    const said = findCondition((await fleet.instance('web')).status.conditions, 'Ready')?.message ?? '';
    assert.match(said, /^HostCluster main had no spec\.datastores .* memory; add a datastore .*PoweredOff$/);
    await fleet.patchVm('web', { powerState: 'PoweredOn' });
    await fleet.untilReady('web');
    await fleet.stop();
  });
});

describe('the life of a VM', () => {
  test('on, off, nothing to suspend, on, suspended, on', async () => {
    const fleet = await startFleet(2);
    await fleet.makeVm('web');
    await fleet.untilReady('web');
    assert.equal(fleet.running('web').length, 1);
    await power(fleet, 'PoweredOff', 'Ready=True PoweredOff');
    assert.equal((await fleet.vm('web')).status.phase, 'PoweredOff');
    assert.deepEqual(fleet.running('web'), []);
    assert.deepEqual(await fleet.instances('web'), []);
    await power(fleet, 'Suspended', 'Stalled=True NothingToSuspend');
    assert.deepEqual(fleet.running('web'), []);
    await power(fleet, 'PoweredOn', 'Ready=True Running');
    const { uid } = (await fleet.instance('web')).metadata;
    assert.equal(says(await fleet.vm('web'), 'Stalled'), 'Stalled=False Progressing');
    await power(fleet, 'Suspended', 'Ready=True Suspended');
    assert.deepEqual(fleet.running('web'), []);
    assert.ok(fleet.volumes().includes('shared/shop/web/_memory'));
    await power(fleet, 'PoweredOn', 'Ready=True Running');
    assert.equal((await fleet.instance('web')).metadata.uid, uid, 'it woke up, it was not started anew');
    assert.equal(fleet.running('web').length, 1);
    assert.deepEqual(
      fleet.lives().map(({ to }) => to?.by),
      ['Stopped', 'Suspended', undefined],
    );
    await fleet.stop();
  });

  test('a delete: the instance is gone before the VM is; disks to retain stay, those to delete go', async () => {
    const fleet = await startFleet(2);
    const disks = [
      { name: 'root', size: '10Gi', whenRemoved: 'Delete' },
      { name: 'data', size: '20Gi' },
      { name: 'scratch', size: '1Gi', datastore: 'local', whenRemoved: 'Delete' },
    ];
    await fleet.makeVm('web', { disks });
    await fleet.untilReady('web');
    const all = ['local/shop/web/scratch', 'shared/shop/web/data', 'shared/shop/web/root'];
    assert.deepEqual(fleet.volumes(), all);
    await fleet.during(fleet.person.delete(VirtualMachine, { namespace: 'shop', name: 'web' }, { propagationPolicy: 'Background' }));
    fleet.writes.length = 0;
    await fleet.until(async () => {
      if (fleet.running('web').length > 0) assert.deepEqual(fleet.volumes(), all);
      return (await fleet.find('web')) === undefined;
    });
    // Whoever takes the last finalizer away ends the object.
    const lets = (plural: string, who: string): number =>
      fleet.writes.findLastIndex((write) => write.includes(`/${plural}/web`) && !write.includes('/status') && write.endsWith(who));
    const ends = [lets('virtualmachineinstances', 'hypersphere-agent'), lets('virtualmachines', 'hypersphere-operator')];
    assert.ok((ends[0] ?? -1) >= 0 && (ends[1] ?? -1) > (ends[0] ?? -1), fleet.writes.join(', '));
    assert.deepEqual(await fleet.instances('web'), []);
    assert.deepEqual(fleet.running('web'), []);
    assert.deepEqual(fleet.volumes(), ['shared/shop/web/data']);
    await fleet.stop();
  });

  test('a VM that fits nowhere says why, and runs when there is room', async () => {
    const fleet = await startFleet(2, { cores: 8, memory: '8Gi' });
    await fleet.makeVm('one', { memory: { size: '6Gi' } });
    await fleet.makeVm('two', { memory: { size: '6Gi' } });
    await fleet.untilReady('one', 'two');
    await fleet.makeVm('web', { memory: { size: '4Gi' } });
    await fleet.untilSays('web', 'Placed=False NoHostFits');
    assert.equal(await message(fleet, 'web', 'Placed'), '0/2 hosts: 2 too little memory');
    assert.equal(await message(fleet, 'web', 'Ready'), '0/2 hosts: 2 too little memory');
    await fleet.during(fleet.person.delete(VirtualMachine, { namespace: 'shop', name: 'one' }));
    await fleet.untilReady('web');
    await fleet.makeVm('wide', { cpu: { cores: 9 } });
    await fleet.untilSays('wide', 'Placed=False NoHostFits');
    assert.match(await message(fleet, 'wide', 'Placed'), /^0\/2 hosts: .*too few cores/);
    const template = { template: { cores: 16, memory: '8Gi' }, replicas: 3 };
    await fleet.during(fleet.person.patch(HostPool, { name: 'rack' }, { spec: template }));
    await fleet.untilReady('wide');
    assert.equal(fleet.running('wide').length, 1);
    fleet.lives();
    await fleet.stop();
  });

  test('a resize: reservations and disks grow at once, cores and memory with the restart that is asked for', async () => {
    const fleet = await startFleet(2);
    await fleet.makeVm('web');
    await fleet.untilReady('web');
    const before = await fleet.instance('web');
    await fleet.patchVm('web', { cpu: { reservation: '500m' }, memory: { reservation: '512Mi' }, disks: [{ name: 'root', size: '15Gi' }] });
    await fleet.until(() => Promise.resolve(fleet.world().truth().volumes[0]?.bytes === 15 * 2 ** 30));
    await fleet.untilSays('web', 'Ready=True Running');
    const grown = await fleet.instance('web');
    assert.equal(grown.metadata.uid, before.metadata.uid);
    assert.deepEqual(
      [grown.spec.cpu, grown.spec.memory],
      [
        { cores: 1, baseline: 'x86-64-v3', reservation: '500m' },
        { size: '1Gi', reservation: '512Mi' },
      ],
    );
    assert.equal(says(await fleet.vm('web'), 'RestartRequired'), 'RestartRequired=False UpToDate');
    assert.equal(String((await fleet.vm('web')).status.disks?.[0]?.size), '15Gi');

    await fleet.patchVm('web', { cpu: { cores: 2 }, memory: { size: '2Gi' } });
    await fleet.untilSays('web', 'RestartRequired=True SpecChanged');
    await fleet.clock.advance(60_000);
    assert.equal((await fleet.instance('web')).metadata.uid, before.metadata.uid);
    assert.equal(fleet.lives().length, 1);

    const nextRestartTime = rfc3339(fleet.clock.now() + 120_000);
    await fleet.patchVm('web', { nextRestartTime });
    await fleet.clock.advance(110_000);
    assert.equal(fleet.lives().length, 1, 'not before its time');
    await fleet.clock.advance(10_000);
    await fleet.untilSays('web', 'RestartRequired=False UpToDate');
    await fleet.untilReady('web');
    const after = await fleet.instance('web');
    assert.deepEqual([after.spec.cpu.cores, after.spec.memory.size], [2, '2Gi']);
    assert.equal((await fleet.vm('web')).status.lastRestartTime, nextRestartTime);
    await fleet.clock.advance(120_000);
    assert.equal(fleet.lives().length, 2, 'once');
    await fleet.stop();
  });

  test('an instance deleted by force: its guest is ended, a new one runs, and never both (rule 1)', async () => {
    const fleet = await startFleet(3);
    await fleet.makeVm('web');
    await fleet.untilReady('web');
    const { metadata } = await fleet.instance('web');
    const ref = { namespace: 'shop', name: metadata.name };
    await fleet.during(fleet.person.patch(VirtualMachineInstance, ref, { metadata: { finalizers: [] } }));
    await fleet.during(fleet.person.delete(VirtualMachineInstance, ref));
    await fleet.until(async () => (await fleet.instances('web')).every(({ metadata: { uid } }) => uid !== metadata.uid));
    await fleet.until(async () => {
      assert.ok(fleet.running('web').length <= 1);
      return (await fleet.instances('web')).some((one) => says(one, 'Ready') === 'Ready=True Running');
    });
    assert.deepEqual(
      fleet.lives().map(({ instance, to }) => [instance === metadata.uid, to?.by]),
      [
        [true, 'Stopped'],
        [false, undefined],
      ],
    );
    await fleet.untilReady('web');
    await fleet.stop();
  });

  test('the same with the API as arbiter: a VM whose only disk is local', async () => {
    const fleet = await startFleet(3);
    await fleet.makeVm('web', { disks: [{ name: 'root', size: '1Gi', datastore: 'local' }] });
    await fleet.untilReady('web');
    const { metadata } = await fleet.instance('web');
    const ref = { namespace: 'shop', name: metadata.name };
    await fleet.during(fleet.person.patch(VirtualMachineInstance, ref, { metadata: { finalizers: [] } }));
    await fleet.during(fleet.person.delete(VirtualMachineInstance, ref));
    await fleet.until(() => Promise.resolve(fleet.lives().length === 2));
    await fleet.untilReady('web');
    assert.equal(fleet.running('web').length, 1);
    await fleet.stop();
  });

  test('two operators at once make one instance a VM, also when the one that led hangs in the midst of it', async () => {
    const fleet = await startFleet(3);
    // Until the first one leads.
    await fleet.clock.advance(5_000);
    startOperator(fleet, 'replica');
    await fleet.makeVm('one');
    await fleet.makeVm('two');
    await fleet.untilReady('one', 'two');
    const { holderIdentity } = (await leadLease(fleet)).spec ?? {};
    assert.equal(holderIdentity, 'operator');
    // What it was about to do is under way when it stops: it goes out long after another leads.
    fleet.operator.hold();
    await fleet.makeVm('three');
    await fleet.clock.advance(2000);
    assert.deepEqual(await fleet.instances('three'), []);
    await fleet.untilReady('three');
    assert.equal((await leadLease(fleet)).spec?.holderIdentity, 'replica');
    fleet.operator.letGo();
    await fleet.clock.advance(60_000);
    for (const name of ['one', 'two', 'three']) assert.equal((await fleet.instance(name)).spec.incarnation, 1);
    assert.equal(fleet.lives().length, 3);
    await fleet.stop();
  });
});

async function leadLease(fleet: Fleet): Promise<Lease> {
  const ref = { namespace: 'hypersphere-system', name: 'hypersphere-operator' };
  return (await fleet.during(fleet.person.get(Lease, ref))) ?? assert.fail('nobody leads');
}
