/** Carries out what was decided of a pair. Each act may be repeated, and each is conditional on what the decision saw. */
import type { FTPair } from '../../api/ft-pair.ts';
import { VirtualMachineInstance, type VirtualMachineInstanceSpec } from '../../api/virtual-machine-instance.ts';
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { Clock } from '../../base/clock.ts';
import { shadowName } from '../../domain/protection/pairing.ts';
import type { ProtectionDecision, ProtectionView, ShadowPlan } from '../../domain/protection/view.ts';
import { instanceDraft, isRefusal, type InstanceDraft } from '../../fleet/draft.ts';
import type { Ledger } from '../../fleet/ledger.ts';
import type { Client } from '../../kube/types.ts';
import { keyOf } from '../../meta/objects.ts';
import { isApiError } from '../../meta/status.ts';

interface ActsContext {
  readonly client: Client;
  readonly clock: Clock;
  readonly ledger: Ledger;
}

/** A request whose answer was lost may still arrive for so long, milliseconds. */
const arrivalMs = 5_000;

export class Acts {
  readonly #context: ActsContext;
  /** The keys of the shadows that each pair (by key) has named, and whose fate nobody may know. */
  readonly #named = new Map<string, Set<string>>();

  constructor(context: ActsContext) {
    this.#context = context;
  }

  /** Room that was decided on counts from the same instant. @returns how to take that back, when nothing of it is sent. */
  assume({ pair, vm }: ProtectionView, decision: ProtectionDecision): () => void {
    if (decision.do !== 'prepare' || pair === undefined || vm === undefined) return () => undefined;
    const { ledger } = this.#context;
    const { metadata, spec } = draftOf(pair, vm, shadowName(pair), decision.plan);
    ledger.assume({ metadata: { ...vm.metadata, ...metadata }, spec, status: {} });
    return () => {
      ledger.forget(keyOf({ namespace: vm.metadata.namespace ?? '', name: metadata.name }));
    };
  }

  /**
   * What nobody knows the fate of is given up once it cannot come any more, whether or not its pair names it still. @param shadow the one that it names.
   * @returns milliseconds until then; undefined: nothing is awaited.
   */
  awaits(pair: string, shadow: string | undefined): number | undefined {
    if (shadow !== undefined) this.#name(pair, shadow);
    const named = this.#named.get(pair) ?? new Set<string>();
    const waits = [...named].map((one) => this.#awaits(one) ?? (one === shadow ? undefined : void named.delete(one)));
    if (named.size === 0) this.#named.delete(pair);
    const known = waits.filter((wait) => wait !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  #name(pair: string, shadow: string): void {
    this.#named.set(pair, (this.#named.get(pair) ?? new Set()).add(shadow));
  }

  #awaits(shadow: string): number | undefined {
    const { ledger, clock } = this.#context;
    const since = ledger.doubtfulSince(shadow);
    if (since === undefined) return undefined;
    const wait = since + arrivalMs - clock.monotonic();
    if (wait <= 0) ledger.forget(shadow);
    return Math.max(1, wait);
  }

  /** @param pair as it is after the decision was written into its status; undefined: there is none. */
  async carryOut({ vm }: ProtectionView, pair: FTPair | undefined, decision: ProtectionDecision): Promise<void> {
    switch (decision.do) {
      case 'prepare':
        return pair === undefined || vm === undefined ? undefined : this.#prepare(pair, vm, decision.plan);
      case 'protect':
        return pair === undefined ? undefined : this.#protect(pair, decision);
      case 'unprotect':
        return this.#patch(decision.primary, { shadow: null });
      case 'test':
        return this.#patch(decision.primary, { shadow: { yield: true } });
      default:
        return undefined;
    }
  }

  /** Only a refusal takes back what was booked: without an answer it may have been done, or be done yet. */
  async #prepare(pair: FTPair, vm: VirtualMachine, plan: ShadowPlan): Promise<void> {
    const { client, ledger, clock } = this.#context;
    const draft = draftOf(pair, vm, pair.status.shadow?.instance ?? '', plan);
    const key = keyOf({ namespace: vm.metadata.namespace ?? '', name: draft.metadata.name });
    this.#name(keyOf(pair.metadata), key);
    try {
      await client.create(VirtualMachineInstance, draft);
      ledger.accept(key);
    } catch (error) {
      if (isApiError(error, 'AlreadyExists')) return;
      if (isRefusal(error)) ledger.forget(key);
      else ledger.doubt(key, clock.monotonic());
      throw error;
    }
  }

  async #protect({ metadata, spec }: FTPair, { primary, shadow, endpoint }: ProtectionDecision & { do: 'protect' }): Promise<void> {
    await this.#patch(primary, {
      shadow: {
        pair: metadata.name,
        instance: shadow.metadata.name,
        instanceUID: shadow.metadata.uid,
        nodeName: shadow.spec.nodeName,
        endpoint,
        mode: spec.mode,
        interval: spec.checkpoint.interval,
      },
    });
  }

  async #patch({ metadata }: VirtualMachineInstance, spec: object): Promise<void> {
    const { resourceVersion, uid } = metadata;
    await this.#context.client.patch(VirtualMachineInstance, metadata, { metadata: { resourceVersion, uid }, spec });
  }
}

/** The life that goes on there when this one ends: as it is, of the next number. */
function draftOf({ metadata }: FTPair, vm: VirtualMachine, name: string, { primary, nodeName }: ShadowPlan): InstanceDraft {
  const spec: VirtualMachineInstanceSpec = {
    ...primary.spec,
    incarnation: Math.max(primary.spec.incarnation, vm.status.incarnation ?? 0) + 1,
    nodeName,
    shadowOf: {
      pair: metadata.name,
      instance: primary.metadata.name,
      instanceUID: primary.metadata.uid,
      since: primary.spec.shadowOf?.since ?? primary.spec.origin?.since ?? primary.metadata.creationTimestamp,
    },
  };
  delete spec.moveTo;
  delete spec.origin;
  delete spec.replaces;
  delete spec.shadow;
  return instanceDraft(vm, name, spec);
}
