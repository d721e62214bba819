import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isTrue } from '../../../src/meta/conditions.ts';
import { Node, Pod } from '../../../src/meta/core.ts';
import { simulationBench, type SimulationBench } from './bench.ts';

async function rack(): Promise<SimulationBench> {
  const bench = await simulationBench();
  await bench.makePool('rack', 2);
  await bench.until(() => bench.poolIsReady('rack'));
  return bench;
}

async function makePod({ person, during }: SimulationBench, name: string, nodeName: string, more: object = {}): Promise<void> {
  const metadata = { name, namespace: 'default', ...more };
  const spec = { nodeName, terminationGracePeriodSeconds: 30, containers: [{ name: 'main', image: 'pause' }] };
  await during(person.create(Pod, { apiVersion: 'v1', kind: 'Pod', metadata, spec }));
}

function podOf({ person, during }: SimulationBench, name: string): Promise<Pod | undefined> {
  return during(person.get(Pod, { namespace: 'default', name }));
}

async function isReady(bench: SimulationBench, name: string): Promise<boolean> {
  const pod = await podOf(bench, name);
  return pod?.status?.phase === 'Running' && isTrue(pod.status.conditions, 'Ready');
}

describe('a Pod on a simulated host', () => {
  test('runs, and ends when it is deleted', async () => {
    const bench = await rack();
    await makePod(bench, 'p', 'rack-1');
    await bench.until(() => isReady(bench, 'p'));
    await bench.during(bench.person.delete(Pod, { namespace: 'default', name: 'p' }));
    assert.notEqual((await podOf(bench, 'p'))?.metadata.deletionTimestamp, undefined);
    await bench.clock.advance(2000);
    assert.equal(await podOf(bench, 'p'), undefined);
    await bench.stop();
  });

  test('with a finalizer has ended, and is there until somebody lets it go', async () => {
    const bench = await rack();
    await makePod(bench, 'p', 'rack-1', { finalizers: ['hypersphere.io/evacuated'] });
    await bench.until(() => isReady(bench, 'p'));
    await bench.during(bench.person.delete(Pod, { namespace: 'default', name: 'p' }));
    await bench.clock.advance(2000);
    assert.equal((await podOf(bench, 'p'))?.metadata.deletionGracePeriodSeconds, 0);
    bench.writes.length = 0;
    await bench.clock.advance(60_000);
    assert.deepEqual(
      bench.writes.filter((write) => write.includes('/pods/')),
      [],
    );
    await bench.during(bench.person.patch(Pod, { namespace: 'default', name: 'p' }, { metadata: { finalizers: [] } }));
    assert.equal(await podOf(bench, 'p'), undefined);
    await bench.stop();
  });

  test('keeps what others say of it', async () => {
    const bench = await rack();
    await makePod(bench, 'p', 'rack-1');
    await bench.until(() => isReady(bench, 'p'));
    const target = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: '',
      lastTransitionTime: '2026-03-01T12:00:00Z',
    };
    const notReady = { type: 'Ready', status: 'False', reason: 'NodeNotReady', message: '', lastTransitionTime: '2026-03-01T12:00:00Z' };
    const status = { conditions: [target, notReady] };
    await bench.during(
      bench.person.apply(Pod, { namespace: 'default', name: 'p' }, { status }, { fieldManager: 'other', subresource: 'status' }),
    );
    await bench.until(() => isReady(bench, 'p'));
    assert.ok(isTrue((await podOf(bench, 'p'))?.status?.conditions, 'DisruptionTarget'));
    await bench.stop();
  });

  test('waits while its host has no power', async () => {
    const bench = await rack();
    await makePod(bench, 'old', 'rack-1');
    await bench.until(() => isReady(bench, 'old'));
    await bench.makeFault('outage', { type: 'PowerLoss', nodeName: 'rack-1', duration: '1m' });
    await bench.clock.advance(1000);
    await makePod(bench, 'new', 'rack-1');
    await bench.during(bench.person.delete(Pod, { namespace: 'default', name: 'old' }));
    await bench.clock.advance(50_000);
    assert.equal(await isReady(bench, 'new'), false);
    assert.notEqual(await podOf(bench, 'old'), undefined);
    await bench.until(() => isReady(bench, 'new'));
    await bench.until(async () => (await podOf(bench, 'old')) === undefined);
    await bench.stop();
  });

  test('elsewhere is none of its', async () => {
    const bench = await rack();
    await makePod(bench, 'p', 'another');
    await bench.clock.advance(10_000);
    assert.equal(await isReady(bench, 'p'), false);
    await bench.stop();
  });
});

describe('a Node of a simulated host', () => {
  test('is posted anew when it was said to be lost and is back, and not while it is lost', async () => {
    const bench = await rack();
    await bench.makeFault('cut', { type: 'ManagementPartition', nodeName: 'rack-1', duration: '1m' });
    await bench.clock.advance(1000);
    const lost = ['Ready', 'MemoryPressure'].map((type) => ({
      type,
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
      lastTransitionTime: '2026-03-01T12:00:10Z',
    }));
    await bench.during(
      bench.person.apply(Node, { name: 'rack-1' }, { status: { conditions: lost } }, { fieldManager: 'life-cycle', subresource: 'status' }),
    );
    const ready = async (): Promise<string | undefined> => {
      const node = await bench.during(bench.person.get(Node, { name: 'rack-1' }));
      return node?.status?.conditions?.find((condition) => condition.type === 'Ready')?.status;
    };
    await bench.clock.advance(50_000);
    assert.equal(await ready(), 'Unknown');
    await bench.until(async () => (await ready()) === 'True');
    await bench.stop();
  });
});
