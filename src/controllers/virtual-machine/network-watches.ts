import type { PortGroup } from '../../api/port-group.ts';
import type { SwitchPort } from '../../api/switch-port.ts';
import { networkReady } from '../../api/virtual-machine.ts';
import { equal } from '../../base/equal.ts';
import { findCondition, isTrue } from '../../meta/conditions.ts';
import { ready } from '../../api/common.ts';
import type { Sources } from '../../fleet/fleet.ts';
import type { ObjectRef } from '../../meta/objects.ts';

type Enqueue = (ref: ObjectRef) => void;

/** What makes a VM with networks worth another look: its ports, who may have them, and whether there are more. */
export function watchNetworks({ vms, networks }: Sources, enqueue: Enqueue): void {
  const { groups, switches, ports, namespaces } = networks;
  const some = (isMeant: (group: string) => boolean, namespace?: string): void => {
    for (const { metadata, spec } of vms.list()) {
      if (namespace !== undefined && metadata.namespace !== namespace) continue;
      if (spec.networks?.some((nic) => isMeant(nic.portGroup)) === true) enqueue(metadata);
    }
  };
  /** Those that may have a port that is free now: when a thousand go at once, nobody else is asked. */
  const waiting = (group: string): void => {
    for (const { metadata, spec, status } of vms.list()) {
      if (findCondition(status.conditions, networkReady)?.status === 'True') continue;
      if (spec.networks?.some((nic) => nic.portGroup === group) === true) enqueue(metadata);
    }
  };
  ports.onChange((before, after) => {
    const port = after ?? before;
    if (port === undefined || identityOf(before) === identityOf(after)) return;
    enqueue({ namespace: port.metadata.namespace ?? '', name: port.spec.virtualMachine });
    if (after === undefined) waiting(port.spec.portGroup);
  });
  groups.onChange((before, after) => {
    const name = (after ?? before)?.metadata.name;
    if (!equal(concernOf(before), concernOf(after))) some((group) => group === name);
  });
  switches.onChange((before, after) => {
    const isSame =
      before?.metadata.deletionTimestamp === after?.metadata.deletionTimestamp && (before === undefined) === (after === undefined);
    if (isSame && equal(before?.spec.hostSelector, after?.spec.hostSelector)) return;
    const name = (after ?? before)?.metadata.name;
    some((group) => groups.get({ name: group })?.spec.switch === name);
  });
  namespaces.onChange((before, after) => {
    if (!equal(before?.metadata.labels, after?.metadata.labels)) some(() => true, (after ?? before)?.metadata.name);
  });
}

/** What a VM sees of a port. */
function identityOf(port: SwitchPort | undefined): string {
  if (port === undefined) return '';
  const { metadata, spec, status } = port;
  const reason = isTrue(status.conditions, ready) ? '' : (status.conditions?.find(({ type }) => type === ready)?.reason ?? '');
  return JSON.stringify([spec, metadata.deletionTimestamp, reason]);
}

/** What a VM sees of a group: not its policy, which hosts take from it. */
function concernOf(group: PortGroup | undefined): unknown {
  if (group === undefined) return undefined;
  const { namespaceSelector, ports, autoExpand, binding, addresses, switch: of } = group.spec;
  return [namespaceSelector, ports, autoExpand, binding, addresses, of, group.metadata.deletionTimestamp];
}
