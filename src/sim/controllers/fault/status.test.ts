import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Fault } from '../../../api/fault.ts';
import { isTrue } from '../../../meta/conditions.ts';
import type { FaultScope } from './scope.ts';
import { statusOf, type FaultOutcome } from './status.ts';

const now = Date.parse('2026-03-01T12:00:00Z');

function scope(status: Fault['status'] = {}): FaultScope {
  const metadata = { name: 'f', uid: 'u', resourceVersion: '1', creationTimestamp: '', generation: 1 };
  const spec = { type: 'PowerLoss', nodeName: 'rack-a-1', duration: '10m' } as const;
  const fault: Fault = { apiVersion: 'sim.hypersphere.io/v1alpha1', kind: 'Fault', metadata, spec, status };
  return { fault, deleting: false, over: false, what: undefined, begun: undefined, active: undefined, now };
}

const outcomes: [FaultOutcome, string[]][] = [
  [{ is: 'Active', times: { startedAt: now, endsAt: now + 600_000 } }, ['Ready']],
  [{ is: 'Waiting', host: 'rack-a-1' }, []],
  [{ is: 'Complete', reason: 'Ended', message: 'it is over' }, ['Ready', 'Complete']],
  [{ is: 'Failed', reason: 'HostNotFound', message: 'there is no simulated host rack-a-1' }, ['Failed', 'Stalled']],
];

describe('the status of a Fault', () => {
  for (const [outcome, wanted] of outcomes) {
    test(`${outcome.is}: true is ${wanted.join(' and ') || 'nothing'}`, () => {
      const { conditions, observedGeneration } = statusOf(scope(), outcome);
      const found = ['Ready', 'Complete', 'Failed', 'Stalled'].filter((type) => isTrue(conditions, type));
      assert.deepEqual(found, wanted);
      assert.equal(observedGeneration, 1);
      for (const condition of conditions ?? []) assert.ok(condition.reason !== '' && condition.message !== '');
    });

    test(`${outcome.is}: said again later it is the same (rule 7)`, () => {
      const first = statusOf(scope(), outcome);
      assert.deepEqual(statusOf({ ...scope(first), now: now + 60_000 }, outcome), first);
    });
  }

  test('one that has begun is said to be on while its host comes back', () => {
    const times = { startedAt: now, endsAt: now + 600_000 };
    const active = statusOf(scope(), { is: 'Active', times });
    assert.deepEqual(statusOf({ ...scope(active), begun: times }, { is: 'Waiting', host: 'rack-a-1' }), active);
  });

  test('says when it began and when it ends, and still does when it is over', () => {
    const active = statusOf(scope(), { is: 'Active', times: { startedAt: now, endsAt: now + 600_000 } });
    assert.deepEqual([active.startedAt, active.endsAt], ['2026-03-01T12:00:00Z', '2026-03-01T12:10:00Z']);
    const over = statusOf(scope(active), { is: 'Complete', reason: 'Ended', message: 'it is over' });
    assert.deepEqual([over.startedAt, over.endsAt], [active.startedAt, active.endsAt]);
  });
});
