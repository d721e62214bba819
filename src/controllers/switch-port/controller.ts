/** Gives every NIC its port, and every port its identity, for life. */
import type { Host } from '../../api/host.ts';
import { switchPortName } from '../../api/switch-port.ts';
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import type { Clock } from '../../base/clock.ts';
import { admits } from '../../domain/attachment.ts';
import { fateOf, type PortScope } from '../../domain/port-fate.ts';
import type { NetworkSources } from '../../fleet/network-sources.ts';
import type { Networks } from '../../fleet/networks.ts';
import type { PortBook } from '../../fleet/port-book.ts';
import type { Cache, Client, ControllerSpec, Result } from '../../kube/types.ts';
import { keyOf, type ObjectRef } from '../../meta/objects.ts';
import { Hands } from './hands.ts';
import { Tidying } from './tidy.ts';
import { watchSources } from './watches.ts';

export interface SwitchPortDependencies {
  readonly client: Client;
  readonly clock: Clock;
  readonly sources: {
    readonly vms: Cache<VirtualMachine>;
    /** With the index `byName`, by the VM's key. */
    readonly instances: Cache<VirtualMachineInstance>;
    readonly hosts: Cache<Host>;
    readonly networks: NetworkSources;
  };
  readonly networks: Networks;
  readonly book: PortBook;
}

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
