import { ready } from '../../api/common.ts';
import type { PortGroup } from '../../api/port-group.ts';
import { switchPortName } from '../../api/switch-port.ts';
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { equal } from '../../base/equal.ts';
import { findCondition } from '../../meta/conditions.ts';
import { refOf, type ObjectRef } from '../../meta/objects.ts';
import type { SwitchPortDependencies } from './dependencies.ts';

type Enqueue = (ref: ObjectRef) => void;

/** What makes a port worth another look. @param waiting the keys of those that want what there was none of. */
export function watchSources(
  { vms, instances, hosts, networks }: SwitchPortDependencies['sources'],
  enqueue: Enqueue,
  waiting: ReadonlySet<string>,
): void {
  const { ports, groups, claims, namespaces } = networks;
  const all = (): void => {
    for (const key of waiting) enqueue(refOf(key));
  };
  for (const vm of vms.list()) portsOfVm(vm).forEach(enqueue);
  for (const port of ports.list()) enqueue(port.metadata);
  for (const claim of claims.list()) enqueue(claim.spec.port);
  vms.onChange((before, after) => {
    if (equal(concernOf(before), concernOf(after))) return;
    for (const vm of [before, after]) if (vm !== undefined) portsOfVm(vm).forEach(enqueue);
  });
  instances.onChange((before, after) => {
    if (after === undefined || before === undefined || !equal(before.status.networks, after.status.networks)) {
      const instance = after ?? before;
      if (instance !== undefined) portsOfInstance(instance).forEach(enqueue);
    }
  });
  ports.onChange((before, after) => {
    const port = after ?? before;
    if (port !== undefined) enqueue(port.metadata);
    if (after === undefined) all();
  });
  claims.onChange((before, after) => {
    const claim = after ?? before;
    if (claim !== undefined) enqueue(claim.spec.port);
    if (after === undefined) all();
  });
  groups.onChange((before, after) => {
    if (!equal(groupOf(before), groupOf(after))) all();
  });
  namespaces.onChange((before, after) => {
    if (!equal(before?.metadata.labels, after?.metadata.labels)) all();
  });
  hosts.onChange((before, after) => {
    const [was, is] = [before, after].map((host) => findCondition(host?.status.conditions, ready)?.status);
    if (was === is || is !== 'Unknown') return;
    for (const port of ports.list()) if (port.status.nodeName === after?.metadata.name) enqueue(port.metadata);
  });
}

function concernOf(vm: VirtualMachine | undefined): unknown {
  if (vm === undefined) return undefined;
  const { metadata, spec, status } = vm;
  return [spec.networks ?? [], spec.powerState, metadata.deletionTimestamp, status.nodeName, status.instance];
}

function portsOfVm({ metadata, spec }: VirtualMachine): ObjectRef[] {
  return (spec.networks ?? []).map(({ name }) => ({ namespace: metadata.namespace ?? '', name: switchPortName(metadata.name, name) }));
}

function portsOfInstance({ metadata, spec }: VirtualMachineInstance): ObjectRef[] {
  return (spec.networks ?? []).map(({ port }) => ({ namespace: metadata.namespace ?? '', name: port }));
}

/** What a port is given depends on. */
function groupOf(group: PortGroup | undefined): unknown {
  if (group === undefined) return undefined;
  const { namespaceSelector, binding, ports, autoExpand, addresses } = group.spec;
  return [namespaceSelector, binding, ports, autoExpand, addresses, group.metadata.deletionTimestamp];
}
