/** Says of each PortGroup what it has given away, and keeps it while it has ports. */
import { ready } from '../../api/common.ts';
import { PortGroup, portGroupFinalizer } from '../../api/port-group.ts';
import { SwitchPort } from '../../api/switch-port.ts';
import type { Clock } from '../../base/clock.ts';
import { equal } from '../../base/equal.ts';
import { keepOrLetGo, type Keeping } from '../../fleet/keeping.ts';
import type { NetworkSources } from '../../fleet/network-sources.ts';
import { Paced } from '../../fleet/paced.ts';
import { Insistence } from '../../kube/insistence.ts';
import type { Client, ControllerSpec, EventRecorder, Result } from '../../kube/types.ts';
import { unlessGone } from '../../kube/unless-gone.ts';
import { findCondition } from '../../meta/conditions.ts';
import { keyOf, type ObjectRef } from '../../meta/objects.ts';
import { statusOf, type GroupFigures } from './status.ts';

export interface PortGroupDependencies {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly networks: NetworkSources;
}

export function portGroupController({ client, clock, events, networks }: PortGroupDependencies): ControllerSpec {
  const { groups, switches } = networks;
  const paced = new Paced<GroupFigures>(clock);
  const insistence = new Insistence(clock);
  const keeping: Keeping<PortGroup> = {
    client,
    kind: PortGroup,
    finalizer: portGroupFinalizer,
    isNeeded: async (name) => (await client.list(SwitchPort, { fieldSelector: `spec.portGroup=${name}` })).items.length > 0,
  };

  const reconcile = async ({ name }: ObjectRef): Promise<Result> => {
    const group = groups.get({ name });
    if (group === undefined) {
      paced.forget(name);
      insistence.forget(name);
      return undefined;
    }
    const isLeaving = group.metadata.deletionTimestamp !== undefined;
    const counted = paced.of(
      name,
      () => figuresOf(name, networks),
      (before, now) => isLeaving || (before.ports === 0) !== (now.ports === 0),
    );
    const users = networks.ports
      .byIndex('byGroup', name)
      .map(({ metadata }) => keyOf(metadata))
      .sort();
    const status = statusOf({ group, switch: switches.get({ name: group.spec.switch }), figures: counted.value, users, now: clock.now() });
    const pauseMs = insistence.waitMs(name, status);
    if (pauseMs > 0 && !equal(group.status, status)) return { requeueAfter: pauseMs };
    if (!equal(group.status, status)) await say(group, status);
    await keepOrLetGo(keeping, group, users.length > 0);
    return counted.again === undefined ? undefined : { requeueAfter: counted.again };
  };

  const say = async (group: PortGroup, status: PortGroup['status']): Promise<void> => {
    const { name, uid, resourceVersion } = group.metadata;
    const gone = status.addresses === undefined ? { addresses: null } : {};
    const patch = { metadata: { uid, resourceVersion }, status: { ...gone, ...status } };
    await unlessGone(client.patch(PortGroup, { name }, patch, { subresource: 'status' }));
    insistence.said(name, status);
    announce(events, group, status);
  };

  return { name: 'port-group', concurrency: 2, reconcile, watch: (enqueue) => watch(networks, enqueue) };
}

function figuresOf(name: string, { ports, claims }: NetworkSources): GroupFigures {
  const addresses = claims.byIndex('byGroup', name).filter(({ spec }) => spec.address !== undefined);
  const resting = addresses.filter(({ spec }) => spec.freedAt !== undefined).length;
  return { ports: ports.byIndex('byGroup', name).length, addresses: addresses.length - resting, resting };
}

function watch({ groups, switches, ports, claims }: NetworkSources, enqueue: (ref: ObjectRef) => void): void {
  for (const { metadata } of groups.list()) enqueue(metadata);
  groups.onChange((_, after) => {
    if (after !== undefined) enqueue(after.metadata);
  });
  switches.onChange((before, after) => {
    const isSame =
      before?.metadata.generation === after?.metadata.generation &&
      before?.metadata.deletionTimestamp === after?.metadata.deletionTimestamp;
    if (isSame) return;
    for (const { metadata } of groups.byIndex('bySwitch', (after ?? before)?.metadata.name ?? '')) enqueue(metadata);
  });
  ports.onChange((before, after) => {
    if ((before === undefined) !== (after === undefined)) enqueue({ name: (after ?? before)?.spec.portGroup ?? '' });
  });
  claims.onChange((before, after) => {
    if (before?.spec.freedAt !== after?.spec.freedAt || (before === undefined) !== (after === undefined))
      enqueue({ name: (after ?? before)?.spec.portGroup ?? '' });
  });
}

/** Only what keeps a person waiting, or what only a person can put right. */
function announce(events: EventRecorder, group: PortGroup, status: PortGroup['status']): void {
  const before = findCondition(group.status.conditions, ready);
  const after = findCondition(status.conditions, ready);
  if (after?.status !== 'False' || after.reason === 'Deleting' || after.reason === before?.reason) return;
  events.event(group, 'Warning', after.reason, after.message);
}
