/** The side of a pair that stands by. It has the VM once the arbiter has made it the heir of the one that died, never before. */
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { formatDuration } from '../../base/time.ts';
import { isPortError } from '../../ports/errors.ts';
import type { Guest } from '../../ports/guests.ts';
import { arbiterFor } from '../arbiters.ts';
import type { AgentContext } from '../context.ts';
import type { Step } from '../finding.ts';
import { attached, findGuest } from '../guests.ts';
import { Trouble } from '../trouble.ts';
import { ownProtection } from './own.ts';

/** How soon the arbiter is asked again while nobody has the VM, and how often it is looked whether it was given over, milliseconds. */
const orphanedAgainMs = 200;
const incomingAgainMs = 5_000;

type ShadowOf = NonNullable<VirtualMachineInstance['spec']['shadowOf']>;

/** What its guest can be until it has the VM. One that has it may have a shadow of its own, and does not start anew where it died for that. */
export function isStandingBy({ spec, status }: VirtualMachineInstance, guest: Guest | undefined): boolean {
  if (spec.shadowOf === undefined || spec.shadow !== undefined || status.phase === 'Moved' || status.protection?.stage === 'Live')
    return false;
  return guest === undefined || ['Incoming', 'Shadow', 'Stopped'].includes(guest.state);
}

/** @param start starts the guest from its disks. */
export async function standBy(agent: AgentContext, instance: VirtualMachineInstance, start: () => Promise<Step>): Promise<Step> {
  const { shadowOf } = instance.spec;
  if (shadowOf === undefined || instance.status.protection?.stage === 'Refused') return {};
  const spec = await attached(agent, instance);
  const guest = await findGuest(agent, instance);
  if (guest?.state === 'Shadow') return follow(agent, instance, shadowOf);
  if (guest?.state === 'Running') return {};
  const holder = await arbiterFor(agent, instance).holder(spec.vm.uid);
  const isOurs = holder === spec.id;
  // What is left of it is on its disks: it took the VM over, and its host lost its power at once.
  if (guest !== undefined && (isOurs || guest.state === 'Stopped')) await agent.host.guests.stop(spec.id, 'PowerOff');
  if (isOurs) return instance.spec.powerState === 'PoweredOn' ? start() : {};
  // Its ports must be here to take what those of the other one know.
  await agent.switches.ready(instance);
  return { endpoint: await agent.host.moves.prepare(spec), again: incomingAgainMs };
}

/** It has the VM, and did not come to say so: the agent before this one went live, or was not heard. */
export async function tellLive(agent: AgentContext, { metadata, spec, status }: VirtualMachineInstance): Promise<Step> {
  const { shadow, shadowOf, virtualMachineUID: vm } = spec;
  const { protection } = status;
  if (shadowOf === undefined || shadow !== undefined || protection?.stage === 'Live') return {};
  if (protection !== undefined && protection.instanceUID !== shadowOf.instanceUID) return {};
  const live = { instanceUID: shadowOf.instanceUID, stage: 'Live' } as const;
  try {
    const { blackoutMs } = await agent.host.protection.goLive(metadata.uid, { vm, holder: metadata.uid });
    return { protection: { ...live, blackout: formatDuration(blackoutMs) } };
  } catch (error) {
    // It began from its disks, or its hypervisor has forgotten.
    if (isPortError(error, 'WrongState')) return { protection: live };
    throw error;
  }
}

async function follow(agent: AgentContext, instance: VirtualMachineInstance, shadowOf: ShadowOf): Promise<Step> {
  const own = await ownProtection(agent, instance, 'Shadow');
  if (own === undefined || own.stage === 'Silent') return succeed(agent, instance, shadowOf);
  return { protection: { instanceUID: shadowOf.instanceUID, stage: own.stage } };
}

/** The other one is silent, or goes on alone: the arbiter knows which. */
async function succeed(agent: AgentContext, instance: VirtualMachineInstance, { instanceUID }: ShadowOf): Promise<Step> {
  const { uid } = instance.metadata;
  const vm = instance.spec.virtualMachineUID;
  const word = await arbiterFor(agent, instance)
    .succeed(vm, uid, agent.nodeName)
    .catch((error: unknown) => {
      throw isPortError(error, 'Unreachable')
        ? new Trouble('ArbiterUnreachable', `it stands by still: ${error.message}`, orphanedAgainMs)
        : error;
    });
  if (!word.won) return { protection: { instanceUID, stage: 'Refused' } };
  const { blackoutMs } = await agent.host.protection.goLive(uid, { vm, holder: uid });
  return { protection: { instanceUID, stage: 'Live', blackout: formatDuration(blackoutMs) } };
}
