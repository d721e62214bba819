/**
 * Arbiters that name a life which is over. An agent may die between the end of a guest and the release of its arbiter, and a host may lose
 * its guests while somebody deletes their instances by force: nobody else would let these arbiters go.
 */
import { HostCluster } from '../api/host-cluster.ts';
import { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { messageOf } from '../base/errors.ts';
import { Node } from '../meta/core.ts';
import { matchesSelector } from '../meta/selectors.ts';
import type { Arbiter, Holder, VmKey } from '../ports/arbiter.ts';
import type { AgentContext } from './context.ts';
import { heldLeases, leaseArbiter } from './lease-arbiter.ts';
import { inTurn } from './turns.ts';

interface Debt {
  readonly vm: VmKey;
  readonly holder: Holder;
  readonly arbiter: () => Arbiter;
}

/**
 * Frees every arbiter that was taken through this host by an instance that the server does not have, and of which there is no guest here. No
 * other host can have started a guest for it, and this one starts none without asking the arbiter again (rule 1).
 * @returns whether all that was owed is settled.
 */
export async function settleDebts(agent: AgentContext): Promise<boolean> {
  // The order matters: an instance that took its arbiter before this was there before the server's list.
  const held = (await heldHere(agent)).filter(({ holder }) => agent.instances.byIndex('byUid', holder).length === 0);
  if (held.length === 0) return true;
  const wanted = await wantedHere(agent);
  let settled = true;
  for (const debt of held.filter(({ holder }) => !wanted.has(holder))) {
    if (!(await settle(agent, debt))) settled = false;
  }
  return settled;
}

/** The uids of this host's instances, as the server itself says: a cache may be behind. */
export async function wantedHere({ client, nodeName }: AgentContext): Promise<ReadonlySet<string>> {
  const { items } = await client.list(VirtualMachineInstance, { fieldSelector: `spec.nodeName=${nodeName}` });
  return new Set(items.map((instance) => instance.metadata.uid));
}

async function heldHere(agent: AgentContext): Promise<Debt[]> {
  const { client, host, nodeName } = agent;
  await attachOwn(agent);
  const onDatastores = await host.datastores.held();
  const inApi = await heldLeases(client, nodeName);
  return [
    ...onDatastores.map(({ datastore, vm, holder }) => ({ vm, holder, arbiter: () => host.datastores.arbiter(datastore) })),
    ...inApi.map(({ place, holder }) => ({ vm: place.vm.uid, holder, arbiter: () => leaseArbiter(client, place) })),
  ];
}

/** An agent that has just started knows of no datastore until an instance names one. */
export async function attachOwn({ client, host, nodeName }: Pick<AgentContext, 'client' | 'host' | 'nodeName'>): Promise<void> {
  const node = await client.get(Node, { name: nodeName });
  const { items } = await client.list(HostCluster);
  for (const { spec } of items) {
    // Which of them holds the memory of a VM without disks is asked when it starts.
    if (matchesSelector(spec.hostSelector, node?.metadata.labels)) await host.datastores.attach(spec.datastores ?? []);
  }
}

async function settle(agent: AgentContext, { vm, holder, arbiter }: Debt): Promise<boolean> {
  const { host, busy, runtime } = agent;
  try {
    const turn = await inTurn(busy, holder, async () => {
      if ((await host.guests.list()).some((guest) => guest.spec.id === holder)) return false;
      await arbiter().testAndSet(vm, holder, undefined);
      return true;
    });
    return turn?.done === true;
  } catch (error) {
    runtime.log.warn('arbiter not freed', { vm, error: messageOf(error) });
    return false;
  }
}
