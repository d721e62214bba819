/** What the agent does with its guests when the host is cut off: by itself, since nobody may be left to ask. Losing the API alone changes nothing (rule 10). */
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { messageOf, Stopped } from '../base/errors.ts';
import { isInTrouble, noTroubles, responseTo, troublesAfter, type Response } from '../domain/responses.ts';
import type { ObjectRef } from '../meta/objects.ts';
import type { AgentContext } from './context.ts';
import { attachOwn } from './debts.ts';
import { shutDown } from './end.ts';
import { findGuest } from './guests.ts';
import { Trouble } from './trouble.ts';
import { inTurn } from './turns.ts';

/** While something is wrong it is looked at so often, milliseconds. */
const lookMs = 1_000;
/** A host that cannot say that something changed is asked again, milliseconds. */
const deafMs = 30_000;

/** @throws {Trouble} while its host is cut off, and its guest was ended for that. */
export function checkCutOff({ cutOff }: Pick<AgentContext, 'cutOff'>, { metadata }: VirtualMachineInstance): void {
  const why = cutOff.get(metadata.uid);
  if (why !== undefined) throw new Trouble(why.reason, why.message);
}

/** Looks after each change, and each second while something is wrong. */
export async function guardForever(agent: AgentContext, enqueue: (ref: ObjectRef) => void): Promise<void> {
  const { host, runtime } = agent;
  const { clock, log, stopping } = runtime;
  const changes = host.surroundings.changes(stopping)[Symbol.asyncIterator]();
  let changed = changes.next();
  let troubles = noTroubles;
  // What is not attached is never missed. Where this fails the sweep tries it again.
  void attachOwn(agent).catch(() => undefined);
  while (!stopping.aborted) {
    try {
      const now = clock.monotonic();
      const sight = await host.surroundings.look(addressesOf(agent));
      agent.lostDatastores.note(sight.lostDatastores);
      troubles = troublesAfter(troubles, sight, now);
      await respond(agent, (instance) => responseTo(instance.spec, troubles, now), enqueue);
      if (isInTrouble(troubles)) await clock.sleep(lookMs, stopping);
      else if ((await changed).done === true) await clock.sleep(deafMs, stopping);
      else changed = changes.next();
    } catch (error) {
      if (error instanceof Stopped) return;
      log.warn('not known whether this host is cut off', { error: messageOf(error) });
      await clock.sleep(lookMs, stopping).catch(() => undefined);
    }
  }
}

function addressesOf({ instances }: AgentContext): string[] {
  return [...new Set(instances.list().flatMap(({ spec }) => spec.responses?.isolationAddresses ?? []))];
}

type ResponseFor = (instance: VirtualMachineInstance) => Response | undefined;

async function respond(agent: AgentContext, responseFor: ResponseFor, enqueue: (ref: ObjectRef) => void): Promise<void> {
  await Promise.all(
    agent.instances.list().map(async (instance) => {
      const response = responseFor(instance);
      if (response !== undefined) await cut(agent, instance, response, enqueue);
      else if (agent.cutOff.delete(instance.metadata.uid)) enqueue(instance.metadata);
    }),
  );
}

async function cut(agent: AgentContext, instance: VirtualMachineInstance, why: Response, enqueue: (ref: ObjectRef) => void): Promise<void> {
  const { busy, cutOff, host, runtime } = agent;
  const { uid } = instance.metadata;
  const guest = await findGuest(agent, instance);
  if (guest?.state !== 'Running') return;
  const turn = await inTurn(busy, uid, async () => {
    runtime.log.warn('guest ended: this host is cut off', { reason: why.reason, vm: instance.spec.virtualMachine });
    cutOff.set(uid, why);
    await (why.how === 'ShutDown' ? shutDown(agent, guest) : host.guests.stop(uid, 'PowerOff'));
  });
  if (turn !== undefined) enqueue(instance.metadata);
}
