/** Gives every NIC its port, and every port its identity, for life. */
import { switchPortName } from '../../api/switch-port.ts';
import { admits } from '../../domain/attachment.ts';
import { fateOf, type PortScope } from '../../domain/port-fate.ts';
import type { ControllerSpec, Result } from '../../kube/types.ts';
import { keyOf, type ObjectRef } from '../../meta/objects.ts';
import type { SwitchPortDependencies } from './dependencies.ts';
import { Hands } from './hands.ts';
import { Tidying } from './tidy.ts';
import { watchSources } from './watches.ts';

export function switchPortController(dependencies: SwitchPortDependencies): ControllerSpec {
  const { sources, networks, book } = dependencies;
  const { ports, groups } = sources.networks;
  const hands = new Hands(dependencies);
  const tidying = new Tidying(dependencies);
  /** Those that want what there is none of. */
  const waiting = new Set<string>();

  const scopeOf = (ref: ObjectRef): PortScope => {
    const { namespace = '' } = ref;
    const vm = { namespace, name: ref.name.slice(0, ref.name.lastIndexOf('.')) };
    return {
      name: ref.name,
      port: ports.get(ref),
      vm: sources.vms.get(vm),
      instances: sources.instances.byIndex('byName', keyOf(vm)),
      group: (name) => groups.get({ name }),
      admits: (group) => admits(group, networks.namespaceLabels(namespace)),
      hasFreePort: (group) => book.hasFreePort(group),
    };
  };

  const reconcile = async (ref: ObjectRef): Promise<Result> => {
    const key = keyOf(ref);
    const scope = scopeOf(ref);
    const fate = fateOf(scope);
    // It waits while it is looked at, too: what becomes free meanwhile is not missed.
    waiting.add(key);
    const isContent = await hands.carryOut(ref, fate, scope);
    if (isContent && !(fate.do === 'nothing' && isAskedFor(ref, scope))) waiting.delete(key);
    return tidying.tidy(ref, scope, fate);
  };

  return {
    name: 'switch-port',
    concurrency: 8,
    reconcile,
    watch: (enqueue) => watchSources(sources, enqueue, waiting),
  };
}

function isAskedFor({ name }: ObjectRef, { vm }: PortScope): boolean {
  return vm?.spec.networks?.some((nic) => switchPortName(vm.metadata.name, nic.name) === name) === true;
}
