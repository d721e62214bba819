/** How many deaths of hosts a HostCluster survives: of what its VMs take, and of its hosts that may be given VMs. */
import { ready } from '../../api/common.ts';
import type { Host } from '../../api/host.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { bytes } from '../../base/quantity.ts';
import { toleratedFailures } from '../../domain/admission.ts';
import { isShadow } from '../../domain/protection/pairing.ts';
import { most, nothing, takenBy, type Resources } from '../../domain/resources.ts';
import type { Cache } from '../../kube/types.ts';
import { isTrue } from '../../meta/conditions.ts';
import type { Node } from '../../meta/core.ts';

interface Sources {
  readonly hosts: Cache<Host>;
  readonly nodes: Cache<Node>;
}

/** What each VM with an instance in the cluster takes, once each, also where it moves; and each shadow, which is beside it for good. */
export function demandsIn(cluster: string, instances: Cache<VirtualMachineInstance>): readonly Resources[] {
  const byVm = new Map<string, Resources>();
  for (const instance of instances.list()) {
    const { spec } = instance;
    if (spec.hostCluster !== cluster || spec.powerState === 'Released') continue;
    const key = isShadow(instance) ? `${spec.virtualMachineUID} shadow` : spec.virtualMachineUID;
    byVm.set(key, most(byVm.get(key) ?? nothing, takenBy(spec.cpu, spec.memory)));
  }
  return [...byVm.values()];
}

export function survivedBy(members: readonly string[], demands: readonly Resources[], sources: Sources): number {
  return toleratedFailures({ hosts: members.flatMap((name) => capacityOf(name, sources)), demands });
}

/** Whether a VM could be restarted there, as far as the host itself is concerned. */
function mayReceive(host: Host | undefined, node: Node | undefined): boolean {
  const { claim, fence, conditions } = host?.status ?? {};
  return isTrue(conditions, ready) && fence === undefined && claim === undefined && node !== undefined && node.spec?.unschedulable !== true;
}

function capacityOf(name: string, { hosts, nodes }: Sources): Resources[] {
  const host = hosts.get({ name });
  const capacity = host?.status.inventory?.capacity;
  if (capacity === undefined || !mayReceive(host, nodes.get({ name }))) return [];
  return [{ milliCores: capacity.cores * 1000, memoryBytes: bytes(String(capacity.memory)) }];
}
