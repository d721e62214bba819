/** Says of each DistributedSwitch on which hosts it is as it should be, and keeps it while it has groups. */
import { ready } from '../../api/common.ts';
import { DistributedSwitch, distributedSwitchFinalizer } from '../../api/distributed-switch.ts';
import type { PortId } from '../../api/effective-port.ts';
import type { Host } from '../../api/host.ts';
import { PortGroup, defaultPorts } from '../../api/port-group.ts';
import { equal } from '../../base/equal.ts';
import { mirrorTrouble } from '../../domain/mirrors.ts';
import { membersOf, takenInterface, unansweredUplink, type Rival } from '../../domain/switch-members.ts';
import type { Refused } from '../../domain/vlan.ts';
import { keepOrLetGo, type Keeping } from '../../fleet/keeping.ts';
import type { NetworkSources } from '../../fleet/network-sources.ts';
import { Paced } from '../../fleet/paced.ts';
import { Insistence } from '../../kube/insistence.ts';
import type { ControllerSpec, EventRecorder, Result } from '../../kube/types.ts';
import { unlessGone } from '../../kube/unless-gone.ts';
import { findCondition } from '../../meta/conditions.ts';
import { refOf, type ObjectRef } from '../../meta/objects.ts';
import type { DistributedSwitchDependencies } from './dependencies.ts';
import { statusOf } from './status.ts';
import { watchSources } from './watches.ts';

export function distributedSwitchController(dependencies: DistributedSwitchDependencies): ControllerSpec {
  const { client, clock, events, networks } = dependencies;
  const paced = new Paced<Figures>(clock);
  const insistence = new Insistence(clock);
  const keeping: Keeping<DistributedSwitch> = {
    client,
    kind: DistributedSwitch,
    finalizer: distributedSwitchFinalizer,
    isNeeded: async (name) => (await client.list(PortGroup, { fieldSelector: `spec.switch=${name}` })).items.length > 0,
  };

  const reconcile = async ({ name }: ObjectRef): Promise<Result> => {
    const of = networks.switches.get({ name });
    if (of === undefined) {
      paced.forget(name);
      insistence.forget(name);
      return undefined;
    }
    const users = networks.groups
      .byIndex('bySwitch', name)
      .map(({ metadata }) => metadata.name)
      .sort();
    const counted = paced.of(
      name,
      () => figuresOf(name, networks),
      () => false,
    );
    const members = membersIn(of, dependencies);
    const status = statusOf({ of, members, ports: counted.value, users, trouble: troubleOf(of, members, dependencies), now: clock.now() });
    const pauseMs = insistence.waitMs(name, status);
    if (pauseMs > 0 && !equal(of.status, status)) return { requeueAfter: pauseMs };
    if (!equal(of.status, status)) await say(of, status);
    await keepOrLetGo(keeping, of, users.length > 0);
    return counted.again === undefined ? undefined : { requeueAfter: counted.again };
  };

  const say = async (of: DistributedSwitch, status: DistributedSwitch['status']): Promise<void> => {
    const { name, uid, resourceVersion } = of.metadata;
    await unlessGone(client.patch(DistributedSwitch, { name }, { metadata: { uid, resourceVersion }, status }, { subresource: 'status' }));
    insistence.said(name, status);
    announce(events, of, status);
  };

  return { name: 'distributed-switch', concurrency: 1, reconcile, watch: (enqueue) => watchSources(dependencies, enqueue) };
}

interface Figures {
  readonly used: number;
  readonly total: number;
}

function figuresOf(name: string, { groups, ports }: NetworkSources): Figures {
  const mine = groups.byIndex('bySwitch', name).map(({ metadata, spec }) => {
    const used = ports.byIndex('byGroup', metadata.name).length;
    const offered = spec.binding === 'Ephemeral' ? 0 : (spec.ports ?? defaultPorts);
    return { used, total: spec.autoExpand === false ? offered : Math.max(offered, used) };
  });
  return { used: mine.reduce((sum, one) => sum + one.used, 0), total: mine.reduce((sum, one) => sum + one.total, 0) };
}

function membersIn(of: DistributedSwitch, { nodes, hosts }: DistributedSwitchDependencies): Host[] {
  return membersOf(of, nodes.list(), (name) => hosts.get({ name }));
}

/** What only a person can put right. */
function troubleOf(of: DistributedSwitch, members: readonly Host[], dependencies: DistributedSwitchDependencies): Refused | undefined {
  const { ports, groups, switches } = dependencies.networks;
  const mirrors = mirrorTrouble(of.spec.mirrors ?? [], {
    groupOf: (port: PortId) => ports.get(refOf(port))?.spec.portGroup,
    takesCopies: (name) => groups.get({ name })?.spec.mirrorDestination !== false,
  });
  if (mirrors !== undefined || of.spec.uplinks === undefined) return mirrors;
  const rivals = switches.list().filter(({ spec }) => spec.uplinks !== undefined);
  const others = rivals.map((other): Rival => ({ of: other, members: other === of ? members : membersIn(other, dependencies) }));
  return unansweredUplink(of, members) ?? takenInterface({ of, members }, others);
}

/** Only what keeps a person waiting, or what only a person can put right. */
function announce(events: EventRecorder, of: DistributedSwitch, status: DistributedSwitch['status']): void {
  const before = findCondition(of.status.conditions, ready);
  const after = findCondition(status.conditions, ready);
  if (after?.status !== 'False' || after.reason === before?.reason || after.reason === 'Deleting' || after.reason === 'HostsNotReady')
    return;
  events.event(of, 'Warning', after.reason, after.message);
}
