import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HostPool } from '../../../api/host-pool.ts';
import { findCondition } from '../../../meta/conditions.ts';
import type { Node } from '../../../meta/core.ts';
import { hostName } from '../../host-names.ts';
import type { PoolHost } from './scope.ts';
import { statusOf, type HostPoolFinding } from './status.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const metadata = { uid: 'u', resourceVersion: '1', creationTimestamp: '', generation: 3 };
const node = (name: string): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { ...metadata, name } });

function pool(replicas: number, status: HostPool['status'] = {}): HostPool {
  const template = { cores: 16, memory: '64Gi', baselines: ['x86-64-v3' as const], guestBootTime: '4s', nic: '10G' };
  return {
    apiVersion: 'sim.hypersphere.io/v1alpha1',
    kind: 'HostPool',
    metadata: { ...metadata, name: 'rack' },
    spec: { replicas, template },
    status,
  };
}

/** A pool that wants `desired` hosts and has `there`. */
function finding(desired: number, there: number, change: Partial<HostPoolFinding> = {}, host: Partial<PoolHost> = {}): HostPoolFinding {
  const hosts = Array.from({ length: Math.max(desired, there) }, (_, index): PoolHost => {
    const name = hostName('rack', index + 1);
    return {
      name,
      pool: 'rack',
      ordinal: index + 1,
      surplus: index >= desired,
      node: node(name),
      virtualMachines: [],
      nameTaken: false,
      ...(index === 0 ? host : {}),
    };
  });
  const exists = (name: string): boolean => hosts.findIndex((one) => one.name === name) < there;
  return { scope: { pool: pool(desired), desired, hosts }, exists, answers: exists, obstacles: [], now, ...change };
}

function said(of: HostPoolFinding): string {
  const condition = findCondition(statusOf(of).conditions, 'Ready');
  return `${condition?.status ?? ''} ${condition?.reason ?? ''}: ${condition?.message ?? ''}`;
}

describe('the status of a HostPool', () => {
  test('is Ready when its hosts answer', () => {
    const status = statusOf(finding(2, 2));
    assert.deepEqual([status.replicas, status.readyReplicas, status.observedGeneration], [2, 2, 3]);
    assert.equal(said(finding(2, 2)), 'True HostsReady: 2 hosts are there and answer');
  });

  const cases: [string, HostPoolFinding, string][] = [
    ['a host is still coming', finding(2, 1), 'False HostsNotReady: 1 of 2 hosts do not answer: rack-2'],
    [
      'its Node was deleted',
      finding(1, 1, { answers: () => false }, { node: undefined }),
      'False HostsNotReady: 1 of 1 hosts do not answer: rack-1 (no Node)',
    ],
    ['one too many is going', finding(1, 2), 'False ScalingDown: hosts are being taken away: rack-2'],
    [
      'one too many has VMs',
      finding(1, 2, { obstacles: [{ host: 'rack-2', by: 'VirtualMachines', virtualMachines: ['a/1', 'a/2', 'a/3', 'a/4'] }] }),
      'False HostsInUse: hosts that should go are in use: rack-2 (a/1, a/2, a/3 and 1 more)',
    ],
    [
      'a stranger has the name',
      finding(1, 0, {}, { nameTaken: true }),
      'False NameTaken: Nodes of these names are there already, and are not of this pool: rack-1',
    ],
  ];
  for (const [name, of, words] of cases) {
    test(`says why it is not (rule 11): ${name}`, () => {
      assert.equal(said(of), words);
    });
  }

  test('counts what is there, wanted or not, and as ready only what is wanted', () => {
    const { replicas, readyReplicas } = statusOf(finding(1, 3));
    assert.deepEqual([replicas, readyReplicas], [3, 1]);
  });

  test('is Stalled only as long as a name is taken', () => {
    const taken = statusOf(finding(1, 0, {}, { nameTaken: true }));
    assert.equal(findCondition(taken.conditions, 'Stalled')?.status, 'True');
    const of = finding(1, 1);
    const after = statusOf({ ...of, scope: { ...of.scope, pool: pool(1, taken) } });
    assert.equal(findCondition(after.conditions, 'Stalled'), undefined);
  });

  test('said again later is the same (rule 7)', () => {
    const of = finding(2, 1);
    const first = statusOf(of);
    assert.deepEqual(statusOf({ ...of, now: now + 60_000, scope: { ...of.scope, pool: pool(2, first) } }), first);
  });
});
