/** Makes the guest of one instance as the instance says. Every step may be repeated after a crash at any point. */
import { guestFinalizer, VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { bytes } from '../base/quantity.ts';
import { isApiError } from '../meta/status.ts';
import type { Arbiter } from '../ports/arbiter.ts';
import { isPortError, PortError } from '../ports/errors.ts';
import type { Guest, GuestSpec } from '../ports/guests.ts';
import type { AgentContext } from './context.ts';
import { checkMemoryHome, guestSpecOf, volumeName } from './guest-spec.ts';
import { leaseArbiter } from './lease-arbiter.ts';
import type { Finding } from './status.ts';

/** How long a guest that was asked to shut down may take before its power is cut, milliseconds. */
const shutDownGraceMs = 30_000;

/** @returns what is so afterwards; what a port refused is in `trouble`, to be tried again. */
export async function carryOut(agent: AgentContext, instance: VirtualMachineInstance): Promise<Finding> {
  const before = await findGuest(agent, instance);
  try {
    const released = await step(agent, instance, before);
    return { guest: await findGuest(agent, instance), released };
  } catch (error) {
    if (!isPortError(error)) throw error;
    return { guest: await findGuest(agent, instance), trouble: { reason: troubleReason(error), message: error.message } };
  }
}

function troubleReason(error: PortError): string {
  return error.code === 'NotHolder' ? 'HeldElsewhere' : error.code;
}

export async function findGuest({ host }: AgentContext, instance: VirtualMachineInstance): Promise<Guest | undefined> {
  return (await host.guests.list()).find((guest) => guest.spec.id === instance.metadata.uid);
}

async function step(agent: AgentContext, instance: VirtualMachineInstance, guest: Guest | undefined): Promise<boolean> {
  const isGuarded = instance.metadata.finalizers?.includes(guestFinalizer) === true;
  const isGoing = instance.metadata.deletionTimestamp !== undefined;
  // One whose guest is gone for good may be asked to remove disks still.
  if (isGoing && (isGuarded || guest !== undefined)) await end(agent, instance, guest);
  if (isGoing && (isGuarded || instance.spec.powerState !== 'Released')) return false;
  switch (instance.spec.powerState) {
    case 'Released':
      if (await isAskedStill(agent, instance)) await removeDisks(agent, instance);
      return true;
    case 'Suspended':
      if (guest?.state === 'Running') await suspend(agent, instance, guest);
      return false;
    case 'PoweredOn':
      await run(agent, instance, guest);
      return false;
  }
}

async function suspend({ host }: AgentContext, { spec }: VirtualMachineInstance, guest: Guest): Promise<void> {
  checkMemoryHome(guest.spec, spec.hostCluster);
  await host.guests.suspend(guest.spec.id);
}

async function run(agent: AgentContext, instance: VirtualMachineInstance, guest: Guest | undefined): Promise<void> {
  const { host } = agent;
  const unchanged = instance.status.observedGeneration === instance.metadata.generation;
  if (guest?.state === 'Running' && unchanged) return;
  const spec = await prepare(agent, instance);
  if (guest?.state === 'Running') return;
  const holder = instance.metadata.uid;
  const vm = instance.spec.virtualMachineUID;
  // The arbiter's word comes before the guest: whoever cannot get it must not start anything.
  const word = await arbiterFor(agent, instance).testAndSet(vm, undefined, holder);
  if (!word.won) throw new PortError('NotHolder', `another instance of the VM holds it still (${word.holder ?? 'unknown'})`);
  if (guest?.state === 'Suspended') return host.guests.resume(spec.id, { vm, holder });
  if (guest?.state === 'Stopped') await host.guests.stop(spec.id, 'PowerOff');
  await host.guests.start(spec, { vm, holder });
}

/** The instance's disks, made or grown to their size. */
async function prepare({ catalogue, host }: AgentContext, instance: VirtualMachineInstance): Promise<GuestSpec> {
  const { spec } = instance;
  const disks = spec.disks ?? [];
  const needed = [...disks.map((disk) => disk.datastore), ...(spec.arbiter.datastore === undefined ? [] : [spec.arbiter.datastore])];
  const home = await catalogue.attach(spec.hostCluster, needed);
  const guest = guestSpecOf(instance, home ?? '');
  for (const [index, disk] of guest.disks.entries()) await host.datastores.ensure(disk.volume, bytes(String(disks[index]?.size ?? 0)));
  return guest;
}

function arbiterFor({ client, host, nodeName }: AgentContext, { metadata, spec }: VirtualMachineInstance): Arbiter {
  if (spec.arbiter.datastore !== undefined) return host.datastores.arbiter(spec.arbiter.datastore);
  const vm = { uid: spec.virtualMachineUID, namespace: metadata.namespace ?? '', name: spec.virtualMachine };
  return leaseArbiter(client, { vm, name: spec.arbiter.lease ?? '', nodeName });
}

/** The order is the safety: dead for certain, then the arbiter is free, then the instance may go. */
async function end(agent: AgentContext, instance: VirtualMachineInstance, guest: Guest | undefined): Promise<void> {
  if (guest !== undefined) await stop(agent, guest);
  if (instance.spec.powerState !== 'Released') await giveUpArbiter(agent, instance);
  await dropFinalizer(agent, instance);
}

async function stop({ host, runtime }: AgentContext, guest: Guest): Promise<void> {
  const { id } = guest.spec;
  if (guest.state !== 'Running' || guest.heartbeat !== 'Beating') return host.guests.stop(id, 'PowerOff');
  const answered = new AbortController();
  const cut = runtime.clock.sleep(shutDownGraceMs, answered.signal).then(
    () => host.guests.stop(id, 'PowerOff'),
    () => undefined,
  );
  try {
    await Promise.race([host.guests.stop(id, 'ShutDown'), cut]);
  } finally {
    answered.abort();
  }
}

async function giveUpArbiter(agent: AgentContext, instance: VirtualMachineInstance): Promise<void> {
  const { arbiter, hostCluster, virtualMachineUID } = instance.spec;
  if (arbiter.datastore !== undefined) await agent.catalogue.attach(hostCluster, [arbiter.datastore]);
  const word = arbiterFor(agent, instance);
  // A Lease that went with its VM has nothing left to give up.
  if ((await word.holder(virtualMachineUID)) === instance.metadata.uid)
    await word.testAndSet(virtualMachineUID, instance.metadata.uid, undefined);
}

async function dropFinalizer({ client }: AgentContext, { metadata }: VirtualMachineInstance): Promise<void> {
  const finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== guestFinalizer);
  if (finalizers.length === metadata.finalizers?.length) return;
  try {
    await client.patch(VirtualMachineInstance, metadata, {
      metadata: { uid: metadata.uid, resourceVersion: metadata.resourceVersion, finalizers },
    });
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
  }
}

/**
 * Whether disks are to be removed, as the server says and not a cache: this may be a repetition, after an answer that was lost, and under the same
 * names there may be disks of another VM by now.
 */
async function isAskedStill({ client }: AgentContext, { metadata, status }: VirtualMachineInstance): Promise<boolean> {
  if (status.phase === 'Released') return false;
  const { name, namespace = '', uid } = metadata;
  const { items } = await client.list(VirtualMachineInstance, { namespace, fieldSelector: `metadata.name=${name}` });
  return items.some((instance) => instance.metadata.uid === uid && instance.status.phase !== 'Released');
}

async function removeDisks({ catalogue, host }: AgentContext, { metadata, spec }: VirtualMachineInstance): Promise<void> {
  const leaving = (spec.removeDisks ?? []).map((entry) => {
    const slash = entry.indexOf('/');
    return { datastore: entry.slice(0, slash), disk: entry.slice(slash + 1) };
  });
  await catalogue.attach(
    spec.hostCluster,
    leaving.map(({ datastore }) => datastore),
  );
  for (const { datastore, disk } of leaving) {
    await host.datastores.remove({ datastore, volume: volumeName(metadata.namespace ?? '', spec.virtualMachine, disk) });
  }
}
