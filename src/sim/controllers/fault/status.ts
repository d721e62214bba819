/** The only writer of a Fault's status: pure. */
import { complete, failed, ready, stalled } from '../../../api/common.ts';
import type { Fault } from '../../../api/fault.ts';
import { rfc3339 } from '../../../base/time.ts';
import { setCondition, type ConditionInput } from '../../../meta/conditions.ts';
import type { FaultScope, Times } from './scope.ts';

/** What has become of a fault. */
export type FaultOutcome =
  /** It is on. */
  | { readonly is: 'Active'; readonly times: Times }
  /** It is on as soon as its host is there. */
  | { readonly is: 'Waiting'; readonly host: string }
  | { readonly is: 'Complete'; readonly reason: 'Ended' | 'TargetGone'; readonly message: string }
  | { readonly is: 'Failed'; readonly reason: 'HostNotFound' | 'VirtualMachineNotRunning' | 'NoTarget'; readonly message: string };

export function statusOf({ begun, fault, now }: FaultScope, outcome: FaultOutcome): Fault['status'] {
  const { metadata, status } = fault;
  // After a restart of the process hosts come back one by one: what has begun is as it was.
  if (outcome.is === 'Waiting' && begun !== undefined) return status;
  const generation = metadata.generation ?? 0;
  const conditions = conditionsOf(outcome).reduce(
    (sum, condition) => setCondition(sum, condition, generation, now),
    status.conditions ?? [],
  );
  return { ...status, ...timesOf(outcome), observedGeneration: generation, conditions };
}

function timesOf(outcome: FaultOutcome): Pick<Fault['status'], 'startedAt' | 'endsAt'> {
  if (outcome.is !== 'Active') return {};
  const { startedAt, endsAt } = outcome.times;
  return { startedAt: rfc3339(startedAt), ...(endsAt === undefined ? {} : { endsAt: rfc3339(endsAt) }) };
}

function conditionsOf(outcome: FaultOutcome): ConditionInput[] {
  switch (outcome.is) {
    case 'Active':
      return conditions('True', 'Active', 'it is on', {});
    case 'Waiting':
      return conditions('False', 'WaitingForHost', `host ${outcome.host} is not made yet`, {});
    case 'Complete':
      return conditions('True', outcome.reason, outcome.message, { complete: true });
    case 'Failed': {
      const { reason, message } = outcome;
      return [...conditions('False', reason, message, { failed: true }), { type: stalled, status: 'True', reason, message }];
    }
  }
}

function conditions(
  readyStatus: ConditionInput['status'],
  reason: string,
  message: string,
  end: { readonly complete?: true; readonly failed?: true },
): ConditionInput[] {
  return [
    { type: ready, status: readyStatus, reason, message },
    { type: complete, status: end.complete === true ? 'True' : 'False', reason, message },
    { type: failed, status: end.failed === true ? 'True' : 'False', reason, message },
  ];
}
