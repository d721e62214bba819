import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { arbiterContract } from '../../test/contract/arbiter.ts';
import { apiServer } from '../apiserver/server.ts';
import { seededRandom } from '../base/random.ts';
import { client } from '../kube/client.ts';
import { testRuntime } from '../kube/test-support.ts';
import { ConnectionLost, type ControlPlane } from '../meta/control-plane.ts';
import { Namespace } from '../meta/core.ts';
import type { Arbiter } from '../ports/arbiter.ts';
import { isPortError } from '../ports/errors.ts';
import { memoryDisk } from '../sim/disk.ts';
import { heldLeases, leaseArbiter } from './lease-arbiter.ts';

interface Bench {
  readonly runtime: ReturnType<typeof testRuntime>;
  readonly controlPlane: ControlPlane;
  /** @param through the way to the API server. */
  arbiter(host: string, vm: string, through?: ControlPlane): Arbiter;
}

async function bench(): Promise<Bench> {
  const runtime = testRuntime();
  const users = new Map([['secret', { username: 'test', groups: ['system:masters'] }]]);
  const server = await apiServer({ runtime, tokens: users, disk: memoryDisk({ random: seededRandom(7) }).mount() });
  const controlPlane: ControlPlane = (request, signal) =>
    server.handler({ ...request, headers: { ...request.headers, authorization: 'Bearer secret' } }, signal);
  const hand = (way: ControlPlane) => client(way, runtime, { userAgent: 'agent', fieldManager: 'agent' });
  await hand(controlPlane).apply(Namespace, { name: 'shop' }, {}, { fieldManager: 'agent' });
  return {
    runtime,
    controlPlane,
    arbiter: (nodeName, uid, through = controlPlane) =>
      leaseArbiter(hand(through), { vm: { uid, namespace: 'shop', name: uid }, name: `vm-${uid}`, nodeName }),
  };
}

arbiterContract('a Lease', async () => {
  const { runtime, controlPlane, arbiter } = await bench();
  const hand = client(controlPlane, runtime, { userAgent: 'agent', fieldManager: 'agent' });
  return {
    at: arbiter,
    held: async (host) => (await heldLeases(hand, host)).map(({ place, holder }) => ({ vm: place.vm.uid, holder })),
    dispose: () => Promise.resolve(),
  };
});

describe('a hand-over whose answer is lost', () => {
  const target = { holder: 'target', host: 'b' };
  const isUnreachable = (error: unknown): boolean => isPortError(error, 'Unreachable');

  test('and that is on its way still: fails once its holder has confirmed (rule 1)', async () => {
    const { arbiter, controlPlane } = await bench();
    await arbiter('a', 'vm').testAndSet('vm', undefined, 'source');
    await arbiter('a', 'vm').confirm('vm', 'source');
    const arrived = Promise.withResolvers<undefined>();
    const goOn = Promise.withResolvers<undefined>();
    const late: ControlPlane = async (request, signal) => {
      if (request.method !== 'PUT') return controlPlane(request, signal);
      arrived.resolve(undefined);
      await goOn.promise;
      return controlPlane(request, signal);
    };
    const handing = arbiter('a', 'vm', late).handOver('vm', 'source', target);
    await arrived.promise;
    // The next agent of the host: once, and again, since its own answers may be lost too.
    assert.deepEqual(await arbiter('a', 'vm').confirm('vm', 'source'), { won: true, holder: 'source' });
    goOn.resolve(undefined);
    assert.deepEqual(await handing, { won: false, holder: 'source' });
    assert.equal(await arbiter('b', 'vm').holder('vm'), 'source');
  });

  test('and that was done: is found by whoever confirms', async () => {
    const { arbiter, controlPlane } = await bench();
    await arbiter('a', 'vm').testAndSet('vm', undefined, 'source');
    const mute: ControlPlane = async (request, signal) => {
      const answer = await controlPlane(request, signal);
      if (request.method === 'PUT') throw new ConnectionLost('reset');
      return answer;
    };
    await assert.rejects(arbiter('a', 'vm', mute).handOver('vm', 'source', target), isUnreachable);
    assert.deepEqual(await arbiter('a', 'vm').confirm('vm', 'source'), { won: false, holder: 'target' });
  });

  test('and that was not done: its holder may try again', async () => {
    const { arbiter, controlPlane } = await bench();
    await arbiter('a', 'vm').testAndSet('vm', undefined, 'source');
    const deaf: ControlPlane = (request, signal) =>
      request.method === 'PUT' ? Promise.reject(new ConnectionLost('reset')) : controlPlane(request, signal);
    await assert.rejects(arbiter('a', 'vm', deaf).handOver('vm', 'source', target), isUnreachable);
    assert.deepEqual(await arbiter('a', 'vm').confirm('vm', 'source'), { won: true, holder: 'source' });
    assert.deepEqual(await arbiter('a', 'vm').handOver('vm', 'source', target), { won: true, holder: 'target' });
  });
});

describe('a succession that is on its way still', () => {
  const succession = async (before: 'nobody' | 'again'): Promise<void> => {
    const { arbiter, controlPlane } = await bench();
    await arbiter('a', 'vm').testAndSet('vm', undefined, 'primary');
    await arbiter('a', 'vm').appoint('vm', 'primary', 'shadow');
    const arrived = Promise.withResolvers<undefined>();
    const goOn = Promise.withResolvers<undefined>();
    const late: ControlPlane = async (request, signal) => {
      if (request.method !== 'PUT') return controlPlane(request, signal);
      arrived.resolve(undefined);
      await goOn.promise;
      return controlPlane(request, signal);
    };
    const succeeding = arbiter('b', 'vm', late).succeed('vm', 'shadow', 'b');
    await arrived.promise;
    const heir = before === 'nobody' ? undefined : 'shadow';
    assert.deepEqual(await arbiter('a', 'vm').appoint('vm', 'primary', heir), { won: true, holder: 'primary' });
    goOn.resolve(undefined);
    assert.deepEqual(await succeeding, { won: false, holder: 'primary' });
  };

  test('fails once its holder has appointed nobody (rule 1)', () => succession('nobody'));
  test('and once it has appointed the same heir anew', () => succession('again'));
});
