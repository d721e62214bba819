/** Removes the disks of a VM that are not wanted any more. */
import { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { AgentContext } from './context.ts';
import { volumeName } from './guest-spec.ts';

/**
 * Whether disks are to be removed, as the server says and not a cache: this may be a repetition, after an answer that was lost, and under the same
 * names there may be disks of another VM by now.
 */
export async function isAskedStill({ client }: AgentContext, { metadata, status }: VirtualMachineInstance): Promise<boolean> {
  if (status.phase === 'Released') return false;
  const { name, namespace = '', uid } = metadata;
  const { items } = await client.list(VirtualMachineInstance, { namespace, fieldSelector: `metadata.name=${name}` });
  return items.some((instance) => instance.metadata.uid === uid && instance.status.phase !== 'Released');
}

export async function removeDisks({ catalogue, host }: AgentContext, { metadata, spec }: VirtualMachineInstance): Promise<void> {
  const leaving = (spec.removeDisks ?? []).map((entry) => {
    const slash = entry.indexOf('/');
    return { datastore: entry.slice(0, slash), disk: entry.slice(slash + 1) };
  });
  await catalogue.attach(
    spec.hostCluster,
    leaving.map(({ datastore }) => datastore),
  );
  for (const { datastore, disk } of leaving) {
    await host.datastores.remove({ datastore, volume: volumeName(metadata.namespace ?? '', spec.virtualMachine, disk) });
  }
}
