/** The Lease of a VM as the arbiter reads and writes it. */
import { VirtualMachine } from '../api/virtual-machine.ts';
import { nameSuffix } from '../base/hash.ts';
import type { Client } from '../kube/types.ts';
import { Lease } from '../meta/core.ts';
import { apiVersionOf } from '../meta/resource.ts';
import { isApiError } from '../meta/status.ts';
import type { Holder } from '../ports/arbiter.ts';

/** Where the Lease of one VM is. */
export interface LeasePlace {
  readonly vm: { readonly uid: string; readonly namespace: string; readonly name: string };
  readonly name: string;
  /** The host that asks. */
  readonly nodeName: string;
}

/** On the Lease of a VM: the host through which it was taken last. */
const heldOn = 'hypersphere.io/held-on';
/** On the Lease of a VM: who alone may succeed its holder. */
const heirOn = 'hypersphere.io/heir';

/** What is said of `nodeName` in a label; a name may be longer than a label's value. */
export function labelFor(nodeName: string): Record<string, string> {
  return { [heldOn]: nodeName.length <= 63 ? nodeName : `${nodeName.slice(0, 50)}-${nameSuffix(nodeName)}` };
}

/** What the Lease said when it was read. */
export interface Held {
  readonly lease: Lease | undefined;
  readonly holder: Holder | undefined;
  readonly heir: Holder | undefined;
}

/** What it is to say. */
export interface Entry {
  readonly holder: Holder | undefined;
  readonly heir?: Holder;
  /** Through which it is taken; absent: as before. */
  readonly host?: string;
}

export async function readLease(client: Client, place: LeasePlace): Promise<Held> {
  const lease = await client.get(Lease, refOf(place));
  const holder = lease?.spec?.holderIdentity;
  return { lease, holder: holder === null || holder === '' ? undefined : holder, heir: lease?.metadata.annotations?.[heirOn] };
}

/** Writes on condition that `lease` is as it was read. @returns false: somebody else was faster. */
export async function writeLease(client: Client, place: LeasePlace, lease: Lease | undefined, entry: Entry): Promise<boolean> {
  try {
    await (lease === undefined ? create(client, place, entry) : client.update(Lease, changed(lease, entry)));
    return true;
  } catch (error) {
    if (!isApiError(error, 'Conflict', 'AlreadyExists')) throw error;
    return false;
  }
}

async function create(client: Client, place: LeasePlace, { holder = '', host }: Entry): Promise<void> {
  const { name, uid } = place.vm;
  const owner = { apiVersion: apiVersionOf(VirtualMachine), kind: VirtualMachine.kind, name, uid };
  const ownerReferences = [{ ...owner, controller: true, blockOwnerDeletion: false }];
  await client.create(Lease, {
    apiVersion: apiVersionOf(Lease),
    kind: Lease.kind,
    metadata: { ...refOf(place), ownerReferences, labels: labelFor(host ?? place.nodeName) },
    spec: { holderIdentity: holder },
  });
}

function changed(lease: Lease, { heir, holder = '', host }: Entry): Lease {
  const labels = { ...lease.metadata.labels, ...(host === undefined || holder === '' ? {} : labelFor(host)) };
  const others = Object.entries(lease.metadata.annotations ?? {}).filter(([key]) => key !== heirOn);
  const annotations = { ...Object.fromEntries(others), ...(heir === undefined ? {} : { [heirOn]: heir }) };
  // The count makes a write of what is there already a change: only a change makes older ones fail by their version.
  const leaseTransitions = (lease.spec?.leaseTransitions ?? 0) + 1;
  return {
    ...lease,
    metadata: { ...lease.metadata, labels, annotations },
    spec: { ...lease.spec, holderIdentity: holder, leaseTransitions },
  };
}

function refOf({ name, vm }: LeasePlace): { readonly namespace: string; readonly name: string } {
  return { namespace: vm.namespace, name };
}
