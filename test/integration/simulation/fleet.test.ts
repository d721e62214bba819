import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostCluster } from '../../../src/api/host-cluster.ts';
import { Host } from '../../../src/api/host.ts';
import { VirtualMachine } from '../../../src/api/virtual-machine.ts';
import { runAgent } from '../../../src/agent/agent.ts';
import { programVersion } from '../../../src/base/version.ts';
import { runOperator } from '../../../src/controllers/operator.ts';
import { runGc } from '../../../src/gc/run-gc.ts';
import { isTrue } from '../../../src/meta/conditions.ts';
import { Namespace } from '../../../src/meta/core.ts';
import { livesFrom } from '../../../src/sim/lives.ts';
import { simulationBench, type SimulationBench } from './bench.ts';

const by = { fieldManager: 'person' };

async function fleetOf(hosts: number, vms: readonly string[]): Promise<SimulationBench> {
  const bench = await simulationBench(({ name, port, controlPlane, runtime }) =>
    runAgent({ nodeName: name, host: port, controlPlane, runtime }),
  );
  const { controlPlane, person } = bench;
  void runOperator({ controlPlane, runtime: bench.runtime('operator'), identity: 'operator', version: 'test' }).done;
  void runGc(controlPlane, bench.runtime('gc'));
  for (const name of ['hypersphere-system', 'shop']) await bench.during(person.apply(Namespace, { name }, {}, by));
  const cluster = { spec: { hostSelector: {}, datastores: [{ name: 'shared', type: 'SharedDirectory', path: '/srv' }] } };
  await bench.during(person.apply(HostCluster, { name: 'a' }, cluster, by));
  await bench.makePool('rack', hosts);
  for (const name of vms) await makeVm(bench, name);
  await bench.until(() => allReady(bench, vms));
  return bench;
}

async function makeVm({ person, during }: SimulationBench, name: string): Promise<void> {
  const spec = { cpu: { cores: 1 }, memory: { size: '1Gi' }, disks: [{ name: 'root', size: '10Gi' }] };
  await during(person.apply(VirtualMachine, { namespace: 'shop', name }, { spec }, by));
}

async function vm({ person, during }: SimulationBench, name: string): Promise<VirtualMachine> {
  return (await during(person.get(VirtualMachine, { namespace: 'shop', name }))) ?? assert.fail(`there is no VM ${name}`);
}

async function allReady(bench: SimulationBench, names: readonly string[]): Promise<boolean> {
  for (const name of names) if (!isTrue((await vm(bench, name)).status.conditions, 'Ready')) return false;
  return true;
}

function lives(bench: SimulationBench): number {
  const { violations, lives: all } = livesFrom(bench.journal());
  assert.deepEqual(violations, []);
  return all.length;
}

describe('who asks the server', () => {
  test('says so with the version of the program: the simulation and the agents alike', async () => {
    const bench = await simulationBench(({ name, port, controlPlane, runtime }) =>
      runAgent({ nodeName: name, host: port, controlPlane, runtime }),
    );
    const askers = new Set<string | undefined>();
    bench.loses = ({ headers }) => {
      askers.add(headers['user-agent']);
      return false;
    };
    await bench.makePool('rack', 1);
    await bench.until(() => bench.poolIsReady('rack'));
    assert.deepEqual([...askers].sort(), [`hypersphere-agent/${programVersion}`, `hypersphere-simulation/${programVersion}`]);
    await bench.stop();
  });
});

describe('a fleet of simulated hosts', () => {
  test('AgentCrash: an agent that is back within its lease changes nothing', async () => {
    const bench = await fleetOf(2, ['web', 'db']);
    const before = lives(bench);
    const host = (await vm(bench, 'web')).status.nodeName ?? assert.fail();
    await bench.makeFault('crash', { type: 'AgentCrash', nodeName: host, duration: '20s' });
    for (let second = 0; second < 60; second++) {
      await bench.clock.advance(1000);
      assert.ok(await allReady(bench, ['web', 'db']));
    }
    assert.equal(lives(bench), before);
    await bench.stop();
  });

  test('PowerLoss: past the lease VM and Host are Unknown; when power returns the VM runs there again', async () => {
    const bench = await fleetOf(2, ['web']);
    const host = (await vm(bench, 'web')).status.nodeName ?? assert.fail();
    await bench.makeFault('outage', { type: 'PowerLoss', nodeName: host, duration: '2m' });
    await bench.clock.advance(46_000);
    const readyOf = (conditions: VirtualMachine['status']['conditions']): unknown =>
      conditions?.filter(({ type }) => type === 'Ready').map(({ status, reason }) => `${status} ${reason}`);
    assert.deepEqual(readyOf((await vm(bench, 'web')).status.conditions), ['Unknown HostUnreachable']);
    const unreachable = await bench.during(bench.person.get(Host, { name: host }));
    assert.deepEqual(readyOf(unreachable?.status.conditions), ['Unknown HostUnreachable']);
    await bench.clock.advance(74_000);
    await bench.until(() => allReady(bench, ['web']));
    assert.equal((await vm(bench, 'web')).status.nodeName, host);
    assert.equal(lives(bench), 2);
    await bench.stop();
  });

  test('the simulation dies again and again while VMs come and go: none runs twice (rule 1), and all run in the end (rule 2)', async () => {
    const bench = await fleetOf(3, ['vm-0', 'vm-1']);
    for (let round = 2; round < 12; round++) {
      await makeVm(bench, `vm-${String(round)}`);
      await bench.during(bench.person.delete(VirtualMachine, { namespace: 'shop', name: `vm-${String(round - 2)}` }));
      await bench.clock.advance(137 * round);
      await bench.restart();
    }
    await bench.until(() => allReady(bench, ['vm-10', 'vm-11']));
    await bench.until(async () => (await bench.during(bench.person.list(VirtualMachine))).items.length === 2);
    assert.ok(lives(bench) >= 2);
    const running = bench
      .world()
      .truth()
      .hosts.flatMap((host) => host.guests.map((guest) => guest.name));
    assert.deepEqual(running.sort(), ['vm-10', 'vm-11']);
    await bench.stop();
  });

  test('a scaled-down pool gives its hosts back once their VMs are gone', async () => {
    const bench = await fleetOf(3, ['web', 'db', 'cache']);
    await bench.scale('rack', 0);
    await bench.clock.advance(10_000);
    assert.ok(await allReady(bench, ['web', 'db', 'cache']));
    for (const name of ['web', 'db', 'cache']) await bench.during(bench.person.delete(VirtualMachine, { namespace: 'shop', name }));
    await bench.until(() => bench.poolIsReady('rack'));
    await bench.clock.advance(60_000);
    assert.deepEqual((await bench.during(bench.person.list(Host))).items, []);
    await bench.stop();
  });

  test('at rest nothing is written but leases and at most one HostUsage a host a minute (rule 7)', async () => {
    const bench = await fleetOf(3, ['web', 'db']);
    await bench.clock.advance(60_000);
    bench.writes.length = 0;
    await bench.clock.advance(600_000);
    const others = bench.writes.filter((write) => !write.includes('/leases/') && !write.includes('/hostusages'));
    assert.deepEqual(others, []);
    assert.ok(bench.writes.filter((write) => write.includes('/hostusages')).length <= 3 * 10);
    await bench.stop();
  });
});
