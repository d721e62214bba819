import type { HostTemplate } from '../../../../api/host-pool.ts';
import { bytes } from '../../../../base/quantity.ts';
import { parseDuration } from '../../../../base/time.ts';
import type { SimulatedHost } from '../../../../ports/world.ts';
import type { HostPoolDependencies, HostPoolScope } from '../scope.ts';

/**
 * Makes the hosts that should be there, and after a restart of the process those too that should go: their VMs end through their agents.
 * A host that was made before is made as it was: a changed template is for new ones.
 */
export async function makeHosts({ world, kubelet }: HostPoolDependencies, { pool, hosts }: HostPoolScope): Promise<void> {
  const { template } = pool.spec;
  const wanted = hosts.filter((host) => !host.nameTaken && world.hostState(host.name) === undefined);
  await Promise.all(wanted.map(({ name }) => world.ensure(world.remembered().get(name) ?? hardwareFrom(template, name))));
  for (const { name } of hosts)
    kubelet.serve({ name, pool: pool.metadata.name, labels: template.labels ?? {}, taints: template.taints ?? [] });
}

export function hardwareFrom(template: HostTemplate, name: string): SimulatedHost {
  const memoryBytes = bytes(String(template.memory));
  const nicBitsPerSecond = bytes(String(template.nic));
  const guestBootMs = parseDuration(template.guestBootTime);
  return { name, cores: template.cores, memoryBytes, ...turnOf(template, name), guestBootMs, nicBitsPerSecond };
}

/** Hosts of a mixed pool take turns, by their numbers. */
function turnOf({ baselines }: HostTemplate, name: string): Pick<SimulatedHost, 'baseline'> {
  const baseline = baselines[(Number(name.slice(name.lastIndexOf('-') + 1)) - 1) % Math.max(1, baselines.length)];
  return baseline === undefined ? {} : { baseline };
}
