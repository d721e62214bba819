/** Makes the guest of one instance as the instance says. Every step may be repeated after a crash at any point. */
import { guestFinalizer, type VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { isPortError, PortError } from '../ports/errors.ts';
import type { Guest, GuestSpec } from '../ports/guests.ts';
import { claim } from './arbiters.ts';
import type { AgentContext } from './context.ts';
import { checkCutOff } from './cut-off.ts';
import { end } from './end.ts';
import { checkMemoryHome } from './guest-spec.ts';
import { findGuest, findingOf, withDisks } from './guests.ts';
import { isArriving, takeOver } from './incoming.ts';
import { leave, tend } from './outgoing.ts';
import { isProtected, ownProtection } from './protection/own.ts';
import { attend, awaitHeir } from './protection/primary.ts';
import { isStandingBy, standBy, tellLive } from './protection/shadow.ts';
import { isAskedStill, removeDisks } from './released.ts';
import type { Finding, Step } from './finding.ts';
import { reasonOf, Trouble } from './trouble.ts';

/** @returns what is so afterwards; what a port refused is in `trouble`, to be tried again. */
export async function carryOut(agent: AgentContext, instance: VirtualMachineInstance): Promise<Finding> {
  const before = await findGuest(agent, instance);
  try {
    return await seen(agent, instance, await step(agent, instance, before));
  } catch (error) {
    const trouble = reasonOf(error);
    if (trouble === undefined) throw error;
    const again = error instanceof Trouble ? error.again : undefined;
    return seen(agent, instance, { trouble, ...(again === undefined ? {} : { again }) });
  }
}

async function seen(agent: AgentContext, instance: VirtualMachineInstance, found: Step): Promise<Finding> {
  return { ...found, ...findingOf(agent, instance, await findGuest(agent, instance)) };
}

async function step(agent: AgentContext, instance: VirtualMachineInstance, guest: Guest | undefined): Promise<Step> {
  const isGuarded = instance.metadata.finalizers?.includes(guestFinalizer) === true;
  const isGoing = instance.metadata.deletionTimestamp !== undefined;
  // One whose guest is gone for good may be asked to remove disks still.
  if (isGoing && (isGuarded || guest !== undefined)) await end(agent, instance, guest);
  if (isGoing && (isGuarded || instance.spec.powerState !== 'Released')) return {};
  switch (instance.spec.powerState) {
    case 'Released':
      if (await isAskedStill(agent, instance)) await removeDisks(agent, instance);
      return { released: true };
    case 'Suspended':
    case 'PoweredOn':
      return live(agent, instance, guest);
  }
}

async function live(agent: AgentContext, instance: VirtualMachineInstance, guest: Guest | undefined): Promise<Step> {
  const isSuspended = instance.spec.powerState === 'Suspended';
  // Before a guest starts or falls asleep no hand-over may be under way; one that is gone has left nothing to be sent.
  if (isSuspended || guest === undefined || ['Stopped', 'Suspended'].includes(guest.state))
    await agent.transfers.end(instance.metadata.uid);
  if (isArriving(instance, guest)) return takeOver(agent, instance, () => start(agent, instance, undefined));
  if (isStandingBy(instance, guest)) return standBy(agent, instance, () => start(agent, instance, undefined));
  if (guest?.state === 'Paused' || guest?.state === 'Moved') return leave(agent, instance, guest);
  if (!isSuspended) return run(agent, instance, guest);
  return guest?.state === 'Running' ? suspend(agent, instance, guest) : {};
}

async function suspend(agent: AgentContext, instance: VirtualMachineInstance, guest: Guest): Promise<Step> {
  const { host } = agent;
  // Asleep, it could not take part.
  if (isProtected(instance) && (await ownProtection(agent, instance, 'Primary')) !== undefined) return attend(agent, instance);
  checkMemoryHome(guest.spec, instance.spec.hostCluster);
  await host.guests.suspend(guest.spec.id);
  return {};
}

async function run(agent: AgentContext, instance: VirtualMachineInstance, guest: Guest | undefined): Promise<Step> {
  // Its life went on elsewhere: it has none left here.
  if (guest === undefined && instance.status.phase === 'Moved') return {};
  if (guest === undefined && instance.spec.shadow?.yield === true) return awaitHeir(agent, instance);
  if (guest?.state !== 'Running') return start(agent, instance, guest);
  const unchanged = instance.status.observedGeneration === instance.metadata.generation;
  if (!unchanged) await withDisks(agent, instance);
  return { ...(await tend(agent, instance)), ...(await tellLive(agent, instance)), ...(await attend(agent, instance)) };
}

/** From its disks, or from its memory file. */
async function start(agent: AgentContext, instance: VirtualMachineInstance, guest: Guest | undefined): Promise<Step> {
  const { host } = agent;
  checkCutOff(agent, instance);
  const spec = await withDisks(agent, instance);
  // A guest that runs has its ports, and nothing that it sends is lost or uncounted.
  await agent.switches.ready(instance);
  const holder = instance.metadata.uid;
  const vm = instance.spec.virtualMachineUID;
  // The arbiter's word comes before the guest: whoever cannot get it must not start anything.
  const word = await claim(agent, instance);
  const { moveTo, shadow } = instance.spec;
  if (!word.won && word.holder !== undefined && [moveTo?.instanceUID, shadow?.instanceUID].includes(word.holder)) return { isMoved: true };
  if (!word.won) throw new PortError('NotHolder', `another instance of the VM holds it still (${word.holder ?? 'unknown'})`);
  if (guest?.state === 'Stopped') await host.guests.stop(spec.id, 'PowerOff');
  await agent.counters.resume(instance);
  if (guest?.state === 'Suspended') await host.guests.resume(spec.id, { vm, holder });
  else if (!(await wakes(agent, instance, spec))) await host.guests.start(spec, { vm, holder });
  return {};
}

/** @returns false: there is no memory from which it could go on, for certain. Whatever else goes wrong is tried again: a start from the disks would make it void. */
async function wakes({ host }: AgentContext, { metadata, spec }: VirtualMachineInstance, guest: GuestSpec): Promise<boolean> {
  if (spec.wakes !== true) return false;
  try {
    await host.guests.wake(guest, spec.replaces ?? [], { vm: spec.virtualMachineUID, holder: metadata.uid });
    return true;
  } catch (error) {
    if (!isPortError(error, 'MemoryLost')) throw error;
    return false;
  }
}
