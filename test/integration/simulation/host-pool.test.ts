import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Host } from '../../../src/api/host.ts';
import { HostPool } from '../../../src/api/host-pool.ts';
import { HostUsage } from '../../../src/api/host-usage.ts';
import { VirtualMachineInstance } from '../../../src/api/virtual-machine-instance.ts';
import { findCondition } from '../../../src/meta/conditions.ts';
import { Lease, Namespace, Node } from '../../../src/meta/core.ts';
import { readJournal } from '../../../src/sim/journal.ts';
import { simulationBench, type SimulationBench } from './bench.ts';

async function nodeNames({ person, during }: SimulationBench): Promise<string[]> {
  return (await during(person.list(Node))).items.map((node) => node.metadata.name).sort();
}

async function node({ person, during }: SimulationBench, name: string): Promise<Node> {
  return (await during(person.get(Node, { name }))) ?? assert.fail(`there is no Node ${name}`);
}

async function readyOf({ person, during }: SimulationBench, name: string) {
  const pool = await during(person.get(HostPool, { name }));
  return findCondition(pool?.status.conditions, 'Ready');
}

/** What the operator would write to place a VM. */
async function place({ person, during }: SimulationBench, vm: string, nodeName: string): Promise<void> {
  await during(person.apply(Namespace, { name: 'shop' }, {}, { fieldManager: 'person' }));
  await during(
    person.create(VirtualMachineInstance, {
      apiVersion: 'hypersphere.io/v1alpha1',
      kind: 'VirtualMachineInstance',
      metadata: { name: vm, namespace: 'shop' },
      spec: {
        virtualMachine: vm,
        virtualMachineUID: `uid-${vm}`,
        incarnation: 1,
        hostCluster: 'a',
        nodeName,
        powerState: 'PoweredOn',
        arbiter: { lease: vm },
        cpu: { cores: 1 },
        memory: { size: '1Gi' },
      },
    }),
  );
}

async function poolOf(replicas: number, template?: object): Promise<SimulationBench> {
  const bench = await simulationBench();
  await bench.makePool('rack', replicas, template);
  await bench.until(() => bench.poolIsReady('rack'));
  return bench;
}

/** Two hosts, of which the second has all that an agent would have made. */
async function hostsToGo(): Promise<SimulationBench> {
  const bench = await poolOf(2);
  const { person, during } = bench;
  await during(person.apply(Host, { name: 'rack-2' }, {}, { fieldManager: 'agent' }));
  await during(person.apply(HostUsage, { name: 'rack-2' }, {}, { fieldManager: 'agent' }));
  await during(person.apply(Namespace, { name: 'hypersphere-system' }, {}, { fieldManager: 'agent' }));
  await during(person.apply(Lease, { namespace: 'hypersphere-system', name: 'agent-rack-2' }, {}, { fieldManager: 'agent' }));
  bench.writes.length = 0;
  return bench;
}

/** The kinds of what is there still of a host. */
async function leftOf({ person, during }: SimulationBench, name: string): Promise<string[]> {
  const found = [
    await during(person.get(Node, { name })),
    await during(person.get(Host, { name })),
    await during(person.get(HostUsage, { name })),
    await during(person.get(Lease, { namespace: 'kube-node-lease', name })),
    await during(person.get(Lease, { namespace: 'hypersphere-system', name: `agent-${name}` })),
  ];
  return found.flatMap((object) => (object === undefined ? [] : [object.kind]));
}

describe('a host pool', () => {
  test('becomes hosts with Nodes and leases, and is Ready', async () => {
    const bench = await poolOf(3);
    assert.deepEqual(await nodeNames(bench), ['rack-1', 'rack-2', 'rack-3']);
    const leases = await bench.during(bench.person.list(Lease, { namespace: 'kube-node-lease' }));
    assert.deepEqual(leases.items.map((lease) => lease.metadata.name).sort(), ['rack-1', 'rack-2', 'rack-3']);
    const pool = await bench.during(bench.person.get(HostPool, { name: 'rack' }));
    assert.deepEqual([pool?.status.replicas, pool?.status.readyReplicas], [3, 3]);
    await bench.stop();
  });

  test('gives its Nodes what its template says', async () => {
    const taints = [{ key: 'noisy', effect: 'NoSchedule' }];
    const bench = await poolOf(1, { cores: 8, memory: '32G', labels: { rack: 'a' }, taints });
    const { metadata, spec, status } = await node(bench, 'rack-1');
    assert.equal(metadata.labels?.['rack'], 'a');
    assert.equal(metadata.labels['sim.hypersphere.io/pool'], 'rack');
    assert.deepEqual(spec?.taints?.map((taint) => taint.key).sort(), ['hypersphere.io/simulated', 'noisy']);
    assert.deepEqual([status?.allocatable?.['cpu'], status?.allocatable?.['pods']], ['8', '110']);
    assert.equal(status?.conditions?.find((condition) => condition.type === 'Ready')?.status, 'True');
    assert.deepEqual(
      bench
        .world()
        .truth()
        .hosts.map((host) => host.name),
      ['rack-1'],
    );
    assert.equal((await bench.during(bench.world().hostPort('rack-1').inventory())).memoryBytes, 32e9);
    await bench.stop();
  });

  test('at rest writes leases and nothing else, one a host each ten seconds (rule 7)', async () => {
    const bench = await poolOf(3);
    await bench.clock.advance(20_000);
    bench.writes.length = 0;
    await bench.clock.advance(600_000);
    assert.deepEqual(
      bench.writes.filter((write) => !write.includes('/leases/rack-')),
      [],
    );
    assert.equal(bench.writes.length, 3 * 60);
    await bench.stop();
  });

  test('leaves what users put on Nodes, through reboots and restarts (rule 8)', async () => {
    const bench = await poolOf(1, { labels: { rack: 'a' } });
    const mine = {
      metadata: { labels: { zone: 'x', rack: 'b' } },
      spec: { unschedulable: true, taints: [{ key: 'mine', effect: 'NoExecute' }] },
    };
    await bench.during(bench.person.patch(Node, { name: 'rack-1' }, mine));
    await bench.makeFault('outage', { type: 'PowerLoss', nodeName: 'rack-1', duration: '5s' });
    await bench.clock.advance(30_000);
    await bench.restart();
    await bench.until(() => bench.poolIsReady('rack'));
    await bench.clock.advance(30_000);
    const { metadata, spec } = await node(bench, 'rack-1');
    assert.deepEqual([metadata.labels?.['zone'], metadata.labels?.['rack']], ['x', 'b']);
    assert.equal(spec?.unschedulable, true);
    assert.deepEqual(spec.taints, mine.spec.taints);
    await bench.stop();
  });

  test('whose Node somebody deletes gets it back when the host boots, not before', async () => {
    const bench = await poolOf(2);
    await bench.during(bench.person.delete(Node, { name: 'rack-2' }));
    await bench.clock.advance(30_000);
    await bench.makeFault('cut', { type: 'ManagementPartition', nodeName: 'rack-2', duration: '5s' });
    await bench.clock.advance(30_000);
    assert.deepEqual(await nodeNames(bench), ['rack-1']);
    assert.match((await readyOf(bench, 'rack'))?.message ?? '', /1 of 2 hosts do not answer: rack-2 \(no Node\)/);
    await bench.makeFault('outage', { type: 'PowerLoss', nodeName: 'rack-2', duration: '5s' });
    await bench.until(() => bench.poolIsReady('rack'));
    assert.deepEqual(await nodeNames(bench), ['rack-1', 'rack-2']);
    await bench.stop();
  });

  test('whose Node gives way to a stranger’s leaves that alone, also when it goes (rule 8)', async () => {
    const bench = await poolOf(1);
    await bench.during(bench.person.delete(Node, { name: 'rack-1' }));
    bench.writes.length = 0;
    await bench.during(bench.person.create(Node, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'rack-1' } }));
    await bench.clock.advance(30_000);
    assert.equal((await readyOf(bench, 'rack'))?.reason, 'NameTaken');
    await bench.scale('rack', 0);
    await bench.until(() => bench.poolIsReady('rack'));
    assert.deepEqual(bench.world().truth().hosts, []);
    assert.deepEqual(await nodeNames(bench), ['rack-1']);
    assert.deepEqual(
      bench.writes.filter((write) => write.includes('/rack-1')),
      [],
    );
    await bench.stop();
  });

  test('writes nothing when nothing is new (rule 7)', async () => {
    const bench = await poolOf(2);
    await place(bench, 'web', 'rack-1');
    await bench.clock.advance(5000);
    bench.writes.length = 0;
    await bench.during(bench.person.delete(VirtualMachineInstance, { namespace: 'shop', name: 'web' }));
    await bench.clock.advance(5000);
    assert.deepEqual(
      bench.writes.filter((write) => /hostpools|nodes/.test(write)),
      [],
    );
    await bench.stop();
  });

  test('that meets a stranger’s Node of the same name leaves it alone and says so (rule 11)', async () => {
    const bench = await simulationBench();
    const stranger = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'rack-1', labels: { mine: 'yes' } } };
    await bench.during(bench.person.create(Node, stranger));
    await bench.makePool('rack', 2);
    await bench.until(async () => (await readyOf(bench, 'rack'))?.reason === 'NameTaken');
    assert.equal((await node(bench, 'rack-1')).metadata.labels?.['hypersphere.io/host'], undefined);
    await bench.scale('rack', 0);
    await bench.until(() => bench.poolIsReady('rack'));
    assert.deepEqual(await nodeNames(bench), ['rack-1']);
    await bench.stop();
  });
});

describe('a host pool that is scaled', () => {
  test('up gets more hosts, by a template that may have changed since', async () => {
    const bench = await poolOf(1, { cores: 8 });
    await bench.makePool('rack', 3, { cores: 4 });
    await bench.until(() => bench.poolIsReady('rack'));
    const cpus: unknown[] = [];
    for (const name of ['rack-1', 'rack-2', 'rack-3']) cpus.push((await node(bench, name)).status?.capacity?.['cpu']);
    assert.deepEqual(cpus, ['8', '4', '4']);
    await bench.restart();
    await bench.until(() => bench.poolIsReady('rack'));
    assert.equal((await bench.during(bench.world().hostPort('rack-1').inventory())).cores, 8);
    await bench.stop();
  });

  test('down loses the highest ordinals, with all that was theirs', async () => {
    const bench = await poolOf(4);
    assert.notEqual(await bench.during(bench.person.get(Host, { name: 'rack-4' })), undefined);
    bench.writes.length = 0;
    await bench.scale('rack', 2);
    await bench.clock.advance(1900);
    assert.deepEqual(
      [(await node(bench, 'rack-3')).spec?.unschedulable, (await node(bench, 'rack-2')).spec?.unschedulable],
      [true, undefined],
    );
    await bench.until(() => bench.poolIsReady('rack'));
    assert.deepEqual(
      bench.writes.filter((write) => write.startsWith('DELETE /api/v1/nodes')).map((write) => write.trim()),
      ['DELETE /api/v1/nodes/rack-4', 'DELETE /api/v1/nodes/rack-3'],
    );
    assert.deepEqual(await nodeNames(bench), ['rack-1', 'rack-2']);
    const leases = await bench.during(bench.person.list(Lease, { namespace: 'kube-node-lease' }));
    assert.deepEqual(leases.items.map((lease) => lease.metadata.name).sort(), ['rack-1', 'rack-2']);
    assert.equal(await bench.during(bench.person.get(Host, { name: 'rack-4' })), undefined);
    assert.deepEqual(
      bench
        .world()
        .truth()
        .hosts.map(({ name }) => name),
      ['rack-1', 'rack-2'],
    );
    await bench.clock.advance(60_000);
    assert.deepEqual(await nodeNames(bench), ['rack-1', 'rack-2']);
    await bench.stop();
  });

  test('down waits for hosts that have VMs, cordoned, and says which (rules 5 and 11)', async () => {
    const bench = await poolOf(3);
    await place(bench, 'web', 'rack-3');
    await bench.scale('rack', 1);
    await bench.until(async () => (await readyOf(bench, 'rack'))?.reason === 'HostsInUse');
    await bench.until(async () => (await nodeNames(bench)).length === 2);
    assert.deepEqual(await nodeNames(bench), ['rack-1', 'rack-3']);
    assert.equal((await node(bench, 'rack-3')).spec?.unschedulable, true);
    assert.equal((await readyOf(bench, 'rack'))?.message, 'hosts that should go are in use: rack-3 (shop/web)');
    assert.equal((await bench.during(bench.person.get(HostPool, { name: 'rack' })))?.status.replicas, 2);
    await bench.during(bench.person.delete(VirtualMachineInstance, { namespace: 'shop', name: 'web' }));
    await bench.until(() => bench.poolIsReady('rack'));
    assert.deepEqual(await nodeNames(bench), ['rack-1']);
    await bench.stop();
  });

  test('down and up again uncordons what it cordoned, and not what a user did', async () => {
    const bench = await poolOf(3);
    await place(bench, 'web', 'rack-3');
    await place(bench, 'db', 'rack-2');
    await bench.during(bench.person.patch(Node, { name: 'rack-2' }, { spec: { unschedulable: true } }));
    await bench.scale('rack', 1);
    await bench.until(async () => (await node(bench, 'rack-3')).spec?.unschedulable === true);
    assert.deepEqual((await node(bench, 'rack-2')).metadata.annotations, undefined);
    bench.writes.length = 0;
    await bench.scale('rack', 3);
    await bench.until(() => bench.poolIsReady('rack'));
    assert.deepEqual(
      bench.writes.filter((write) => write.includes('/nodes/')),
      ['PATCH /api/v1/nodes/rack-3 hypersphere-simulation'],
    );
    assert.equal((await node(bench, 'rack-3')).spec?.unschedulable, undefined);
    assert.equal((await node(bench, 'rack-2')).spec?.unschedulable, true);
    await bench.stop();
  });

  test('down believes what the server says, not what it heard last (rule 5)', async () => {
    const bench = await poolOf(2);
    await bench.scale('rack', 1);
    await bench.until(async () => (await node(bench, 'rack-2')).spec?.unschedulable === true);
    bench.watchDelayMs = 8000;
    await place(bench, 'web', 'rack-2');
    await bench.clock.advance(5000);
    assert.deepEqual(await nodeNames(bench), ['rack-1', 'rack-2']);
    await bench.stop();
  });

  test('down makes no host anew of which it hears late that it is gone', async () => {
    const bench = await poolOf(3);
    bench.watchDelayMs = 3000;
    await bench.scale('rack', 1);
    await bench.until(async () => (await nodeNames(bench)).length === 1);
    // The pool looks again before it hears of the first deletion.
    await bench.makePool('rack', 1, { cores: 2 });
    await bench.clock.advance(60_000);
    assert.deepEqual(await nodeNames(bench), ['rack-1']);
    const made = readJournal(bench.journal()).entries.flatMap((entry) => (entry.type === 'HostMade' ? [entry.host] : []));
    assert.deepEqual(made.sort(), ['rack-1', 'rack-2', 'rack-3']);
    await bench.stop();
  });

  test('goes on after its process died in the midst of it', async () => {
    const bench = await poolOf(3);
    await place(bench, 'web', 'rack-3');
    await bench.scale('rack', 1);
    await bench.until(async () => (await readyOf(bench, 'rack'))?.reason === 'HostsInUse');
    await bench.restart();
    await bench.clock.advance(10_000);
    assert.deepEqual(
      bench
        .world()
        .truth()
        .hosts.map(({ name, agentRunning }) => [name, agentRunning]),
      [
        ['rack-1', true],
        ['rack-3', true],
      ],
    );
    await bench.during(bench.person.delete(VirtualMachineInstance, { namespace: 'shop', name: 'web' }));
    await bench.until(() => bench.poolIsReady('rack'));
    assert.deepEqual(await nodeNames(bench), ['rack-1']);
    await bench.stop();
  });

  test('down leaves nothing of a host behind when deletes fail', async () => {
    const bench = await hostsToGo();
    const lost = new Set<string>();
    bench.loses = ({ method, path }) => method === 'DELETE' && !lost.has(path) && lost.add(path).has(path);
    await bench.scale('rack', 1);
    await bench.until(() => bench.poolIsReady('rack'));
    await bench.clock.advance(10_000);
    assert.ok(lost.has('/api/v1/nodes/rack-2'));
    assert.deepEqual(await leftOf(bench, 'rack-2'), []);
    await bench.stop();
  });

  test('down leaves nothing of a host behind when its process dies between two deletes', async () => {
    const bench = await hostsToGo();
    bench.loses = ({ method, path }) => method === 'DELETE' && path.endsWith('/hosts/rack-2');
    await bench.scale('rack', 1);
    await bench.until(() => Promise.resolve(bench.writes.some((write) => write.startsWith('DELETE'))));
    await bench.clock.advance(1000);
    await bench.restart();
    bench.loses = () => false;
    await bench.clock.advance(20_000);
    assert.deepEqual(await leftOf(bench, 'rack-2'), []);
    await bench.stop();
  });

  test('to 200 comes up, and down again, within a minute', async () => {
    const bench = await poolOf(8);
    await bench.scale('rack', 200);
    await bench.until(() => bench.poolIsReady('rack'), 60_000);
    assert.equal((await nodeNames(bench)).length, 200);
    await bench.scale('rack', 8);
    await bench.until(() => bench.poolIsReady('rack'), 60_000);
    assert.equal((await nodeNames(bench)).length, 8);
    await bench.stop();
  });
});

describe('a host pool that is deleted', () => {
  test('is there until its hosts are gone', async () => {
    const bench = await poolOf(2);
    await place(bench, 'web', 'rack-1');
    await bench.during(bench.person.delete(HostPool, { name: 'rack' }));
    await bench.clock.advance(20_000);
    assert.deepEqual(await nodeNames(bench), ['rack-1']);
    assert.equal((await readyOf(bench, 'rack'))?.reason, 'HostsInUse');
    await bench.during(bench.person.delete(VirtualMachineInstance, { namespace: 'shop', name: 'web' }));
    await bench.until(async () => (await bench.during(bench.person.get(HostPool, { name: 'rack' }))) === undefined);
    assert.deepEqual(await nodeNames(bench), []);
    assert.deepEqual(bench.world().truth().hosts, []);
    await bench.stop();
  });
});
