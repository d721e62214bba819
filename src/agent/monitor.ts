/** Resets guests that hang, where that is asked for. The reset is written before it is done: how many there were is known to whoever comes after. */
import { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { messageOf, Stopped } from '../base/errors.ts';
import { rfc3339 } from '../base/time.ts';
import { hangs, isSpent, watchAfter, type Watch } from '../domain/guest-monitoring.ts';
import type { ObjectRef } from '../meta/objects.ts';
import type { Guest } from '../ports/guests.ts';
import type { AgentContext } from './context.ts';
import { inTurn } from './turns.ts';

/** While any is to be watched, all that are are looked at so often, milliseconds. */
const lookMs = 5_000;
/** What is kept of resets. */
const mostKept = 10;

type Enqueue = (ref: ObjectRef) => void;

export async function monitorForever(agent: AgentContext, enqueue: Enqueue): Promise<void> {
  const { clock, log, stopping } = agent.runtime;
  const watches = new Map<string, Watch>();
  let wake = (): void => undefined;
  agent.instances.onChange((_before, after) => {
    if (after !== undefined && isWatched(after)) wake();
  });
  while (!stopping.aborted) {
    try {
      const awake = new Promise<void>((resolve) => (wake = resolve));
      if (!agent.instances.list().some(isWatched)) await awake;
      await look(agent, watches, enqueue);
      await clock.sleep(lookMs, stopping);
    } catch (error) {
      if (error instanceof Stopped) return;
      log.warn('guests not watched', { error: messageOf(error) });
      await clock.sleep(lookMs, stopping).catch(() => undefined);
    }
  }
}

/** One that moves, falls asleep or has a shadow is not disturbed: a reset would end that. */
function isWatched({ metadata, spec }: VirtualMachineInstance): boolean {
  const { guestMonitoring, moveTo, powerState, shadow } = spec;
  const isAtRest = moveTo === undefined && shadow === undefined && metadata.deletionTimestamp === undefined;
  return guestMonitoring !== undefined && powerState === 'PoweredOn' && isAtRest;
}

async function look(agent: AgentContext, watches: Map<string, Watch>, enqueue: Enqueue): Promise<void> {
  const { host, instances, runtime } = agent;
  const guests = new Map((await host.guests.list()).map((guest) => [guest.spec.id, guest]));
  const watched = instances.list().filter(isWatched);
  const there = new Set(watched.map(({ metadata }) => metadata.uid));
  for (const uid of watches.keys()) if (!there.has(uid)) watches.delete(uid);
  for (const instance of watched) {
    const { uid } = instance.metadata;
    const guest = guests.get(uid);
    if (guest?.state !== 'Running') continue;
    const watch = watchAfter(watches.get(uid), guest, runtime.clock.monotonic(), lookMs);
    watches.set(uid, watch);
    if (isToBeReset(agent, instance, watch)) await reset(agent, instance, guest, enqueue);
  }
}

function isToBeReset({ runtime }: AgentContext, { spec, status }: VirtualMachineInstance, watch: Watch): boolean {
  const monitoring = spec.guestMonitoring;
  return monitoring !== undefined && hangs(monitoring, watch) && !isSpent(monitoring, status.resets ?? [], runtime.clock.now());
}

async function reset(agent: AgentContext, instance: VirtualMachineInstance, { spec }: Guest, enqueue: Enqueue): Promise<void> {
  const { busy, client, host, runtime } = agent;
  const { metadata, status } = instance;
  const turn = await inTurn(busy, metadata.uid, async () => {
    const resets = [...(status.resets ?? []), rfc3339(runtime.clock.now())].slice(-mostKept);
    const patch = { metadata: { uid: metadata.uid, resourceVersion: metadata.resourceVersion }, status: { resets } };
    await client.patch(VirtualMachineInstance, metadata, patch, { subresource: 'status' });
    runtime.log.warn('guest reset: it hangs', { vm: spec.vm.name, namespace: spec.vm.namespace });
    await host.guests.stop(spec.id, 'PowerOff');
  });
  if (turn !== undefined) enqueue(metadata);
}
