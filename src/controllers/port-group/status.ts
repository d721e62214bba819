/** The only writer of a PortGroup's status: pure. */
import { ready } from '../../api/common.ts';
import type { DistributedSwitch } from '../../api/distributed-switch.ts';
import { defaultPorts, type PortGroup } from '../../api/port-group.ts';
import { capacityOf, poolOf } from '../../domain/address-pool.ts';
import { progressing, some, stuck } from '../../domain/verdict.ts';
import { privateVlansOf, vlanOf, type Refused } from '../../domain/vlan.ts';
import { setCondition, type ConditionInput } from '../../meta/conditions.ts';
import type { Condition } from '../../meta/objects.ts';

export interface GroupFigures {
  readonly ports: number;
  readonly addresses: number;
  readonly resting: number;
}

export interface GroupView {
  readonly group: PortGroup;
  readonly switch: DistributedSwitch | undefined;
  readonly figures: GroupFigures;
  /** The ports for which a deletion of it waits, `namespace/name`. */
  readonly users: readonly string[];
  readonly now: number;
}

export function statusOf(view: GroupView): PortGroup['status'] {
  const { group, now } = view;
  const generation = group.metadata.generation ?? 0;
  let conditions: Condition[] = group.status.conditions ?? [];
  for (const input of verdicts(view)) conditions = setCondition(conditions, input, generation, now);
  return { observedGeneration: generation, ...figuresOf(view), conditions };
}

function figuresOf({ group: { spec }, figures }: GroupView): Partial<PortGroup['status']> {
  const pool = spec.addresses === undefined ? undefined : poolOf(spec.addresses);
  const offered = spec.ports ?? defaultPorts;
  const total = spec.autoExpand === false ? offered : Math.max(offered, figures.ports);
  return {
    ports: { used: figures.ports, ...(spec.binding === 'Ephemeral' ? {} : { total }) },
    ...(pool === undefined ? {} : { addresses: { used: figures.addresses, resting: figures.resting, total: capacityOf(pool) } }),
  };
}

function verdicts(view: GroupView): ConditionInput[] {
  const { group, users } = view;
  if (group.metadata.deletionTimestamp !== undefined) return leaving(users);
  const trouble = troubleOf(view);
  if (trouble !== undefined) return stuck(trouble.reason, trouble.message);
  return [{ type: ready, status: 'True', reason: 'Offered', message: 'its ports may be had' }, progressing];
}

function troubleOf({ group: { spec }, switch: of }: GroupView): Refused | undefined {
  if (of === undefined) return { reason: 'SwitchNotFound', message: `spec.switch: there is no DistributedSwitch ${spec.switch}` };
  if (of.metadata.deletionTimestamp !== undefined)
    return { reason: 'SwitchDeleting', message: `spec.switch: DistributedSwitch ${spec.switch} is being deleted` };
  const vlan = vlanOf(spec.vlan, of.spec.privateVLANs ?? []);
  if ('reason' in vlan) return vlan;
  const isPrivate = vlan.type === 'Access' && privateVlansOf(of.spec.privateVLANs ?? []).some(({ secondary }) => secondary === vlan.id);
  if (!isPrivate) return undefined;
  const message = `spec.vlan.id is ${String(vlan.id)}, which is a private VLAN of DistributedSwitch ${spec.switch}: say spec.vlan.private`;
  return { reason: 'VLANIsPrivate', message };
}

function leaving(users: readonly string[]): ConditionInput[] {
  if (users.length === 0) return [{ type: ready, status: 'False', reason: 'Deleting', message: 'it has no ports any more' }, progressing];
  return stuck('InUse', `it is deleted once it has no ports; these are its: ${some(users)}`);
}
