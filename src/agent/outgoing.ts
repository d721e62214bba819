/** The source's side of a move. As long as it has not handed over the VM's arbiter, the guest is its own. */
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { isPortError, type PortError } from '../ports/errors.ts';
import type { Guest } from '../ports/guests.ts';
import { reachedArbiter } from './arbiters.ts';
import type { AgentContext } from './context.ts';
import { pauseMs } from './pauses.ts';
import type { Step } from './finding.ts';
import { Trouble } from './trouble.ts';

/** How long until it is looked whether an old transfer is gone, and who holds a guest that stands still, milliseconds. */
const droppedAgainMs = 100;
const standingAgainMs = 1_000;

/** Lets the transfer of a guest that runs be as the instance says: one, to where it is to go, once. */
export async function tend(agent: AgentContext, instance: VirtualMachineInstance): Promise<Step> {
  const { transfers } = agent;
  const { uid } = instance.metadata;
  const { moveTo } = instance.spec;
  const before = transfers.of(uid);
  if (before !== undefined && before.moveTo.instanceUID !== moveTo?.instanceUID) {
    await transfers.drop(uid);
    if (moveTo !== undefined) return { again: droppedAgainMs };
  }
  if (moveTo === undefined || hasFailed(instance)) return {};
  await reachedArbiter(agent, instance);
  transfers.begin(agent, instance, moveTo);
  return {};
}

/** What an agent before this one said counts. */
function hasFailed({ spec, status }: VirtualMachineInstance): boolean {
  return status.transfer?.stage === 'Failed' && status.transfer.instanceUID === spec.moveTo?.instanceUID;
}

/** A guest that runs here no more, or not for the moment. */
export async function leave(agent: AgentContext, instance: VirtualMachineInstance, guest: Guest): Promise<Step> {
  const { uid } = instance.metadata;
  // Who sends it knows more than is to be seen here.
  if (agent.transfers.of(uid)?.isUnderWay === true) return {};
  if (guest.state === 'Paused') return settle(agent, instance, guest);
  // What is said of it must be known to the server before it is forgotten here.
  if (instance.status.phase === 'Moved') await agent.host.guests.stop(uid, 'PowerOff');
  return {};
}

/** A guest that stands still, and nobody says why: its agent died while it changed hands. What the arbiter says decides. */
async function settle(agent: AgentContext, instance: VirtualMachineInstance, guest: Guest): Promise<Step> {
  const { metadata, spec } = instance;
  const vm = spec.virtualMachineUID;
  const holder = metadata.uid;
  const arbiter = await reachedArbiter(agent, instance);
  const word = await arbiter.confirm(vm, holder).catch((error: unknown) => {
    throw isPortError(error, 'Unreachable') ? unreachable(agent, holder, error) : error;
  });
  agent.unanswered.delete(holder);
  // What is here may be needed there still, and can do no harm.
  if (!word.won)
    throw new Trouble('HandedOver', `the VM is held by ${word.holder ?? 'nobody'}: its guest here stands still`, standingAgainMs);
  const why = { reason: 'Interrupted', message: 'the agent of its host ended while it changed hands: it goes on here' };
  if (spec.moveTo !== undefined) agent.transfers.fail(holder, spec.moveTo, guest.spec.memoryBytes, why);
  await agent.host.moves.goOn(holder, { vm, holder });
  return {};
}

function unreachable({ unanswered }: AgentContext, id: string, { message }: PortError): Trouble {
  const attempt = unanswered.get(id) ?? 0;
  unanswered.set(id, attempt + 1);
  return new Trouble('ArbiterUnreachable', message, pauseMs(attempt));
}
