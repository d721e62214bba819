/** The pool of simulated hosts that the trial makes. */
import { HostPool } from '../../api/host-pool.ts';
import type { Client } from '../../kube/types.ts';
import { apiVersionOf } from '../../meta/resource.ts';
import { createAsKubectl } from '../install.ts';
import { kindOf } from './kind-of.ts';

export const poolName = 'host';

/** Makes the pool, or resizes the one that is there. */
export async function setHosts(client: Client, replicas: number): Promise<void> {
  const spec = { replicas };
  const before = await client.get(HostPool, { name: poolName });
  if (before !== undefined) await client.patch(HostPool, { name: poolName }, { spec });
  else
    await createAsKubectl(
      client,
      [{ apiVersion: apiVersionOf(HostPool), kind: HostPool.kind, metadata: { name: poolName }, spec }],
      kindOf,
    );
}
