import { simulationManager } from '../../../../api/common.ts';
import { Host } from '../../../../api/host.ts';
import type { HostTemplate } from '../../../../api/host-pool.ts';
import { bytes } from '../../../../base/quantity.ts';
import { parseDuration } from '../../../../base/time.ts';
import type { SimulatedHost } from '../../../../ports/world.ts';
import type { HostPoolDependencies, HostPoolScope } from '../scope.ts';

/**
 * Makes the hosts that should be there, and after a restart of the process those too that should go: their VMs end through their agents.
 * A host that was made before is made as it was: a changed template is for new ones. What uplinks are on it, whoever installs a host answers
 * once, before it is there; from then on that is its people's.
 */
export async function makeHosts({ client, world, kubelet }: HostPoolDependencies, { pool, hosts }: HostPoolScope): Promise<void> {
  const { template } = pool.spec;
  const wanted = hosts.filter((host) => !host.nameTaken && world.hostState(host.name) === undefined);
  const fresh = wanted.filter(({ name }) => !world.remembered().has(name));
  await Promise.all(fresh.map(({ name }) => client.apply(Host, { name }, { spec: { answers } }, { fieldManager })));
  await Promise.all(wanted.map(({ name }) => world.ensure(world.remembered().get(name) ?? hardwareFrom(template, name))));
  for (const { name } of hosts)
    kubelet.serve({ name, pool: pool.metadata.name, labels: template.labels ?? {}, taints: template.taints ?? [] });
}

/** Every simulated host has these interfaces beside the one by which it is managed. */
const fieldManager = `${simulationManager}-uplinks`;
const answers = { uplink1: 'eth1', uplink2: 'eth2' };

export function hardwareFrom(template: HostTemplate, name: string): SimulatedHost {
  const memoryBytes = bytes(String(template.memory));
  const nicBitsPerSecond = bytes(String(template.nic));
  const guestBootMs = parseDuration(template.guestBootTime);
  const hardware = { name, cores: template.cores, memoryBytes, ...turnOf(template, name), guestBootMs, nicBitsPerSecond };
  if (template.guestChatter === undefined) return hardware;
  const { bytes: size, interval } = template.guestChatter;
  return { ...hardware, guestChatter: { everyMs: parseDuration(interval), bytes: size } };
}

/** Hosts of a mixed pool take turns, by their numbers. */
function turnOf({ baselines }: HostTemplate, name: string): Pick<SimulatedHost, 'baseline'> {
  const baseline = baselines[(Number(name.slice(name.lastIndexOf('-') + 1)) - 1) % Math.max(1, baselines.length)];
  return baseline === undefined ? {} : { baseline };
}
