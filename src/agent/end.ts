/** The end of a life: dead for certain, then the arbiter is free, then the instance may go. */
import { Host, isProvedDead } from '../api/host.ts';
import { guestFinalizer, storageLost, VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { isApiError } from '../meta/status.ts';
import { isPortError } from '../ports/errors.ts';
import type { Guest } from '../ports/guests.ts';
import { reachedArbiter } from './arbiters.ts';
import type { AgentContext } from './context.ts';
import { disinherit } from './protection/primary.ts';
import { Trouble } from './trouble.ts';

/** How long a guest that was asked to shut down may take before its power is cut, milliseconds. */
const shutDownGraceMs = 30_000;

export async function end(agent: AgentContext, instance: VirtualMachineInstance, guest: Guest | undefined): Promise<void> {
  // Whether a hand-over that is under way comes before the end or after it: the arbiter says, and the guest here is dead.
  void agent.transfers.drop(instance.metadata.uid);
  await dismissHeir(agent, instance);
  if (guest !== undefined) await shutDown(agent, guest);
  // Before anybody may take it for dead: what replaces it counts on from there.
  const told = await agent.counters.told(instance);
  if (instance.spec.powerState !== 'Released') await giveUpArbiter(agent, instance).catch((error: unknown) => outOfReach(instance, error));
  await dropFinalizer(agent, told);
}

/** Its shadow is not to go on where it ends. Where that cannot be said it ends all the same: it is to be off, and its shadow ends with it. */
async function dismissHeir(agent: AgentContext, instance: VirtualMachineInstance): Promise<void> {
  if (instance.spec.shadow === undefined && !agent.heirs.has(instance.metadata.uid)) return;
  const { uid } = instance.metadata;
  try {
    const { won } = await disinherit(agent, instance);
    // What it writes while it shuts down is to reach its disks.
    if (won) await agent.host.protection.goAlone(uid, { vm: instance.spec.virtualMachineUID, holder: uid });
  } catch (error) {
    if (!isPortError(error)) throw error;
  }
  agent.heirs.delete(uid);
}

/** Asks it to shut down, if it can be asked, and cuts its power when it does not. */
export async function shutDown({ host, runtime }: AgentContext, guest: Guest): Promise<void> {
  const { id } = guest.spec;
  if (guest.state !== 'Running' || guest.heartbeat !== 'Beating') return host.guests.stop(id, 'PowerOff');
  const answered = new AbortController();
  const cut = runtime.clock.sleep(shutDownGraceMs, answered.signal).then(
    () => host.guests.stop(id, 'PowerOff'),
    () => undefined,
  );
  try {
    await Promise.race([host.guests.stop(id, 'ShutDown'), cut]);
  } finally {
    answered.abort();
  }
}

/** That its guest is dead is known all the same, and said: whoever replaces it may take the arbiter. */
function outOfReach({ spec: { arbiter, nodeName } }: VirtualMachineInstance, error: unknown): never {
  if (arbiter.datastore === undefined || !isPortError(error, 'Unreachable')) throw error;
  throw new Trouble(storageLost, `its guest has ended, and ${nodeName} does not reach datastore ${arbiter.datastore}, where its lease is`);
}

async function giveUpArbiter(agent: AgentContext, instance: VirtualMachineInstance): Promise<void> {
  const { uid } = instance.metadata;
  const vm = instance.spec.virtualMachineUID;
  const word = await reachedArbiter(agent, instance);
  if ((await word.holder(vm)) !== uid) await checkOrigin(agent, instance);
  const holder = await word.holder(vm);
  // A Lease that went with its VM has nothing left to give up. What the dead left behind nobody else would.
  if (holder !== undefined && (holder === uid || instance.spec.replaces?.includes(holder) === true))
    await word.testAndSet(vm, holder, undefined);
}

/** A VM that is handed over to an instance which is gone would be held by nobody, for ever. @throws {Trouble} while that may happen. */
async function checkOrigin({ client }: AgentContext, { metadata, spec }: VirtualMachineInstance): Promise<void> {
  if (spec.origin === undefined) return;
  const { instance: name, instanceUID } = spec.origin;
  const ofThatName = { namespace: metadata.namespace ?? '', fieldSelector: `metadata.name=${name}` };
  const { items } = await client.list(VirtualMachineInstance, ofThatName);
  const origin = items.find((one) => one.metadata.uid === instanceUID);
  if (origin === undefined || !mayHandOver(origin, metadata.uid)) return;
  const host = await client.get(Host, { name: origin.spec.nodeName });
  // The dead hand over no more.
  if (isProvedDead(host)) return;
  throw new Trouble('OriginSends', `${name} may hand the VM over to it still`);
}

/** True until the source's agent has said that it does not, whatever it was told by now, or that its guest is dead. */
function mayHandOver({ metadata, spec, status }: VirtualMachineInstance, target: string): boolean {
  const isOver = status.transfer?.instanceUID === target && ['Failed', 'Done'].includes(status.transfer.stage);
  if (isOver || status.phase === 'Moved' || metadata.finalizers?.includes(guestFinalizer) !== true) return false;
  return spec.moveTo?.instanceUID === target || status.observedGeneration !== metadata.generation;
}

async function dropFinalizer({ client }: AgentContext, { metadata }: VirtualMachineInstance): Promise<void> {
  const finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== guestFinalizer);
  if (finalizers.length === metadata.finalizers?.length) return;
  try {
    await client.patch(VirtualMachineInstance, metadata, {
      metadata: { uid: metadata.uid, resourceVersion: metadata.resourceVersion, finalizers },
    });
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
  }
}
