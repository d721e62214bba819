import type { Clock } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import { client } from '../../src/kube/client.ts';
import type { ControlPlane } from '../../src/meta/control-plane.ts';
import { Lease } from '../../src/meta/core.ts';

/** Takes the lead from whoever has it, without its knowledge. @param direct the server without a network between. */
export async function unseat(direct: ControlPlane, clock: Clock, random: Random): Promise<void> {
  const chance = client(direct, { clock, random, stopping: new AbortController().signal }, { userAgent: 'chance', fieldManager: 'chance' });
  await chance.delete(Lease, { namespace: 'hypersphere-system', name: 'hypersphere-operator' }).catch(() => undefined);
}
