/** What several statuses say in the same way. */
import { ready, stalled } from '../api/common.ts';
import type { ConditionInput } from '../meta/conditions.ts';

/** Nobody needs to help. */
export const progressing: ConditionInput = { type: stalled, status: 'False', reason: 'Progressing', message: 'nobody needs to help' };

/** It is not as it should be, and only a person can help. */
export function stuck(reason: string, message: string): ConditionInput[] {
  return [
    { type: ready, status: 'False', reason, message },
    { type: stalled, status: 'True', reason, message },
  ];
}

/** At most five names, so that a message stays readable. */
export function some(names: readonly string[]): string {
  const more = names.length > 5 ? ` and ${String(names.length - 5)} more` : '';
  return names.slice(0, 5).join(', ') + more;
}
