/** What a Host says of its evacuation: pure. */
import { evacuated } from '../api/host.ts';
import type { ConditionInput } from '../meta/conditions.ts';
import type { Step } from './maintenance-occupant.ts';

/** One VM of the host, by `namespace/name`, and what becomes of it. */
export interface Fate {
  readonly name: string;
  readonly step: Step;
}

/** How many VMs are named in words. */
const namedAtMost = 5;

const going: ReadonlySet<Step['do']> = new Set(['leave', 'migrate', 'powerOff', 'stepAside']);

/** Equal input gives equal words, without time stamps; figures change as VMs leave. */
export function verdictOf(fates: readonly Fate[]): ConditionInput {
  const byName = [...fates].sort((a, b) => (a.name < b.name ? -1 : 1));
  const leaving = byName.filter(({ step }) => going.has(step.do)).length;
  const queued = byName.filter(({ step }) => step.do === 'queue').length;
  const stuck = byName.flatMap(({ name, step }) => (step.do === 'stuck' ? [`${name}: ${step.why}`] : []));
  const asleep = byName.filter(({ step }) => step.do === 'sleep').map(({ name }) => name);
  if (leaving + queued + stuck.length === 0) return say('True', 'Empty', [emptyWords(byName), sleepWords(asleep)]);
  const under = [...(leaving > 0 ? [vms(leaving, 'leaves', 'leave')] : []), ...(queued > 0 ? [waitWords(queued)] : [])];
  const words = [under.join(', '), stuckWords(stuck), sleepWords(asleep)];
  return say('False', leaving + queued > 0 ? 'Evacuating' : 'Blocked', words);
}

/** Another planned change has the host. */
export function waitingFor(claimant: string): ConditionInput {
  return say('False', 'Claimed', [`nothing leaves yet: the host is claimed for ${claimant.toLowerCase()}`]);
}

/** Nobody knows what runs on it, and nothing can be asked of it. */
export function unreachable(count: number): ConditionInput {
  return say('False', 'HostUnreachable', [`its agent does not answer; ${vms(count, 'is', 'are')} known to be on it`]);
}

function say(status: 'True' | 'False', reason: string, words: readonly string[]): ConditionInput {
  return { type: evacuated, status, reason, message: words.filter((part) => part !== '').join('; ') };
}

function vms(count: number, one: string, many: string): string {
  return count === 1 ? `1 VM ${one}` : `${String(count)} VMs ${many}`;
}

function waitWords(queued: number): string {
  return `${String(queued)} ${queued === 1 ? 'waits its' : 'wait their'} turn`;
}

function emptyWords(fates: readonly Fate[]): string {
  const staying = fates.filter(({ step }) => step.do === 'stay').length;
  return staying === 0 ? 'no VM runs on it' : `no VM that should leave runs on it; ${vms(staying, 'tolerates', 'tolerate')} its taints`;
}

function stuckWords(stuck: readonly string[]): string {
  return stuck.length === 0 ? '' : `${vms(stuck.length, 'cannot leave', 'cannot leave')}: ${listed(stuck)}`;
}

function sleepWords(asleep: readonly string[]): string {
  const keep = asleep.length === 1 ? 'is suspended, and its memory stays on it' : 'are suspended, and their memory stays on it';
  return asleep.length === 0 ? '' : `${vms(asleep.length, keep, keep)}: ${listed(asleep)}`;
}

function listed(names: readonly string[]): string {
  const rest = names.length - namedAtMost;
  return [...names.slice(0, namedAtMost), ...(rest > 0 ? [`and ${String(rest)} more`] : [])].join(', ');
}
