import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { bytes } from '../base/quantity.ts';
import type { Guest, GuestSpec } from '../ports/guests.ts';
import type { AgentContext } from './context.ts';
import { guestSpecOf } from './guest-spec.ts';
import type { Finding } from './finding.ts';

export async function findGuest({ host }: Pick<AgentContext, 'host'>, instance: VirtualMachineInstance): Promise<Guest | undefined> {
  return (await host.guests.list()).find((guest) => guest.spec.id === instance.metadata.uid);
}

/** What the hypervisor needs, once the host knows all datastores of the instance. */
export async function attached({ catalogue }: AgentContext, instance: VirtualMachineInstance): Promise<GuestSpec> {
  const { spec } = instance;
  const disks = (spec.disks ?? []).map((disk) => disk.datastore);
  const home = await catalogue.attach(spec.hostCluster, [
    ...disks,
    ...(spec.arbiter.datastore === undefined ? [] : [spec.arbiter.datastore]),
  ]);
  return guestSpecOf(instance, home ?? '');
}

/** The same, and its disks made or grown to their size. */
export async function withDisks(agent: AgentContext, instance: VirtualMachineInstance): Promise<GuestSpec> {
  const guest = await attached(agent, instance);
  const disks = instance.spec.disks ?? [];
  for (const [index, disk] of guest.disks.entries())
    await agent.host.datastores.ensure(disk.volume, bytes(String(disks[index]?.size ?? 0)));
  return guest;
}

/** What is to be seen of the instance without doing anything. */
export function findingOf(
  { transfers }: Pick<AgentContext, 'transfers'>,
  instance: VirtualMachineInstance,
  guest: Guest | undefined,
): Finding {
  const sending = transfers.of(instance.metadata.uid);
  return sending === undefined ? { guest } : { guest, sending };
}
