/** The only writer of a HostProfile's status: pure. */
import { ready, stalled } from '../../api/common.ts';
import { conflicting, type HostProfile, type HostProfileStatus } from '../../api/host-profile.ts';
import { stageOf, type HostStage } from '../../domain/rollout-host.ts';
import type { Course } from '../../domain/rollout.ts';
import { setCondition, type ConditionInput } from '../../meta/conditions.ts';
import type { Condition } from '../../meta/objects.ts';
import type { Selected } from './scope.ts';

const listedAtMost = 10;

export function statusOf(profile: HostProfile, selected: readonly Selected[], course: Course, now: number): HostProfileStatus {
  const { name, generation = 0 } = profile.metadata;
  const staged = selected.map((one) => ({ ...one, stage: stageOf(one.fact, name) }));
  const notCompliant = staged.filter(({ stage }) => stage !== 'Compliant').sort((a, b) => (a.fact.name < b.fact.name ? -1 : 1));
  let conditions: Condition[] = profile.status.conditions ?? [];
  for (const input of [...verdict(course), conflictOf(selected)]) conditions = setCondition(conditions, input, generation, now);
  const count = (...stages: readonly HostStage[]): number => staged.filter(({ stage }) => stages.includes(stage)).length;
  const left = (impact: string): number =>
    staged.filter(({ stage, fact }) => (stage === 'Pending' || stage === 'Emptying' || stage === 'Working') && fact.said?.impact === impact)
      .length;
  const unknown = count('Unknown', 'Looking', 'Lost');
  const compliant = count('Compliant');
  return {
    observedGeneration: generation,
    hosts: { total: staged.length, compliant, nonCompliant: staged.length - compliant - unknown, unknown },
    plan: { none: left('None'), maintenance: left('Maintenance'), reboot: left('Reboot'), refused: count('Refused') },
    rollout: course.rollout,
    notCompliant: notCompliant.slice(0, listedAtMost).map(outlierOf),
    conditions,
  };
}

type Outlier = NonNullable<HostProfileStatus['notCompliant']>[number];

function outlierOf({ fact, stage }: { readonly fact: Selected['fact']; readonly stage: HostStage }): Outlier {
  const { name: host, said } = fact;
  if (stage === 'Unknown' || stage === 'Lost')
    return { host, state: 'Unknown', message: fact.answers ? (said?.message ?? 'it has not looked yet') : 'its agent does not answer' };
  if (stage === 'Looking' || said === undefined) return { host, state: 'Unknown', message: 'it has not looked yet' };
  return { host, state: 'NonCompliant', since: said.since, message: said.message };
}

function verdict({ reason, message, stalled: isStalled }: Course): ConditionInput[] {
  const helped = { type: stalled, status: 'False', reason: 'Progressing', message: 'nobody needs to help' } as const;
  if (reason === undefined) return [{ type: ready, status: 'True', reason: 'Compliant', message }, helped];
  const said: ConditionInput = { type: ready, status: 'False', reason, message };
  return [said, isStalled ? { ...said, type: stalled, status: 'True' } : helped];
}

function conflictOf(selected: readonly Selected[]): ConditionInput {
  const all = selected.flatMap(({ fact, wanted }) => wanted.conflicts.map((conflict) => ({ ...conflict, host: fact.name })));
  const [first] = all.filter(({ counts }) => !counts).concat(all);
  if (first === undefined)
    return { type: conflicting, status: 'False', reason: 'Agreed', message: 'no other profile wants its settings to be different' };
  const whose = first.counts ? 'the word of this one counts' : `the word of ${first.with} counts`;
  const message = `on ${first.host} profile ${first.with} wants another ${first.setting}: ${whose}`;
  return { type: conflicting, status: 'True', reason: first.counts ? 'Overrules' : 'Overruled', message };
}
