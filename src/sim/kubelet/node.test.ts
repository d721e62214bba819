import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Node } from '../../meta/core.ts';
import type { HostState } from '../world/world.ts';
import { nodeOf, nodeStatusOf, type NodeStatus } from './node.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const later = now + 60_000;
const hardware = { name: 'rack-a-1', cores: 16, memoryBytes: 64 * 2 ** 30, guestBootMs: 4000, nicBitsPerSecond: 1e10 };
const host: HostState = { hardware, running: true, connected: true, agentRunning: true, bootId: 'boot-1' };
const template = { name: 'rack-a-1', pool: 'rack-a', labels: { rack: 'a' }, taints: [{ key: 'noisy', effect: 'NoExecute' as const }] };

describe('the Node that a simulated host registers', () => {
  const node = nodeOf(template, host, now);

  test('has the labels and taints of its template, and those that say what it is', () => {
    assert.deepEqual(node.metadata.labels, {
      rack: 'a',
      'kubernetes.io/hostname': 'rack-a-1',
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      'hypersphere.io/host': 'true',
      'sim.hypersphere.io/pool': 'rack-a',
    });
    assert.deepEqual(node.spec?.taints, [
      { key: 'hypersphere.io/simulated', effect: 'NoSchedule' },
      { key: 'noisy', effect: 'NoExecute' },
    ]);
  });

  test('cannot be made another by its template', () => {
    const stubborn = { ...template, labels: { 'kubernetes.io/hostname': 'x', 'hypersphere.io/host': 'false' }, taints: [] };
    const { labels } = nodeOf(stubborn, host, now).metadata;
    assert.equal(labels?.['kubernetes.io/hostname'], 'rack-a-1');
    assert.equal(labels['hypersphere.io/host'], 'true');
  });
});

describe('the status that a simulated kubelet posts', () => {
  const first = nodeStatusOf('rack-a-1', host, undefined, now);
  const conditionOf = (status: NodeStatus, type: string) => status.conditions?.find((condition) => condition.type === type);

  test('says what the host has, where it is, and that it is well', () => {
    assert.deepEqual(first.capacity, { cpu: '16', memory: '64Gi', pods: '110' });
    assert.deepEqual(first.allocatable, first.capacity);
    assert.deepEqual(first.addresses?.at(-1), { type: 'Hostname', address: 'rack-a-1' });
    assert.deepEqual(conditionOf(first, 'Ready'), {
      type: 'Ready',
      status: 'True',
      reason: 'KubeletReady',
      message: 'kubelet is posting ready status',
      lastHeartbeatTime: '2026-03-01T12:00:00Z',
      lastTransitionTime: '2026-03-01T12:00:00Z',
    });
    assert.equal(first.nodeInfo?.bootID, 'boot-1');
  });

  const unchanged: [string, NodeStatus][] = [
    ['time passes (rule 7)', first],
    ['another adds a condition and an address', withMore(first)],
    [
      'the server writes quantities in its own form',
      { ...first, capacity: { cpu: '16', memory: '65536Mi', pods: '110', 'x.io/gpu': '1' } },
    ],
  ];
  for (const [name, before] of unchanged) {
    test(`stays as it is when ${name}`, () => {
      assert.equal(nodeStatusOf('rack-a-1', host, before, later), before);
    });
  }

  test('takes back what was said while it was silent', () => {
    const silent: Node['status'] = {
      ...first,
      conditions: (first.conditions ?? []).map((condition) => ({ ...condition, status: 'Unknown', reason: 'NodeStatusUnknown' })),
    };
    const after = nodeStatusOf('rack-a-1', host, silent, later);
    assert.equal(conditionOf(after, 'Ready')?.status, 'True');
    assert.equal(conditionOf(after, 'Ready')?.lastTransitionTime, '2026-03-01T12:01:00Z');
  });

  test('tells of another boot, and of other hardware, without a transition of what stayed', () => {
    const grown = { ...host, bootId: 'boot-2', hardware: { ...hardware, cores: 32 } };
    const after = nodeStatusOf('rack-a-1', grown, first, later);
    assert.equal(after.nodeInfo?.bootID, 'boot-2');
    assert.equal(after.capacity?.cpu, '32');
    assert.equal(conditionOf(after, 'Ready')?.lastTransitionTime, '2026-03-01T12:00:00Z');
  });
});

function withMore(status: NodeStatus): NodeStatus {
  const network = { type: 'NetworkUnavailable', status: 'False', reason: 'X', message: '', lastTransitionTime: '' } as const;
  return {
    ...status,
    conditions: [network, ...(status.conditions ?? [])],
    addresses: [...(status.addresses ?? []), { type: 'ExternalIP', address: '192.0.2.1' }],
  };
}
