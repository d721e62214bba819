/** The only writer of a Conversation's status: pure. */
import { complete, ready } from '../../../api/common.ts';
import type { Conversation } from '../../../api/conversation.ts';
import { formatDuration, rfc3339 } from '../../../base/time.ts';
import { setCondition, type ConditionInput } from '../../../meta/conditions.ts';
import type { Seen } from './talk.ts';

/** So long nobody worries about an answer, milliseconds. */
const patienceMs = 1_000;

/** @param times wall clock, milliseconds. */
export function statusOf(
  { metadata, spec, status }: Conversation,
  seen: Seen,
  { startedAt, now, isOver }: { readonly startedAt: number; readonly now: number; readonly isOver: boolean },
): Conversation['status'] {
  const generation = metadata.generation ?? 0;
  const over: ConditionInput = isOver
    ? { type: complete, status: 'True', reason: 'Ended', message: `it lasted ${spec.duration}` }
    : { type: complete, status: 'False', reason: 'Active', message: 'it goes on' };
  const conditions = [readyOf(spec, seen), over].reduce((sum, one) => setCondition(sum, one, generation, now), status.conditions ?? []);
  return {
    observedGeneration: generation,
    startedAt: rfc3339(startedAt),
    ...(seen.host === undefined ? {} : { nodeName: seen.host }),
    answers: seen.answers,
    longestGap: formatDuration(Math.round(seen.longestGapMs)),
    contradictions: seen.contradictions.length,
    conditions,
  };
}

function readyOf({ virtualMachine, network = '' }: Conversation['spec'], seen: Seen): ConditionInput {
  const [contradiction] = seen.contradictions;
  if (contradiction !== undefined) return no('Contradicted', contradiction);
  if (seen.host === undefined) return no('NotRunning', `the VM ${virtualMachine} does not run`);
  if (seen.lacks === 'Disk') return no('NoDisk', `the VM ${virtualMachine} has no disk for a ledger`);
  if (seen.lacks === 'Network') return no('NoNetwork', `the VM ${virtualMachine} has no network ${network} with an address in one VLAN`);
  if (seen.answers === 0 || seen.gapMs > patienceMs) return no('Silent', `no answer comes from ${virtualMachine} on ${seen.host}`);
  return { type: ready, status: 'True', reason: 'Answered', message: `${virtualMachine} answers from ${seen.host}` };
}

function no(reason: string, message: string): ConditionInput {
  return { type: ready, status: 'False', reason, message };
}
