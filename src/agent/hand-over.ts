/** The moment at which a VM changes hands: its guest stands still on both sides until this settles. */
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { Arbiter, ArbiterAnswer, StartToken } from '../ports/arbiter.ts';
import { arbiterFor } from './arbiters.ts';
import type { AgentMeans } from './means.ts';
import { pauseMs } from './pauses.ts';
import type { MoveTo } from './transfer.ts';
import { Trouble, type Reason } from './trouble.ts';

export interface HandOver {
  readonly agent: AgentMeans;
  readonly instance: VirtualMachineInstance;
  readonly moveTo: MoveTo;
  /** True once nobody wants it any more. */
  readonly isCancelled: () => boolean;
  /** Told why the guest stands still for longer, and, with undefined, that this is over. */
  readonly standing: (reason: Reason | undefined) => void;
}

/** How often it is asked for, each time after it was found out that it had not been done. */
const attempts = 3;

/**
 * Gives the VM's arbiter to the target, in one step. Settles only when it is known who holds the VM, however long that takes.
 * @throws {Trouble} the VM is the source's still, and its guest may go on there; or it is neither's, and the guest here was ended.
 */
export async function handOver(of: HandOver): Promise<StartToken> {
  const { instance, moveTo } = of;
  const vm = instance.spec.virtualMachineUID;
  const arbiter = arbiterFor(of.agent, instance);
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (!isWanted(of)) throw new Trouble('Cancelled', 'nobody wants it to move any more');
    const to = { holder: moveTo.instanceUID, host: moveTo.nodeName };
    const answer = (await asked(() => arbiter.handOver(vm, instance.metadata.uid, to))) ?? (await settled(of, arbiter));
    if (answer.holder === moveTo.instanceUID) return { vm, holder: moveTo.instanceUID };
    if (answer.holder !== instance.metadata.uid) throw await ended(of, answer);
  }
  throw new Trouble('ArbiterUnreachable', 'the arbiter of the VM could not be handed over');
}

/** The cache may be behind, never ahead: what it knows not to be wanted is not. */
function isWanted({ agent, instance, moveTo, isCancelled }: HandOver): boolean {
  const [now] = agent.instances.byIndex('byUid', instance.metadata.uid);
  const isMoving =
    now === undefined || (now.metadata.deletionTimestamp === undefined && now.spec.moveTo?.instanceUID === moveTo.instanceUID);
  return !isCancelled() && isMoving;
}

/** Finds out what became of a hand-over without an answer: once this is written in our own name, one that is on its way still fails. */
async function settled({ agent, instance, standing }: HandOver, arbiter: Arbiter): Promise<ArbiterAnswer> {
  standing({ reason: 'ArbiterUnreachable', message: 'its guest stands still: who holds the VM is not known before its arbiter answers' });
  const answer = await insisted(agent, () => arbiter.confirm(instance.spec.virtualMachineUID, instance.metadata.uid));
  standing(undefined);
  return answer;
}

/** @returns undefined when nobody knows what became of it. */
async function asked(question: () => Promise<ArbiterAnswer>): Promise<ArbiterAnswer | undefined> {
  try {
    return await question();
  } catch {
    return undefined;
  }
}

/** Somebody else may run the VM: the guest here must not go on (rule 1). */
async function ended({ agent, instance }: HandOver, { holder }: ArbiterAnswer): Promise<Trouble> {
  await insisted(agent, () => agent.host.guests.stop(instance.metadata.uid, 'PowerOff'));
  return new Trouble('HeldElsewhere', `the VM is held by ${holder ?? 'nobody'}: its guest here was ended`);
}

/** Until it is answered. An agent that is asked to stop before leaves the guest as it stands: to say anything would let it go on, and the next agent finds out. */
async function insisted<T>({ runtime: { clock, stopping } }: AgentMeans, question: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await question();
    } catch {
      await clock.sleep(pauseMs(attempt), stopping).catch(() => undefined);
    }
    if (stopping.aborted) await new Promise(() => undefined);
  }
}
