import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { carryOut } from '../../../src/agent/carry-out.ts';
import { catalogue } from '../../../src/agent/catalogue.ts';
import { agentContext, type AgentContext } from '../../../src/agent/context.ts';
import { settleDebts } from '../../../src/agent/debts.ts';
import { agentManager } from '../../../src/api/common.ts';
import { VirtualMachineInstance } from '../../../src/api/virtual-machine-instance.ts';
import { VirtualMachine } from '../../../src/api/virtual-machine.ts';
import { caches } from '../../../src/kube/caches.ts';
import { client } from '../../../src/kube/client.ts';
import { Lease, Namespace } from '../../../src/meta/core.ts';
import { leaseArbiter } from '../../../src/agent/lease-arbiter.ts';
import type { Arbiter } from '../../../src/ports/arbiter.ts';
import { PortError } from '../../../src/ports/errors.ts';
import type { HostPort } from '../../../src/ports/host-port.ts';
import { aCluster, anInstance, aVm } from '../../builders/objects.ts';
import { HostCluster } from '../../../src/api/host-cluster.ts';
import { idleAgent, simulationBench, type SimulationBench } from '../simulation/bench.ts';

interface Setting extends SimulationBench {
  readonly agent: AgentContext;
  readonly arbiter: Arbiter;
}

/** A host whose agent does nothing, and the hands of one whose cache of instances is empty. */
async function setting(): Promise<Setting> {
  const ports = new Map<string, HostPort>();
  const bench = await simulationBench((start) => {
    ports.set(start.name, start.port);
    return idleAgent(start);
  });
  const { person, during } = bench;
  await during(person.apply(Namespace, { name: 'shop' }, {}, { fieldManager: 'person' }));
  const { spec } = aCluster();
  await during(person.apply(HostCluster, { name: 'main' }, { spec }, { fieldManager: 'person' }));
  await bench.makePool('rack', 1);
  await bench.until(() => Promise.resolve(ports.has('rack-1')));
  const host = ports.get('rack-1') ?? assert.fail('no host');
  const runtime = bench.runtime('agent');
  const options = { userAgent: 'agent', fieldManager: agentManager };
  const hand = client(bench.controlPlane, runtime, options);
  const watched = caches(bench.controlPlane, runtime, options);
  const behind = watched.cache(VirtualMachineInstance, {
    fieldSelector: 'spec.nodeName=nowhere',
    indexes: { byUid: (instance) => [instance.metadata.uid] },
  });
  const means = { nodeName: 'rack-1', host, client: hand, runtime, instances: behind, catalogue: catalogue(hand, host.datastores) };
  const agent = agentContext(means, watched);
  await during(agent.catalogue.attach('main', []));
  return { ...bench, agent, arbiter: host.datastores.arbiter('shared') };
}

/** @returns the uid of a new instance of `name` on rack-1. */
async function made({ person, during }: Setting, name: string): Promise<string> {
  const { spec } = anInstance(aVm(name), 'rack-1');
  const draft = { apiVersion: 'hypersphere.io/v1alpha1', kind: 'VirtualMachineInstance', metadata: { name, namespace: 'shop' }, spec };
  return (await during(person.create(VirtualMachineInstance, draft))).metadata.uid;
}

describe('settling debts', () => {
  test('an instance that the server has keeps its arbiter, whatever the cache shows (rule 1)', async () => {
    const at = await setting();
    const uid = await made(at, 'web');
    await at.during(at.arbiter.testAndSet('vm', undefined, uid));
    assert.equal(await at.during(settleDebts(at.agent)), true);
    assert.equal(await at.during(at.arbiter.holder('vm')), uid);
    await at.during(at.person.delete(VirtualMachineInstance, { namespace: 'shop', name: 'web' }));
    assert.equal(await at.during(settleDebts(at.agent)), true);
    assert.equal(await at.during(at.arbiter.holder('vm')), undefined);
    await at.stop();
  });

  test('one for which something is being done keeps it until that is done (rule 1)', async () => {
    const at = await setting();
    await at.during(at.arbiter.testAndSet('vm', undefined, 'gone'));
    at.agent.busy.add('gone');
    assert.equal(await at.during(settleDebts(at.agent)), false);
    assert.equal(await at.during(at.arbiter.holder('vm')), 'gone');
    at.agent.busy.clear();
    assert.equal(await at.during(settleDebts(at.agent)), true);
    assert.equal(await at.during(at.arbiter.holder('vm')), undefined);
    await at.stop();
  });

  test('one that cannot be settled keeps no other from it', async () => {
    const at = await setting();
    for (const vm of ['one', 'two', 'three']) await at.during(at.arbiter.testAndSet(vm, undefined, `gone-${vm}`));
    const { datastores } = at.agent.host;
    const arbiter: Arbiter = {
      holder: (vm) => at.arbiter.holder(vm),
      handOver: (vm, from, to) => at.arbiter.handOver(vm, from, to),
      appoint: (vm, holder, heir) => at.arbiter.appoint(vm, holder, heir),
      succeed: (vm, heir, through) => at.arbiter.succeed(vm, heir, through),
      confirm: (vm, holder) => at.arbiter.confirm(vm, holder),
      testAndSet: (vm, from, to) =>
        vm === 'one' ? Promise.reject(new PortError('Unreachable', 'not now')) : at.arbiter.testAndSet(vm, from, to),
    };
    const host: HostPort = {
      guests: at.agent.host.guests,
      inventory: () => at.agent.host.inventory(),
      moves: at.agent.host.moves,
      protection: at.agent.host.protection,
      switching: at.agent.host.switching,
      settings: at.agent.host.settings,
      surroundings: at.agent.host.surroundings,
      datastores: {
        attach: (specs) => datastores.attach(specs),
        ensure: (ref, size) => datastores.ensure(ref, size),
        remove: (ref) => datastores.remove(ref),
        list: (name) => datastores.list(name),
        held: () => datastores.held(),
        arbiter: () => arbiter,
      },
    };
    assert.equal(await at.during(settleDebts({ ...at.agent, host })), false);
    assert.deepEqual(
      (await at.during(datastores.held())).map(({ vm }) => vm),
      ['one'],
    );
    await at.stop();
  });

  test('a Lease that was taken elsewhere is left alone, however long the names of hosts are', async () => {
    const at = await setting();
    const { person, during } = at;
    const nodeName = `${'a'.repeat(70)}-1`;
    const vm = await during(
      person.apply(VirtualMachine, { namespace: 'shop', name: 'web' }, { spec: { memory: { size: '1Gi' } } }, { fieldManager: 'person' }),
    );
    const place = { vm: { uid: vm.metadata.uid, namespace: 'shop', name: 'web' }, name: `vm-${vm.metadata.uid}` };
    await during(leaseArbiter(at.agent.client, { ...place, nodeName }).testAndSet('', undefined, 'gone'));
    const holder = async () => (await during(person.get(Lease, { namespace: 'shop', name: place.name })))?.spec?.holderIdentity;
    for (const other of ['rack-1', `${'a'.repeat(70)}-2`]) {
      await during(settleDebts({ ...at.agent, nodeName: other }));
      assert.equal(await holder(), 'gone');
    }
    await during(settleDebts({ ...at.agent, nodeName }));
    assert.equal(await holder(), '');
    await at.stop();
  });
});

describe('disks that an instance is to remove', () => {
  test('are not removed by a repetition that comes when it is gone, and the name is another VM’s', async () => {
    const bench = await setting();
    const { agent, person, during } = bench;
    const vm = aVm('web');
    const spec = { powerState: 'Released' as const, removeDisks: ['shared/root'] };
    const draft = anInstance(vm, 'rack-1', { spec });
    const { name } = draft.metadata;
    const old = await during(person.create(VirtualMachineInstance, { ...draft, metadata: { name, namespace: 'shop' } }));
    const root = { datastore: 'shared', volume: 'shop/web/root' };
    const volumes = async (): Promise<string[]> => (await during(agent.host.datastores.list('shared'))).map(({ volume }) => volume);
    await during(agent.host.datastores.ensure(root, 1));
    assert.equal((await during(carryOut(agent, old))).released, true);
    assert.deepEqual(await volumes(), []);
    await during(person.delete(VirtualMachineInstance, { namespace: 'shop', name }));
    await during(agent.host.datastores.ensure(root, 1));
    await during(carryOut(agent, old));
    assert.deepEqual(await volumes(), [root.volume]);
    await bench.stop();
  });
});
