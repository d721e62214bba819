import { nameSuffix } from '../base/hash.ts';
import { VirtualMachine } from '../api/virtual-machine.ts';
import { Lease } from '../meta/core.ts';
import { isApiError } from '../meta/status.ts';
import { ConnectionLost } from '../meta/control-plane.ts';
import { apiVersionOf } from '../meta/resource.ts';
import type { Client } from '../kube/types.ts';
import { PortError } from '../ports/errors.ts';
import type { Arbiter, ArbiterAnswer, Holder } from '../ports/arbiter.ts';

/** Where the Lease of one VM is. */
export interface LeasePlace {
  readonly vm: { readonly uid: string; readonly namespace: string; readonly name: string };
  readonly name: string;
  /** The host that asks. */
  readonly nodeName: string;
}

/** On the Lease of a VM: the host through which it was taken last. */
const heldOn = 'hypersphere.io/held-on';

/** What is said of `nodeName` in a label; a name may be longer than a label's value. */
function labelFor(nodeName: string): Record<string, string> {
  return { [heldOn]: nodeName.length <= 63 ? nodeName : `${nodeName.slice(0, 50)}-${nameSuffix(nodeName)}` };
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

  const write = async (lease: Lease | undefined, to: Holder, through: string): Promise<void> => {
    if (lease === undefined) {
      const ownerReferences = [{ ...owner, controller: true, blockOwnerDeletion: false }];
      await client.create(Lease, {
        apiVersion: apiVersionOf(Lease),
        kind: Lease.kind,
        metadata: { ...ref, ownerReferences, labels: labelFor(through) },
        spec: { holderIdentity: to },
      });
      return;
    }
    const labels = { ...lease.metadata.labels, ...(to === '' ? {} : labelFor(through)) };
    // The count makes a write of what is there already a change: only a change makes older ones fail by their version.
    const leaseTransitions = (lease.spec?.leaseTransitions ?? 0) + 1;
    await client.update(Lease, {
      ...lease,
      metadata: { ...lease.metadata, labels },
      spec: { ...lease.spec, holderIdentity: to, leaseTransitions },
    });
  };

  /** @returns who holds it, once it was written or somebody else was faster. */
  const writeOrLose = async (lease: Lease | undefined, to: Holder | undefined, through: string): Promise<ArbiterAnswer> => {
    try {
      await write(lease, to ?? '', through);
      return { won: true, holder: to };
    } catch (error) {
      if (!isApiError(error, 'Conflict', 'AlreadyExists')) throw error;
      const { holder } = await read();
      return { won: holder === to, holder };
    }
  };

  const set = async (from: Holder | undefined, to: Holder | undefined, through: string): Promise<ArbiterAnswer> => {
    const { lease, holder } = await read();
    if (holder === to) return { won: true, holder };
    if (holder !== from) return { won: false, holder };
    return writeOrLose(lease, to, through);
  };

  return {
    testAndSet: (_vm, from, to) => reachable(() => set(from, to, place.nodeName)),
    handOver: (_vm, from, to) => reachable(() => set(from, to.holder, to.host)),
    confirm: (_vm, asking) =>
      reachable(async () => {
        const { lease, holder } = await read();
        if (holder !== asking) return { won: false, holder };
        return writeOrLose(lease, asking, place.nodeName);
      }),
    holder: () => reachable(async () => (await read()).holder),
  };
}

/** The VMs whose Leases were taken through `nodeName` and are held still. */
export async function heldLeases(
  client: Client,
  nodeName: string,
): Promise<readonly { readonly place: LeasePlace; readonly holder: Holder }[]> {
  const labelSelector = Object.entries(labelFor(nodeName))
    .map((label) => label.join('='))
    .join();
  const { items } = await client.list(Lease, { labelSelector });
  return items.flatMap(({ metadata, spec }) => {
    const owner = metadata.ownerReferences?.find(({ kind }) => kind === VirtualMachine.kind);
    const holder = spec?.holderIdentity ?? '';
    if (owner === undefined || holder === '') return [];
    const vm = { uid: owner.uid, namespace: metadata.namespace ?? '', name: owner.name };
    return [{ place: { vm, name: metadata.name, nodeName }, holder }];
  });
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
