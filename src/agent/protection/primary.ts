/** The side of a pair that has the VM. What it says to the world is held by its hypervisor; who may go on without the other is the arbiter's to say. */
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { parseDuration } from '../../base/time.ts';
import type { ArbiterAnswer } from '../../ports/arbiter.ts';
import { isPortError } from '../../ports/errors.ts';
import type { Protection } from '../../ports/fault-tolerance.ts';
import { reachedArbiter } from '../arbiters.ts';
import type { AgentContext } from '../context.ts';
import type { Step } from '../finding.ts';
import { Trouble } from '../trouble.ts';
import { isProtected, ownProtection } from './own.ts';
import type { ToldProtection } from './told.ts';

/** The shortest silence that says something, and how many intervals it takes at least. */
const shortestSilenceMs = 300;
const silentIntervals = 4;
/** What the shadow has is this many intervals old at most where nothing is wrong with it. */
const freshIntervals = 2;
/** How soon the arbiter is asked again while the guest's output is held, milliseconds. */
const heldAgainMs = 200;

/** After how long without a word from the other side, milliseconds, whoever is left asks the arbiter. */
export function silenceMsFor(intervalMs: number): number {
  return Math.max(shortestSilenceMs, silentIntervals * intervalMs);
}

type Shadow = NonNullable<VirtualMachineInstance['spec']['shadow']>;

/** Lets the protection of a guest that runs be as the instance says. */
export async function attend(agent: AgentContext, instance: VirtualMachineInstance): Promise<Step> {
  const { uid } = instance.metadata;
  if (!isProtected(instance) && !agent.heirs.has(uid) && !agent.protecting.has(uid)) return {};
  const own = await ownProtection(agent, instance, 'Primary');
  const { shadow } = instance.spec;
  if (own === undefined) agent.protecting.delete(uid);
  if (own === undefined) return shadow === undefined || wentAlone(instance, shadow) ? {} : protect(agent, instance, shadow);
  if (own.stage === 'Silent' || shadow?.instanceUID !== own.peer) return goAlone(agent, instance, own);
  if (own.stage === 'Synchronising') return said(shadow, 'Synchronising');
  return stand(agent, instance, shadow, own);
}

/** With this very shadow it is over; an agent before this one may have said so. */
function wentAlone({ status }: VirtualMachineInstance, { instanceUID }: Shadow): boolean {
  return status.protection?.instanceUID === instanceUID && status.protection.stage === 'Alone';
}

async function protect({ host, protecting }: AgentContext, { metadata }: VirtualMachineInstance, shadow: Shadow): Promise<Step> {
  const intervalMs = parseDuration(shadow.interval);
  const options = { mode: shadow.mode, intervalMs, silenceMs: silenceMsFor(intervalMs) };
  protecting.add(metadata.uid);
  await host.protection.protect(metadata.uid, shadow.endpoint, options);
  return said(shadow, 'Synchronising');
}

/** Its shadow could go on, once the arbiter knows of it: only then it is said. */
async function stand(agent: AgentContext, instance: VirtualMachineInstance, shadow: Shadow, own: Protection): Promise<Step> {
  const { uid } = instance.metadata;
  if (agent.heirs.get(uid) !== shadow.instanceUID) {
    const arbiter = await reachedArbiter(agent, instance);
    const word = await arbiter.appoint(instance.spec.virtualMachineUID, uid, shadow.instanceUID);
    if (!word.won) return lose(agent, instance, word);
    agent.heirs.set(uid, shadow.instanceUID);
  }
  if (shadow.yield !== true) return said(shadow, 'InStep');
  // It may be the shadow that is dead, and nobody knows yet.
  if (own.lagMs > freshIntervals * own.intervalMs) return { ...said(shadow, 'InStep'), again: heldAgainMs };
  // As its host's death would: what nobody was told has never happened.
  await agent.host.guests.stop(uid, 'PowerOff');
  return {};
}

/** It was to die, and has: it does not come back while its shadow may go on. */
export async function awaitHeir(agent: AgentContext, instance: VirtualMachineInstance): Promise<Step> {
  const arbiter = await reachedArbiter(agent, instance);
  const holder = await arbiter.holder(instance.spec.virtualMachineUID);
  if (holder !== undefined && holder === instance.spec.shadow?.instanceUID) {
    agent.heirs.delete(instance.metadata.uid);
    return { isMoved: true };
  }
  throw new Trouble('Yielded', 'it died, as it was to: its shadow is to go on', heldAgainMs);
}

/** Alone only once the shadow cannot go on any more: until that is known, nothing is said to the world. */
async function goAlone(agent: AgentContext, instance: VirtualMachineInstance, { peer }: Protection): Promise<Step> {
  const { uid } = instance.metadata;
  const vm = instance.spec.virtualMachineUID;
  const word = await disinherit(agent, instance).catch((error: unknown) => {
    throw isPortError(error, 'Unreachable')
      ? new Trouble('OutputHeld', `its output is held until its arbiter says who goes on: ${error.message}`, heldAgainMs)
      : error;
  });
  if (!word.won) return lose(agent, instance, word);
  await agent.host.protection.goAlone(uid, { vm, holder: uid });
  return { protection: { instanceUID: peer, stage: 'Alone' } };
}

/** Nobody is to succeed `instance`. @throws {PortError} Unreachable: nobody knows. */
export async function disinherit(agent: AgentContext, instance: VirtualMachineInstance): Promise<ArbiterAnswer> {
  const { uid } = instance.metadata;
  const word = await (await reachedArbiter(agent, instance)).appoint(instance.spec.virtualMachineUID, uid, undefined);
  if (word.won) agent.heirs.delete(uid);
  return word;
}

/** Its shadow is the VM: nothing that the guest here did since has ever been told, and it never runs again. */
async function lose({ host, heirs }: AgentContext, { metadata }: VirtualMachineInstance, { holder }: ArbiterAnswer): Promise<Step> {
  heirs.delete(metadata.uid);
  await host.guests.stop(metadata.uid, 'PowerOff');
  if (holder === undefined) throw new Trouble('HeldElsewhere', 'the VM is held by nobody: its guest here was ended');
  return { isMoved: true };
}

function said({ instanceUID }: Shadow, stage: ToldProtection['stage']): Step {
  return { protection: { instanceUID, stage } };
}
