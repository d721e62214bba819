import { VirtualMachine } from '../api/virtual-machine.ts';
import { Lease } from '../meta/core.ts';
import { isApiError } from '../meta/status.ts';
import { ConnectionLost } from '../meta/control-plane.ts';
import { apiVersionOf } from '../meta/resource.ts';
import type { Client } from '../kube/types.ts';
import { PortError } from '../ports/errors.ts';
import type { Arbiter, Holder } from '../ports/arbiter.ts';

/** Where the Lease of one VM is. */
export interface LeasePlace {
  readonly vm: { readonly uid: string; readonly namespace: string; readonly name: string };
  readonly name: string;
}

/**
 * The API as arbiter: a Lease whose holder is the instance that may run. It is written on condition of its version, so two hosts that ask at
 * once cannot both win; it does not expire, since the passing of time proves nothing about a guest that nobody can see.
 */
export function leaseArbiter(client: Client, place: LeasePlace): Arbiter {
  const ref = { namespace: place.vm.namespace, name: place.name };
  const owner = { apiVersion: apiVersionOf(VirtualMachine), kind: VirtualMachine.kind, name: place.vm.name, uid: place.vm.uid };

  const read = async (): Promise<{ lease: Lease | undefined; holder: Holder | undefined }> => {
    const lease = await client.get(Lease, ref);
    const holder = lease?.spec?.holderIdentity;
    return { lease, holder: holder === null || holder === '' ? undefined : holder };
  };

  const write = async (lease: Lease | undefined, to: Holder): Promise<void> => {
    if (lease === undefined) {
      const ownerReferences = [{ ...owner, controller: true, blockOwnerDeletion: false }];
      await client.create(Lease, {
        apiVersion: apiVersionOf(Lease),
        kind: Lease.kind,
        metadata: { ...ref, ownerReferences },
        spec: { holderIdentity: to },
      });
      return;
    }
    await client.update(Lease, { ...lease, spec: { ...lease.spec, holderIdentity: to } });
  };

  return {
    async testAndSet(_vm, from, to) {
      return reachable(async () => {
        const { lease, holder } = await read();
        if (holder === to) return { won: true, holder };
        if (holder !== from) return { won: false, holder };
        try {
          await write(lease, to ?? '');
          return { won: true, holder: to };
        } catch (error) {
          if (!isApiError(error, 'Conflict', 'AlreadyExists')) throw error;
          const now = await read();
          return { won: now.holder === to, holder: now.holder };
        }
      });
    },
    holder: () => reachable(async () => (await read()).holder),
  };
}

/** Whatever keeps the answer from us, nobody knows who may live. */
async function reachable<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ConnectionLost || isApiError(error))
      throw new PortError('Unreachable', `the API did not say who holds the VM: ${error.message}`);
    throw error;
  }
}
