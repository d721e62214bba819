/** Looks at the host itself now and then: what changed without anybody saying so, and guests that belong to nobody. */
import { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { Stopped, messageOf } from '../base/errors.ts';
import { equal } from '../base/equal.ts';
import type { ObjectRef } from '../meta/objects.ts';
import { isPortError } from '../ports/errors.ts';
import type { Guest, GuestSpec } from '../ports/guests.ts';
import type { AgentContext } from './context.ts';
import { leaseArbiter } from './lease-arbiter.ts';
import { statusOf } from './status.ts';

/** Milliseconds between two looks. Guests' events come at once; this is for what they miss. */
const everyMs = 20_000;

export async function sweepForever(agent: AgentContext, enqueue: (ref: ObjectRef) => void): Promise<void> {
  const { clock, log, random, stopping } = agent.runtime;
  const owing = new Map<string, GuestSpec>();
  while (!stopping.aborted) {
    try {
      await clock.sleep(everyMs * (0.75 + random.next() / 2), stopping);
      await sweep(agent, enqueue, owing);
    } catch (error) {
      if (error instanceof Stopped) return;
      log.warn('sweep failed', { error: messageOf(error) });
    }
  }
}

/** @param owing strangers that were ended and whose arbiter may not be free yet: nobody else would let it go. */
async function sweep(agent: AgentContext, enqueue: (ref: ObjectRef) => void, owing: Map<string, GuestSpec>): Promise<void> {
  const guests = new Map((await agent.host.guests.list()).map((guest) => [guest.spec.id, guest]));
  const now = agent.runtime.clock.now();
  for (const instance of agent.instances.list()) {
    const guest = guests.get(instance.metadata.uid);
    guests.delete(instance.metadata.uid);
    if (instance.spec.powerState !== 'Released' && !equal(statusOf(instance, { guest }, now), instance.status)) enqueue(instance.metadata);
  }
  if (guests.size > 0) await endStrangers(agent, [...guests.values()], owing);
  for (const [id, spec] of owing) {
    await freeArbiters(agent, spec);
    owing.delete(id);
  }
}

/** The cache may be behind: only the server's own list proves that nobody wants a guest. */
async function endStrangers(agent: AgentContext, strangers: readonly Guest[], owing: Map<string, GuestSpec>): Promise<void> {
  const { items } = await agent.client.list(VirtualMachineInstance, { fieldSelector: `spec.nodeName=${agent.nodeName}` });
  const wanted = new Set(items.map((instance) => instance.metadata.uid));
  for (const { spec } of strangers.filter((guest) => !wanted.has(guest.spec.id))) {
    agent.runtime.log.warn('guest without an instance is powered off', { namespace: spec.vm.namespace, name: spec.vm.name });
    await agent.host.guests.stop(spec.id, 'PowerOff');
    owing.set(spec.id, spec);
  }
}

/** Without its instance nobody says which arbiter it had: whichever names it lets it go. */
async function freeArbiters({ client, host }: AgentContext, { id, vm, memoryFile }: GuestSpec): Promise<void> {
  const arbiters = [() => leaseArbiter(client, { vm, name: `vm-${vm.uid}` }), () => host.datastores.arbiter(memoryFile.datastore)];
  for (const arbiterOf of arbiters) {
    try {
      const arbiter = arbiterOf();
      if ((await arbiter.holder(vm.uid)) === id) await arbiter.testAndSet(vm.uid, id, undefined);
    } catch (error) {
      // A local datastore has no leases.
      if (!isPortError(error, 'NotFound')) throw error;
    }
  }
}

/** Guests' own events, as hints: the instance of each is looked at. */
export async function followGuests(agent: AgentContext, enqueue: (ref: ObjectRef) => void): Promise<void> {
  for await (const event of agent.host.guests.events(agent.runtime.stopping)) {
    const instance = agent.instances.byIndex('byUid', event.id)[0];
    if (instance !== undefined) enqueue(instance.metadata);
  }
}
