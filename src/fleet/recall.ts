import { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { Client } from '../kube/types.ts';

/** Takes back where the guest of `instance` was to go, on condition that the instance is as it was read. @throws ApiError Conflict, NotFound. */
export async function recall(client: Client, { metadata }: VirtualMachineInstance): Promise<void> {
  const { resourceVersion, uid } = metadata;
  await client.patch(VirtualMachineInstance, metadata, { metadata: { resourceVersion, uid }, spec: { moveTo: null } });
}
