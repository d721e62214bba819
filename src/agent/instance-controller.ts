/** The control loop over the instances of one host. */
import { VirtualMachineInstance, type VirtualMachineInstanceStatus } from '../api/virtual-machine-instance.ts';
import { equal } from '../base/equal.ts';
import { messageOf } from '../base/errors.ts';
import type { ControllerSpec, Result } from '../kube/types.ts';
import { unlessGone } from '../kube/unless-gone.ts';
import type { ObjectRef } from '../meta/objects.ts';
import { carryOut } from './carry-out.ts';
import type { AgentContext } from './context.ts';
import type { Finding } from './finding.ts';
import { statusOf } from './status.ts';
import { unsaidFor } from './told-transfer.ts';
import { inTurn } from './turns.ts';

/** How long to wait before a refused step is tried again, milliseconds. */
const retryMs = 2_000;
/** So long one that is in a pair waits for the API server, milliseconds. */
const saidWithinMs = 1_000;

export function instanceController(agent: AgentContext, sweep: (enqueue: (ref: ObjectRef) => void) => void): ControllerSpec {
  const reconcile = async (ref: ObjectRef): Promise<Result> => {
    const instance = agent.instances.get(ref);
    if (instance === undefined) return undefined;
    const turn = await inTurn(agent.busy, instance.metadata.uid, () => carryOutAndSay(agent, instance));
    const again = turn === undefined || turn.done.trouble !== undefined ? (turn?.done.again ?? retryMs) : turn.done.again;
    return again === undefined ? undefined : { requeueAfter: again };
  };
  return {
    name: 'instance',
    concurrency: 8,
    reconcile,
    watch: (enqueue) => {
      for (const instance of agent.instances.list()) enqueue(instance.metadata);
      agent.instances.onChange((_before, after) => {
        if (after !== undefined) enqueue(after.metadata);
      });
      agent.transfers.onNews((guest) => {
        for (const instance of agent.instances.byIndex('byUid', guest)) enqueue(instance.metadata);
      });
      sweep(enqueue);
    },
  };
}

async function carryOutAndSay(agent: AgentContext, instance: VirtualMachineInstance): Promise<Finding> {
  const finding = await carryOut(agent, instance);
  const unsaid = unsaidFor(instance, finding, agent.runtime.clock.monotonic());
  if (unsaid > 0) return { ...finding, again: Math.min(unsaid, finding.again ?? unsaid) };
  const saying = say(agent, instance, statusOf(instance, finding, agent.runtime.clock.now()));
  return isPaired(instance) ? saidInTime(agent, saying, finding) : saying.then(() => finding);
}

function isPaired({ spec }: VirtualMachineInstance): boolean {
  return spec.shadow !== undefined || spec.shadowOf !== undefined;
}

/** Who goes on for whom is the arbiter's to say, whether or not the API server hears of it: nobody waits for that (rule 10). */
async function saidInTime({ runtime }: AgentContext, saying: Promise<void>, finding: Finding): Promise<Finding> {
  const { clock, log } = runtime;
  const heard = new AbortController();
  const said = saying.then(
    () => true,
    (error: unknown) => {
      log.warn('status not said', { error: messageOf(error) });
      return false;
    },
  );
  const late = clock.sleep(saidWithinMs, heard.signal).then(
    () => false,
    () => false,
  );
  const isSaid = await Promise.race([said, late]);
  heard.abort();
  return isSaid ? finding : { ...finding, again: Math.min(finding.again ?? retryMs, retryMs) };
}

async function say({ client }: AgentContext, instance: VirtualMachineInstance, status: VirtualMachineInstanceStatus): Promise<void> {
  if (equal(instance.status, status)) return;
  const { metadata } = instance;
  // Its last word was the finalizer; there may be nobody left to listen.
  const patch = { metadata: { uid: metadata.uid, resourceVersion: metadata.resourceVersion }, status: withoutOld(instance.status, status) };
  // Read too early: the cache will bring what is newer, and with it another look.
  await unlessGone(client.patch(VirtualMachineInstance, metadata, patch, { subresource: 'status' }));
}

/** What a merge patch needs to say so that nothing of `before` stays that is not in `after`. */
function withoutOld(before: VirtualMachineInstanceStatus, after: VirtualMachineInstanceStatus): object {
  const { startedAt = null, endpoint = null, protection = null, transfer } = after;
  const gone = Object.keys(before.transfer ?? {}).map((key) => [key, null] as const);
  const moved = transfer === undefined ? null : { ...Object.fromEntries(gone), ...transfer };
  const optional = { startedAt, endpoint, transfer: moved, protection: protection === null ? null : { blackout: null, ...protection } };
  return { ...after, ...Object.fromEntries(Object.entries(optional).filter(([key, value]) => value !== null || key in before)) };
}
