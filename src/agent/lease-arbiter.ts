import { VirtualMachine } from '../api/virtual-machine.ts';
import { ConnectionLost } from '../meta/control-plane.ts';
import { Lease } from '../meta/core.ts';
import { isApiError } from '../meta/status.ts';
import type { Client } from '../kube/types.ts';
import type { Arbiter, ArbiterAnswer, Holder } from '../ports/arbiter.ts';
import { PortError } from '../ports/errors.ts';
import { labelFor, readLease, writeLease, type Entry, type Held, type LeasePlace } from './lease-record.ts';

export type { LeasePlace } from './lease-record.ts';

/** How often it is tried to appoint an heir while others write too. */
const appointments = 5;

/**
 * The API as arbiter: a Lease whose holder is the instance that may run. It is written on condition of its version, so two hosts that ask at
 * once cannot both win; it does not expire, since the passing of time proves nothing about a guest that nobody can see.
 */
export function leaseArbiter(client: Client, place: LeasePlace): Arbiter {
  const read = (): Promise<Held> => readLease(client, place);
  const wrote = (lease: Lease | undefined, entry: Entry): Promise<boolean> => writeLease(client, place, lease, entry);

  /** @returns who holds it, once it was written or somebody else was faster. */
  const writeOrLose = async (lease: Lease | undefined, entry: Entry): Promise<ArbiterAnswer> => {
    if (await wrote(lease, entry)) return { won: true, holder: entry.holder };
    const { holder } = await read();
    return { won: holder === entry.holder, holder };
  };

  const set = async (from: Holder | undefined, to: Holder | undefined, host: string): Promise<ArbiterAnswer> => {
    const { lease, holder } = await read();
    if (holder === to) return { won: true, holder };
    if (holder !== from) return { won: false, holder };
    return writeOrLose(lease, { holder: to, host });
  };

  /** Only one's own write makes sure of what is on its way: to find what was wanted does not. */
  const appoint = async (asking: Holder, heir: Holder | undefined): Promise<ArbiterAnswer> => {
    for (let attempt = 0; attempt < appointments; attempt++) {
      const { lease, holder } = await read();
      if (holder !== asking) return { won: false, holder };
      if (await wrote(lease, { holder, ...(heir === undefined ? {} : { heir }) })) return { won: true, holder };
    }
    throw new PortError('Unreachable', 'the Lease of the VM changed each time that it was to be written');
  };

  const succeed = async (asking: Holder, host: string): Promise<ArbiterAnswer> => {
    const { lease, holder, heir } = await read();
    if (holder === asking) return { won: true, holder };
    if (heir !== asking) return { won: false, holder };
    return writeOrLose(lease, { holder: asking, host });
  };

  return {
    testAndSet: (_vm, from, to) => reachable(() => set(from, to, place.nodeName)),
    handOver: (_vm, from, to) => reachable(() => set(from, to.holder, to.host)),
    confirm: (_vm, asking) =>
      reachable(async () => {
        const { lease, holder, heir } = await read();
        if (holder !== asking) return { won: false, holder };
        return writeOrLose(lease, { holder, host: place.nodeName, ...(heir === undefined ? {} : { heir }) });
      }),
    appoint: (_vm, asking, heir) => reachable(() => appoint(asking, heir)),
    succeed: (_vm, asking, host) => reachable(() => succeed(asking, host)),
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
