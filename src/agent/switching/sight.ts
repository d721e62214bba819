/** What the API tells this host's agent of switches. */
import { DistributedSwitch } from '../../api/distributed-switch.ts';
import { Host } from '../../api/host.ts';
import { PortGroup } from '../../api/port-group.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { equal } from '../../base/equal.ts';
import type { Caches } from '../../kube/caches.ts';
import type { Cache } from '../../kube/types.ts';
import { Node } from '../../meta/core.ts';
import type { KubeObject } from '../../meta/objects.ts';
import type { Sight } from './wanted.ts';

export interface Watching {
  /** Undefined: not all is known yet. */
  sight(): Sight | undefined;
  /** The Host of this agent, if it is watched and there. */
  host(): Host | undefined;
  /** Watches all that there is to be seen, though there may be no switch. */
  begin(): void;
  /** Calls `handler` when what `sight` gives may have changed. */
  onChange(handler: () => void): void;
}

interface Rest {
  readonly groups: Cache<PortGroup>;
  readonly hosts: Cache<Host>;
  readonly nodes: Cache<Node>;
}

export interface WatchingOptions {
  readonly nodeName: string;
  readonly caches: Caches;
  /** Those of this host. */
  readonly instances: Cache<VirtualMachineInstance>;
  readonly stopping: AbortSignal;
}

/** Where there is no switch, nothing but switches is watched. */
export function watching({ nodeName, caches, instances, stopping }: WatchingOptions): Watching {
  const handlers: (() => void)[] = [];
  const changed = (): void => {
    for (const handler of handlers) handler();
  };
  const switches = caches.cache(DistributedSwitch);
  let rest: Rest | undefined;
  const begin = (): void => {
    if (rest !== undefined) return;
    rest = watchRest(nodeName, caches, changed);
    caches.synced(stopping).then(changed, () => undefined);
  };
  switches.onChange(() => {
    begin();
    changed();
  });
  // The list that a watch begins with may be empty.
  caches.synced(stopping).then(changed, () => undefined);
  instances.onChange((before, after) => {
    if (!equal(wiring(before), wiring(after))) changed();
  });
  const known = (): boolean =>
    switches.synced() && instances.synced() && (rest === undefined || Object.values(rest).every((one: Cache<KubeObject>) => one.synced()));
  return {
    sight: () => (known() ? sightOf(nodeName, switches, rest, instances) : undefined),
    host: () => rest?.hosts.get({ name: nodeName }),
    begin,
    onChange: (handler) => void handlers.push(handler),
  };
}

function watchRest(nodeName: string, caches: Caches, changed: () => void): Rest {
  const alone = { fieldSelector: `metadata.name=${nodeName}` };
  const groups = caches.cache(PortGroup);
  const hosts = caches.cache(Host, alone);
  const nodes = caches.cache(Node, alone);
  groups.onChange(changed);
  hosts.onChange((before, after) => {
    if (before?.metadata.uid !== after?.metadata.uid || !equal(before?.spec.answers, after?.spec.answers)) changed();
  });
  nodes.onChange((before, after) => {
    if (!equal(before?.metadata.labels, after?.metadata.labels)) changed();
  });
  return { groups, hosts, nodes };
}

/** What of an instance its ports hang on. */
function wiring(instance: VirtualMachineInstance | undefined): unknown {
  if (instance?.spec.networks === undefined) return undefined;
  return [instance.metadata.uid, instance.spec.networks, instance.spec.powerState === 'Released', instance.status.phase === 'Moved'];
}

function sightOf(
  nodeName: string,
  switches: Cache<DistributedSwitch>,
  rest: Rest | undefined,
  instances: Cache<VirtualMachineInstance>,
): Sight {
  return {
    switches: switches.list(),
    groups: rest?.groups.list() ?? [],
    instances: instances.list().filter(({ spec }) => spec.networks !== undefined),
    labels: rest?.nodes.get({ name: nodeName })?.metadata.labels,
    answers: rest?.hosts.get({ name: nodeName })?.spec.answers ?? {},
  };
}
