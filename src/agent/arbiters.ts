import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { Arbiter, ArbiterAnswer } from '../ports/arbiter.ts';
import type { AgentMeans } from './means.ts';
import { leaseArbiter } from './lease-arbiter.ts';

type Means = Pick<AgentMeans, 'client' | 'host' | 'nodeName'>;

/** The one arbiter of the instance's VM. @throws {PortError} NotFound (its datastore is not attached). */
export function arbiterFor({ client, host, nodeName }: Means, { metadata, spec }: VirtualMachineInstance): Arbiter {
  if (spec.arbiter.datastore !== undefined) return host.datastores.arbiter(spec.arbiter.datastore);
  const vm = { uid: spec.virtualMachineUID, namespace: metadata.namespace ?? '', name: spec.virtualMachine };
  return leaseArbiter(client, { vm, name: spec.arbiter.lease ?? '', nodeName });
}

/** The same, once the host knows the datastore that it is on. */
export async function reachedArbiter(agent: AgentMeans, instance: VirtualMachineInstance): Promise<Arbiter> {
  const { arbiter, hostCluster } = instance.spec;
  if (arbiter.datastore !== undefined) await agent.catalogue.attach(hostCluster, [arbiter.datastore]);
  return arbiterFor(agent, instance);
}

/** Who knows what heirs were named by it. */
type Claimant = AgentMeans & { readonly heirs: Map<string, string> };

/**
 * Asks for the VM in the name of `instance`. What it holds already is written anew: a hand-over that an agent before this one has sent may be on its
 * way still, and must not come about beside a guest that starts here; nor may a shadow go on then. One side of a move never takes it, not even when it
 * is free: the source has had it from its start, and the target is given it.
 */
export async function claim(agent: Claimant, instance: VirtualMachineInstance): Promise<ArbiterAnswer> {
  const { metadata, spec } = instance;
  const arbiter = arbiterFor(agent, instance);
  const own = await arbiter.appoint(spec.virtualMachineUID, metadata.uid, undefined);
  if (own.won) agent.heirs.delete(metadata.uid);
  if (own.won || isGivenIt(spec)) return own;
  const answer = await arbiter.testAndSet(spec.virtualMachineUID, undefined, metadata.uid);
  const { holder, won } = answer;
  // From the dead alone, whose death was proved before this instance was made.
  if (won || holder === undefined || spec.replaces?.includes(holder) !== true) return answer;
  return arbiter.testAndSet(spec.virtualMachineUID, holder, metadata.uid);
}

/** It has the arbiter from another one, or has had it from its start: it never takes what is free. */
function isGivenIt({ origin, moveTo, shadowOf }: VirtualMachineInstance['spec']): boolean {
  return origin !== undefined || moveTo !== undefined || shadowOf !== undefined;
}
