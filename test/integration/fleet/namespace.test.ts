import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VirtualMachineInstance } from '../../../src/api/virtual-machine-instance.ts';
import { VirtualMachine } from '../../../src/api/virtual-machine.ts';
import { Event, Namespace } from '../../../src/meta/core.ts';
import { startFleet, startOperator, type Fleet, type Through } from './fleet.ts';

const passing = { disks: [{ name: 'root', size: '5Gi', whenRemoved: 'Delete' }] };

/** The collector's way to the server, on which deletions of one kind wait until they are let through. */
function holdingBack(plural: string): { readonly collecting: Through; letGo(): void } {
  const gate = Promise.withResolvers<undefined>();
  return {
    collecting: (controlPlane) => async (request, signal) => {
      if (request.method === 'DELETE' && request.path.includes(`/namespaces/shop/${plural}`)) await gate.promise;
      return controlPlane(request, signal);
    },
    letGo: () => {
      gate.resolve(undefined);
    },
  };
}

async function deleteNamespace(fleet: Fleet): Promise<void> {
  await fleet.during(fleet.person.delete(Namespace, { name: 'shop' }));
}

async function untilNamespaceIsGone(fleet: Fleet, limitMs = 180_000): Promise<void> {
  await fleet.until(async () => (await fleet.during(fleet.person.get(Namespace, { name: 'shop' }))) === undefined, limitMs);
}

/** What is told of disks that nobody removes, in the one place that outlives the namespace. */
async function leftBehind(fleet: Fleet): Promise<string[]> {
  const { items } = await fleet.during(fleet.person.list(Event, { namespace: 'default' }));
  return items.flatMap(({ reason, note, regarding }) =>
    reason === 'DisksLeftBehind' ? [`${regarding.kind} ${regarding.name}: ${note}`] : [],
  );
}

async function assertNothingStays(fleet: Fleet): Promise<void> {
  assert.deepEqual(fleet.running('web'), []);
  assert.deepEqual(fleet.volumes(), []);
  assert.deepEqual(await leftBehind(fleet), []);
  fleet.lives();
}

describe('a namespace that is deleted ends, and takes the disks with it that may go (rule 2)', () => {
  test('the instance is deleted first, the VM long after: until then nothing is let go, and nothing starts', async () => {
    const { collecting, letGo } = holdingBack('virtualmachines');
    const fleet = await startFleet(2, {}, undefined, undefined, collecting);
    await fleet.makeVm('web', passing);
    await fleet.untilReady('web');
    await deleteNamespace(fleet);
    await fleet.until(() => Promise.resolve(fleet.running('web').length === 0));
    await fleet.clock.advance(60_000);
    assert.equal((await fleet.instance('web')).spec.incarnation, 1);
    fleet.writes.length = 0;
    await fleet.clock.advance(120_000);
    assert.deepEqual(
      fleet.writes.filter((write) => write.includes('/virtualmachine')),
      [],
      'rule 7',
    );
    letGo();
    await untilNamespaceIsGone(fleet);
    await assertNothingStays(fleet);
    assert.equal(fleet.lives().length, 1);
    await fleet.stop();
  });

  test('a VM whose instance went first tries once to start anew, and then waits quietly (rule 7)', async () => {
    const { collecting, letGo } = holdingBack('virtualmachines');
    const fleet = await startFleet(1, {}, undefined, undefined, collecting);
    await fleet.makeVm('web');
    await fleet.untilReady('web');
    await deleteNamespace(fleet);
    await fleet.untilSays('web', 'Ready=False NamespaceDeleting');
    fleet.writes.length = 0;
    await fleet.clock.advance(120_000);
    assert.deepEqual(
      fleet.writes.filter((write) => write.includes('/virtualmachine')),
      [],
    );
    assert.equal((await fleet.vm('web')).status.incarnation, 2);
    letGo();
    await untilNamespaceIsGone(fleet);
    assert.deepEqual(fleet.volumes(), ['shared/shop/web/root']);
    await fleet.stop();
  });

  test('the VM is deleted first', async () => {
    const { collecting, letGo } = holdingBack('virtualmachineinstances');
    const fleet = await startFleet(2, {}, undefined, undefined, collecting);
    await fleet.makeVm('web', passing);
    await fleet.untilReady('web');
    await fleet.during(fleet.person.delete(VirtualMachine, { namespace: 'shop', name: 'web' }));
    await deleteNamespace(fleet);
    await fleet.until(async () => (await fleet.find('web')) === undefined);
    letGo();
    await untilNamespaceIsGone(fleet);
    await assertNothingStays(fleet);
    await fleet.stop();
  });

  test('the agent is dead for a while, and the operator with all that it did too late', async () => {
    const fleet = await startFleet(1);
    const local = { name: 'scratch', size: '1Gi', datastore: 'local', whenRemoved: 'Delete' };
    await fleet.makeVm('web', { disks: [...passing.disks, local] });
    await fleet.untilReady('web');
    await fleet.makeFault('crash', { type: 'AgentCrash', nodeName: 'rack-1', duration: '3m' });
    await fleet.clock.advance(1000);
    await deleteNamespace(fleet);
    await fleet.clock.advance(120_000);
    assert.deepEqual(fleet.volumes(), ['local/shop/web/scratch', 'shared/shop/web/root']);
    await untilNamespaceIsGone(fleet);
    await assertNothingStays(fleet);
    await fleet.stop();
  });

  for (const when of ['before', 'after'] as const)
    for (const nth of [1, 2, 3, 4, 5, 6])
      test(`the operator dies for good ${when} write ${String(nth)} arrives; the next one goes on`, async () => {
        let writes = -Infinity;
        const dies: Through = (controlPlane) => async (request, signal) => {
          if (writes > nth || (writes === nth && when === 'after')) return new Promise(() => undefined);
          const counts = request.method !== 'GET' && request.path.includes('/virtualmachine');
          if (counts) writes++;
          if (counts && writes === nth && when === 'before') return new Promise(() => undefined);
          const answer = await controlPlane(request, signal);
          return counts && writes === nth ? new Promise(() => undefined) : answer;
        };
        const fleet = await startFleet(2, {}, dies);
        startOperator(fleet, 'replica');
        await fleet.makeVm('web', passing);
        await fleet.untilReady('web');
        writes = 0;
        await deleteNamespace(fleet);
        await untilNamespaceIsGone(fleet);
        await assertNothingStays(fleet);
        await fleet.stop();
      });

  test('disks that are being removed already when it is deleted', async () => {
    const fleet = await startFleet(1);
    await fleet.makeVm('web', passing);
    await fleet.untilReady('web');
    await fleet.patchVm('web', { powerState: 'PoweredOff' });
    await fleet.untilSays('web', 'Ready=True PoweredOff');
    await fleet.makeFault('crash', { type: 'AgentCrash', nodeName: 'rack-1', duration: '30s' });
    await fleet.clock.advance(1000);
    await fleet.patchVm('web', { disks: [] });
    await fleet.until(async () => (await fleet.instances('web')).length === 1);
    await deleteNamespace(fleet);
    await untilNamespaceIsGone(fleet);
    await assertNothingStays(fleet);
    await fleet.stop();
  });

  test('a disk that was to be retained when its VM started', async () => {
    const fleet = await startFleet(1);
    await fleet.makeVm('web', { disks: [{ name: 'root', size: '5Gi' }] });
    await fleet.untilReady('web');
    await fleet.patchVm('web', passing);
    await fleet.until(async () => (await fleet.vm('web')).status.disks?.[0]?.whenRemoved === 'Delete');
    await fleet.clock.advance(1000);
    await deleteNamespace(fleet);
    await untilNamespaceIsGone(fleet);
    await assertNothingStays(fleet);
    await fleet.stop();
  });

  test('a VM that is off has no place left to say it: it goes, and who owns the disks is told which stay (rule 11)', async () => {
    const fleet = await startFleet(1);
    await fleet.makeVm('web', { disks: [...passing.disks, { name: 'data', size: '1Gi' }] });
    await fleet.untilReady('web');
    await fleet.patchVm('web', { powerState: 'PoweredOff' });
    await fleet.untilSays('web', 'Ready=True PoweredOff');
    assert.deepEqual(await fleet.instances('web'), []);
    await deleteNamespace(fleet);
    await untilNamespaceIsGone(fleet, 30_000);
    assert.deepEqual(fleet.volumes(), ['shared/shop/web/data', 'shared/shop/web/root']);
    await fleet.clock.advance(10_000);
    assert.deepEqual(await leftBehind(fleet), [
      'HostCluster main: VM shop/web went with its namespace while no instance of it was left to remove its disks: shared/root',
    ]);
    await fleet.stop();
  });

  test('the same for an instance that was deleted by force, unless another one came in time', async () => {
    const fleet = await startFleet(1);
    await fleet.makeVm('web', passing);
    await fleet.untilReady('web');
    const { metadata } = await fleet.instance('web');
    await deleteNamespace(fleet);
    const ref = { namespace: 'shop', name: metadata.name };
    await fleet.during(fleet.person.patch(VirtualMachineInstance, ref, { metadata: { finalizers: [] } }));
    await untilNamespaceIsGone(fleet, 30_000);
    await fleet.clock.advance(60_000);
    assert.deepEqual(fleet.running('web'), []);
    assert.equal((await leftBehind(fleet)).length, 1);
    await fleet.stop();
  });

  test('a VM that was deleted by force leaves no instance behind for ever', async () => {
    const fleet = await startFleet(1);
    await fleet.makeVm('web', passing);
    await fleet.untilReady('web');
    const ref = { namespace: 'shop', name: 'web' };
    await fleet.during(fleet.person.patch(VirtualMachine, ref, { metadata: { finalizers: [] } }));
    await fleet.during(fleet.person.delete(VirtualMachine, ref));
    await fleet.until(async () => (await fleet.instances('web')).length === 0);
    assert.deepEqual(fleet.running('web'), []);
    await fleet.stop();
  });
});
