import { rfc3339 } from '../base/time.ts';
import type { Condition } from './objects.ts';

/** A condition as a controller decides it: without the times, which `setCondition` keeps. */
export type ConditionInput = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** The condition of `type`, if there. */
export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** True when the condition of `type` is there and `True`. */
export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/**
 * `conditions` with `input` in place of the one of its type. `lastTransitionTime` moves only when `status` changes, so an equal decision
 * gives equal conditions (rule 7).
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  input: ConditionInput,
  generation: number,
  now: number,
): Condition[] {
  const before = findCondition(conditions, input.type);
  const lastTransitionTime = before?.status === input.status ? before.lastTransitionTime : rfc3339(now);
  const after: Condition = { ...input, observedGeneration: generation, lastTransitionTime };
  if (before === undefined) return [...(conditions ?? []), after];
  return (conditions ?? []).map((condition) => (condition.type === input.type ? after : condition));
}
