import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rfc3339 } from '../../base/time.ts';
import type { Pod } from '../../meta/core.ts';
import { endsIn, runningStatus } from './pod.ts';

const now = Date.parse('2026-03-01T12:00:00Z');

function pod(metadata: Partial<Pod['metadata']> = {}, status: Pod['status'] = { phase: 'Pending' }): Pod {
  const own = { name: 'p', namespace: 'shop', uid: 'u', resourceVersion: '1', creationTimestamp: rfc3339(now) };
  const spec = { nodeName: 'rack-a-1', containers: [{ name: 'main', image: 'pause' }] };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...own, ...metadata }, spec, status };
}

const deleted = (grace: number): Partial<Pod['metadata']> => ({
  deletionTimestamp: rfc3339(now + grace * 1000),
  deletionGracePeriodSeconds: grace,
});

describe('a Pod on a simulated host', () => {
  test('runs and is ready', () => {
    const status = runningStatus(pod(), now);
    assert.ok(status !== undefined && 'phase' in status && 'conditions' in status);
    assert.equal(status.phase, 'Running');
    assert.deepEqual(
      status.conditions,
      ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: rfc3339(now),
      })),
    );
  });

  test('is said to run once (rule 7), and again when somebody said otherwise', () => {
    const status = runningStatus(pod(), now) ?? {};
    assert.equal(runningStatus(pod({}, status), now + 1000), undefined);
    const conditions = [{ type: 'Ready', status: 'False', reason: 'NodeNotReady', message: '', lastTransitionTime: '' } as const];
    assert.notEqual(runningStatus(pod({}, { ...status, conditions }), now), undefined);
  });

  test('says what it runs with, so that it can be resized, and that it was, without a restart', () => {
    const requests = (cpu: string) => ({ resources: { requests: { cpu } } });
    const sized = (cpu: string, status?: Pod['status']) => {
      const made = pod({}, status);
      return { ...made, spec: { ...made.spec, containers: [{ name: 'main', image: 'pause', ...requests(cpu) }] } };
    };
    const first: Pod['status'] = runningStatus(sized('1'), now) ?? {};
    assert.deepEqual(first.containerStatuses?.[0]?.resources, { requests: { cpu: '1' } });
    assert.equal(runningStatus(sized('1', first), now), undefined);
    const second: Pod['status'] = runningStatus(sized('2', first), now + 60_000) ?? {};
    assert.deepEqual(second.containerStatuses?.[0]?.resources, { requests: { cpu: '2' } });
    assert.equal(second.containerStatuses[0].state?.running?.startedAt, first.containerStatuses[0].state?.running?.startedAt);
  });

  test('that has ended stays so', () => {
    assert.equal(runningStatus(pod({}, { phase: 'Succeeded' }), now), undefined);
    assert.equal(runningStatus(pod({}, { phase: 'Failed' }), now), undefined);
  });
});

describe('the end of a Pod on a simulated host', () => {
  test('comes a second after it was asked for, or when its grace is over if that is sooner', () => {
    assert.equal(endsIn(pod(deleted(30)), now), 1000);
    assert.equal(endsIn(pod(deleted(30)), now + 1000), 0);
    assert.equal(endsIn(pod(deleted(1)), now), 1000);
  });

  test('is not for one that nobody deleted, and is told once: what finalizers hold then is not the kubelet’s', () => {
    assert.equal(endsIn(pod(), now), undefined);
    assert.equal(endsIn(pod(deleted(0)), now), undefined);
  });
});
