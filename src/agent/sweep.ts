/** Looks at the host itself now and then: what changed without anybody saying so, and guests that belong to nobody. */
import { Stopped, messageOf } from '../base/errors.ts';
import { equal } from '../base/equal.ts';
import type { ObjectRef } from '../meta/objects.ts';
import type { Guest } from '../ports/guests.ts';
import type { AgentContext } from './context.ts';
import { settleDebts, wantedHere } from './debts.ts';
import { findingOf } from './guests.ts';
import { statusOf } from './status.ts';
import { inTurn } from './turns.ts';

/** Milliseconds between two looks. Guests' events come at once; this is for what they miss. */
const everyMs = 20_000;

export async function sweepForever(agent: AgentContext, enqueue: (ref: ObjectRef) => void): Promise<void> {
  const { clock, log, random, stopping } = agent.runtime;
  // An agent that went before may have left debts; so may an instance that goes without this one's leave.
  let owing = true;
  agent.instances.onChange((_before, after) => {
    if (after === undefined) owing = true;
  });
  while (!stopping.aborted) {
    try {
      await clock.sleep(everyMs * (0.75 + random.next() / 2), stopping);
      if (await sweep(agent, enqueue)) owing = true;
      if (!owing) continue;
      owing = false;
      owing = !(await settleDebts(agent)) || owing;
    } catch (error) {
      if (error instanceof Stopped) return;
      owing = true;
      log.warn('sweep failed', { error: messageOf(error) });
    }
  }
}

/** @returns whether guests were ended whose arbiters may be held still. */
async function sweep(agent: AgentContext, enqueue: (ref: ObjectRef) => void): Promise<boolean> {
  const guests = new Map((await agent.host.guests.list()).map((guest) => [guest.spec.id, guest]));
  const now = agent.runtime.clock.now();
  for (const instance of agent.instances.list()) {
    const guest = guests.get(instance.metadata.uid);
    guests.delete(instance.metadata.uid);
    if (instance.spec.powerState !== 'Released' && !equal(statusOf(instance, findingOf(agent, instance, guest), now), instance.status))
      enqueue(instance.metadata);
  }
  return guests.size > 0 && endStrangers(agent, [...guests.values()]);
}

/** The cache may be behind: only the server's own list proves that nobody wants a guest. @returns whether there were such guests. */
async function endStrangers(agent: AgentContext, guests: readonly Guest[]): Promise<boolean> {
  const wanted = await wantedHere(agent);
  const strangers = guests.filter((guest) => !wanted.has(guest.spec.id));
  await Promise.all(strangers.map((stranger) => end(agent, stranger)));
  return strangers.length > 0;
}

/** One that cannot be ended is no reason to leave the others. */
async function end({ host, runtime, busy }: AgentContext, { spec }: Guest): Promise<void> {
  const words = { namespace: spec.vm.namespace, name: spec.vm.name };
  try {
    runtime.log.warn('guest without an instance is powered off', words);
    await inTurn(busy, spec.id, () => host.guests.stop(spec.id, 'PowerOff'));
  } catch (error) {
    runtime.log.warn('guest without an instance is not ended yet', { ...words, error: messageOf(error) });
  }
}

/** Guests' own events, as hints: the instance of each is looked at. Listens again when the hypervisor hangs up, after a pause that grows while nothing comes. */
export async function followGuestsForever(agent: AgentContext, enqueue: (ref: ObjectRef) => void): Promise<void> {
  const { clock, stopping } = agent.runtime;
  let pauseMs = shortestPauseMs;
  while (!stopping.aborted) {
    const heard = await followGuests(agent, enqueue);
    pauseMs = heard ? shortestPauseMs : Math.min(2 * pauseMs, longestPauseMs);
    await clock.sleep(pauseMs, stopping).catch(() => undefined);
    // What happened meanwhile was not heard.
    for (const instance of agent.instances.list()) enqueue(instance.metadata);
  }
}

const shortestPauseMs = 500;
const longestPauseMs = 30_000;

/** Settles when there is nothing more to hear. @returns whether there was anything. */
async function followGuests({ host, instances, runtime }: AgentContext, enqueue: (ref: ObjectRef) => void): Promise<boolean> {
  let heard = false;
  try {
    for await (const event of host.guests.events(runtime.stopping)) {
      heard = true;
      for (const instance of instances.byIndex('byUid', event.id)) enqueue(instance.metadata);
    }
  } catch (error) {
    runtime.log.warn('events of guests not followed', { error: messageOf(error) });
  }
  return heard;
}
