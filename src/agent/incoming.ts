/** The target's side of a move. It never takes the VM's arbiter: it waits until it is given it, and then its guest goes on. */
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { Guest } from '../ports/guests.ts';
import { arbiterFor } from './arbiters.ts';
import type { AgentContext } from './context.ts';
import { attached, findGuest } from './guests.ts';
import type { Step } from './finding.ts';

/** How long until the arbiter is asked again, milliseconds: at once when the guest only waits for that; rarely when what is missing is its memory. */
const receivedAgainMs = 500;
const incomingAgainMs = 5_000;

/** What its guest can be until it runs. One that has had a shadow since then has arrived. */
export function isArriving({ spec, status }: VirtualMachineInstance, guest: Guest | undefined): boolean {
  if (spec.origin === undefined || spec.shadow !== undefined || status.phase === 'Moved') return false;
  return guest === undefined || ['Incoming', 'Received', 'Stopped'].includes(guest.state);
}

/** @param start starts the guest from its disks. */
export async function takeOver(agent: AgentContext, instance: VirtualMachineInstance, start: () => Promise<Step>): Promise<Step> {
  const spec = await attached(agent, instance);
  const holder = await arbiterFor(agent, instance).holder(spec.vm.uid);
  // The arbiter is handed over after the guest is complete: whoever asked in this order and is told that it holds the VM sees a complete guest.
  const guest = await findGuest(agent, instance);
  if (holder === spec.id) return goOnHere(agent, instance, guest, start);
  // It had the VM, and handed it over in the moment in which its host lost its power.
  if (holder !== undefined && holder === instance.spec.moveTo?.instanceUID) return { isMoved: true };
  if (guest?.state === 'Received') return { again: receivedAgainMs };
  if (guest?.state === 'Running') return {};
  if (guest?.state === 'Stopped') await agent.host.guests.stop(spec.id, 'PowerOff');
  // Its source gives its ports' state along with the guest: they must be here to take it.
  await agent.switches.ready(instance);
  return { endpoint: await agent.host.moves.prepare(spec), again: incomingAgainMs };
}

async function goOnHere(
  { host }: AgentContext,
  { metadata, spec }: VirtualMachineInstance,
  guest: Guest | undefined,
  start: () => Promise<Step>,
): Promise<Step> {
  const id = metadata.uid;
  if (guest?.state === 'Received') await host.moves.activate(id, { vm: spec.virtualMachineUID, holder: id });
  if (guest?.state === 'Received' || guest?.state === 'Running') return {};
  // Its host lost its power after the switch-over: its memory never comes.
  if (guest !== undefined) await host.guests.stop(id, 'PowerOff');
  return spec.powerState === 'PoweredOn' ? start() : {};
}
