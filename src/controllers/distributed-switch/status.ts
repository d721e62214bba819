/** The only writer of a DistributedSwitch's status: pure. */
import { ready } from '../../api/common.ts';
import type { DistributedSwitch } from '../../api/distributed-switch.ts';
import type { Host } from '../../api/host.ts';
import { progressing, some, stuck } from '../../domain/verdict.ts';
import type { Refused } from '../../domain/vlan.ts';
import { setCondition, type ConditionInput } from '../../meta/conditions.ts';
import type { Condition } from '../../meta/objects.ts';

export interface SwitchView {
  readonly of: DistributedSwitch;
  readonly members: readonly Host[];
  readonly ports: { readonly used: number; readonly total: number };
  /** The groups for which a deletion of it waits. */
  readonly users: readonly string[];
  /** What only a person can put right. */
  readonly trouble: Refused | undefined;
  readonly now: number;
}

export function statusOf(view: SwitchView): DistributedSwitch['status'] {
  const { of, members, ports, now } = view;
  const generation = of.metadata.generation ?? 0;
  let conditions: Condition[] = of.status.conditions ?? [];
  for (const input of verdicts(view)) conditions = setCondition(conditions, input, generation, now);
  const done = members.filter((host) => here(host, of)?.ready === true).length;
  return { observedGeneration: generation, hosts: { desired: members.length, ready: done }, ports, conditions };
}

function here(host: Host, of: DistributedSwitch) {
  return host.status.switches?.find(({ name }) => name === of.metadata.name);
}

function verdicts(view: SwitchView): ConditionInput[] {
  const { of, members, users, trouble } = view;
  if (of.metadata.deletionTimestamp !== undefined) {
    if (users.length > 0) return stuck('InUse', `it is deleted once it has no groups; these are its: ${some(users)}`);
    return [{ type: ready, status: 'False', reason: 'Deleting', message: 'it has no groups any more' }, progressing];
  }
  if (trouble !== undefined) return stuck(trouble.reason, trouble.message);
  if (members.length === 0)
    return [{ type: ready, status: 'True', reason: 'Empty', message: 'spec.hostSelector selects no host' }, progressing];
  const unready = members.filter((host) => here(host, of)?.ready !== true);
  if (unready.length === 0) return [{ type: ready, status: 'True', reason: 'InForce', message: 'it is so on all its hosts' }, progressing];
  const message = `not so yet on ${some(unready.map((host) => wordsFor(host, of)))}`;
  return [{ type: ready, status: 'False', reason: 'HostsNotReady', message }, progressing];
}

function wordsFor(host: Host, of: DistributedSwitch): string {
  const message = here(host, of)?.message;
  return message === undefined ? host.metadata.name : `${host.metadata.name} (${message})`;
}
