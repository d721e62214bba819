/** Carries out what was decided. Each act may be repeated, and each is conditional on what the decision saw. */
import { VirtualMachine, virtualMachineFinalizer } from '../../api/virtual-machine.ts';
import { Host, isProvedDead } from '../../api/host.ts';
import {
  disksFinalizer,
  guestFinalizer,
  VirtualMachineInstance,
  type VirtualMachineInstanceSpec,
} from '../../api/virtual-machine-instance.ts';
import type { Clock } from '../../base/clock.ts';
import { isGoing, isHeldForDisks, isReleased } from '../../domain/instances.ts';
import type { Decision } from '../../domain/life.ts';
import { isDeadByWord } from '../../domain/lost-storage.ts';
import { instanceDraft, isRefusal, type InstanceDraft } from '../../fleet/draft.ts';
import type { Ledger } from '../../fleet/ledger.ts';
import { recall } from '../../fleet/recall.ts';
import type { Cache, Client } from '../../kube/types.ts';
import { keyOf, type ObjectMeta, type ObjectRef } from '../../meta/objects.ts';
import { isApiError } from '../../meta/status.ts';

type Create = Decision & { readonly do: 'create' };

export interface ActsContext {
  readonly client: Client;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly instances: Cache<VirtualMachineInstance>;
}

export class Acts {
  readonly #context: ActsContext;
  readonly #client: Client;

  constructor(context: ActsContext) {
    this.#context = context;
    this.#client = context.client;
  }

  /** @param vm as it is after the decision was written into its status: its version guards what follows. */
  async carryOut(vm: VirtualMachine, decision: Decision): Promise<void> {
    switch (decision.do) {
      case 'create':
        return this.#create(vm, decision);
      case 'patch':
        return this.#patch(vm, decision);
      case 'delete':
        for (const instance of decision.instances) await this.#delete(instance);
        return;
      case 'recall':
        return recall(this.#client, decision.instance);
      default:
        return this.#tidy(vm, decision);
    }
  }

  /** What concerns finalizers alone. */
  async #tidy(vm: VirtualMachine, decision: Exclude<Decision, { readonly do: 'create' | 'patch' | 'delete' | 'recall' }>): Promise<void> {
    switch (decision.do) {
      case 'keep':
        return this.#setFinalizers(vm, [...(vm.metadata.finalizers ?? []), virtualMachineFinalizer]);
      case 'hold':
        return this.#finalize(decision.instance, [...(decision.instance.metadata.finalizers ?? []), disksFinalizer]);
      case 'letGo':
        return this.letGo(decision.instances);
      case 'bury':
        return this.#bury(decision.instances);
      case 'finish':
        return this.#setFinalizers(vm, without(vm.metadata.finalizers, virtualMachineFinalizer));
      case 'arrive':
      case 'nothing':
      case 'wait':
        return;
    }
  }

  /**
   * What `decision` booked does not come about: nothing of it was sent, or the answer was no. Where an earlier try was done and the cache does not
   * show it yet, that is what counts, until it is known better (rule 5).
   */
  takeBack(vm: VirtualMachine, decision: Decision): void {
    const { ledger, instances, clock } = this.#context;
    const ref = bookedBy(vm, decision);
    if (ref === undefined) return;
    if (ledger.isAccepted(keyOf(ref))) ledger.doubt(keyOf(ref), clock.monotonic());
    else if (decision.do === 'create') ledger.forget(keyOf(ref));
    else ledger.restore(ref, instances);
  }

  async #create(vm: VirtualMachine, decision: Create): Promise<void> {
    try {
      if (!(await this.#retire(decision.dead ?? []))) {
        this.takeBack(vm, decision);
        return;
      }
      // The finalizer comes before the instance: once there is a guest, a delete of the VM must wait for it.
      if (!(vm.metadata.finalizers ?? []).includes(virtualMachineFinalizer)) {
        await this.#setFinalizers(vm, [...(vm.metadata.finalizers ?? []), virtualMachineFinalizer]);
      }
    } catch (error) {
      this.takeBack(vm, decision);
      throw error;
    }
    const draft = draftOf(vm, decision);
    await this.#booked(vm, decision, draft.metadata, async () => {
      try {
        await this.#client.create(VirtualMachineInstance, draft);
      } catch (error) {
        // Made by an earlier try whose answer was lost: the name is that of this very decision.
        if (!isApiError(error, 'AlreadyExists')) throw error;
      }
    });
  }

  async #patch(vm: VirtualMachine, decision: Decision & { do: 'patch' }): Promise<void> {
    const { instance, spec } = decision;
    const gone = decision.without === undefined ? {} : { [decision.without]: null };
    const { resourceVersion } = instance.metadata;
    if (!(await this.#isNewest(vm))) {
      this.takeBack(vm, decision);
      return;
    }
    await this.#booked(vm, decision, instance.metadata, () =>
      this.#client.patch(VirtualMachineInstance, instance.metadata, {
        metadata: { resourceVersion },
        spec: { ...removing(spec, instance.spec), ...gone },
      }),
    );
  }

  /** Where nothing new had to be said of the VM, nobody has told yet that it is an old copy: what its user has asked for since must not be undone. */
  async #isNewest({ metadata }: VirtualMachine): Promise<boolean> {
    const { namespace = '', name, resourceVersion } = metadata;
    const { items } = await this.#client.list(VirtualMachine, { namespace, fieldSelector: `metadata.name=${name}` });
    return items.some((now) => now.metadata.resourceVersion === resourceVersion);
  }

  /** Only a refusal takes back what was booked: without an answer it may have been done, or be done yet. */
  async #booked(vm: VirtualMachine, decision: Decision, ref: ObjectRef, act: () => Promise<unknown>): Promise<void> {
    const { ledger, clock } = this.#context;
    try {
      await act();
      ledger.accept(keyOf(ref));
    } catch (error) {
      if (isRefusal(error)) this.takeBack(vm, decision);
      else ledger.doubt(keyOf(ref), clock.monotonic());
      throw error;
    }
  }

  async #delete(instance: VirtualMachineInstance): Promise<void> {
    // Its disks are gone: nothing holds it any more.
    if (isReleased(instance)) await this.letGo([instance]);
    if (isGoing(instance)) return;
    await this.#client.delete(VirtualMachineInstance, instance.metadata, { preconditions: { uid: instance.metadata.uid } });
  }

  /**
   * Deletes those that died with their hosts, before another life is made. False: one of them is not known to be dead any more. Asked before, so that
   * nothing is ended that is back; and after, since what is going by then is never started again, whoever boots on its host.
   */
  async #retire(dead: readonly VirtualMachineInstance[]): Promise<boolean> {
    const live = dead.filter((instance) => !isGoing(instance));
    if (live.length > 0 && !(await this.#areFenced(live))) return false;
    for (const { metadata } of live) {
      const { uid, resourceVersion } = metadata;
      await this.#client.delete(VirtualMachineInstance, metadata, { preconditions: { uid, resourceVersion } });
    }
    return dead.length === 0 || this.#areFenced(dead);
  }

  /** As the server says, and not a cache. */
  async #areFenced(instances: readonly VirtualMachineInstance[]): Promise<boolean> {
    const inDoubt = instances.filter((instance) => !isDeadByWord(instance));
    for (const nodeName of new Set(inDoubt.map(({ spec }) => spec.nodeName))) {
      const { items } = await this.#client.list(Host, { fieldSelector: `metadata.name=${nodeName}` });
      if (!items.some(isProvedDead)) return false;
    }
    return true;
  }

  async #bury(dead: readonly VirtualMachineInstance[]): Promise<void> {
    if (!(await this.#areFenced(dead))) return;
    for (const instance of dead) await this.#finalize(instance, without(instance.metadata.finalizers, guestFinalizer));
  }

  /** What becomes of the disks is known: the instances need not stay for their sake. */
  async letGo(instances: readonly VirtualMachineInstance[]): Promise<void> {
    for (const instance of instances.filter(isHeldForDisks))
      await this.#finalize(instance, without(instance.metadata.finalizers, disksFinalizer));
  }

  async #finalize({ metadata }: VirtualMachineInstance, finalizers: string[]): Promise<void> {
    const { resourceVersion, uid } = metadata;
    await this.#client.patch(VirtualMachineInstance, metadata, { metadata: { resourceVersion, uid, finalizers } });
  }

  async #setFinalizers(vm: VirtualMachine, finalizers: string[]): Promise<void> {
    const { resourceVersion, uid } = vm.metadata;
    await this.#client.patch(VirtualMachine, vm.metadata, { metadata: { resourceVersion, uid, finalizers } });
  }
}

/** The instance whose room `decision` booked. */
function bookedBy({ metadata }: VirtualMachine, decision: Decision): ObjectRef | undefined {
  if (decision.do === 'patch') return decision.instance.metadata;
  return decision.do === 'create' ? { namespace: metadata.namespace ?? '', name: decision.name } : undefined;
}

function without(finalizers: ObjectMeta['finalizers'], gone: string): string[] {
  return (finalizers ?? []).filter((finalizer) => finalizer !== gone);
}

/** The instance that `decision` asks for, owned by `vm`, whose status says the decision. */
export function draftOf(vm: VirtualMachine, { name, spec }: Create): InstanceDraft {
  return instanceDraft(vm, name, spec);
}

/** A merge patch that leaves out what `after` no longer has: a reservation that was taken back. */
function removing(after: Partial<VirtualMachineInstanceSpec>, before: VirtualMachineInstanceSpec): object {
  const patch: Record<string, unknown> = { ...after };
  if (after.cpu !== undefined && after.cpu.reservation === undefined && before.cpu.reservation !== undefined)
    patch['cpu'] = { ...after.cpu, reservation: null };
  if (after.memory !== undefined && after.memory.reservation === undefined && before.memory.reservation !== undefined)
    patch['memory'] = { ...after.memory, reservation: null };
  if (after.responses !== undefined) {
    const gone = Object.keys(before.responses ?? {}).map((key) => [key, null] as const);
    patch['responses'] = { ...Object.fromEntries(gone), ...after.responses };
  }
  return patch;
}
