import type { ObjectRef } from '../../meta/objects.ts';
import { keyOf } from '../../meta/objects.ts';
import { vmRefOf, type MaintenanceSources } from './scope.ts';

/** What makes a host worth another look: itself, its Node, its guards, what runs on it, and what is asked of that. */
export function watchSources(sources: MaintenanceSources, enqueue: (ref: ObjectRef) => void): void {
  const { hosts, nodes, guards, instances, vms, migrations } = sources;
  const look = (name: string | undefined): void => {
    if (name !== undefined && name !== '') enqueue({ name });
  };
  const lookAtHostsOf = (vm: ObjectRef): void => {
    for (const instance of instances.byIndex('byName', keyOf(vm))) look(instance.spec.nodeName);
  };
  for (const host of hosts.list()) look(host.metadata.name);
  for (const guard of guards.list()) look(guard.spec?.nodeName);
  hosts.onChange((before, after) => {
    look((after ?? before)?.metadata.name);
  });
  nodes.onChange((before, after) => {
    const [was, is] = [before, after].map((node) => JSON.stringify([node?.metadata.uid, node?.spec, node?.status?.allocatable]));
    if (was !== is) look((after ?? before)?.metadata.name);
  });
  guards.onChange((before, after) => {
    look((after ?? before)?.spec?.nodeName);
  });
  instances.onChange((before, after) => {
    look((after ?? before)?.spec.nodeName);
  });
  vms.onChange((before, after) => {
    const vm = after ?? before;
    if (vm !== undefined && before?.metadata.generation !== after?.metadata.generation) lookAtHostsOf(vm.metadata);
  });
  migrations.onChange((before, after) => {
    const move = after ?? before;
    if (move !== undefined) lookAtHostsOf(vmRefOf(move));
  });
}
