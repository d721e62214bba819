/** The last phase, and the only writer of the condition `Evacuated`. */
import { operatorManager } from '../../api/common.ts';
import { evacuated, Host } from '../../api/host.ts';
import { equal } from '../../base/equal.ts';
import type { Clock } from '../../base/clock.ts';
import { Insistence } from '../../kube/insistence.ts';
import type { Client, EventRecorder } from '../../kube/types.ts';
import { unlessGone } from '../../kube/unless-gone.ts';
import { findCondition, setCondition, type ConditionInput } from '../../meta/conditions.ts';
import type { Condition } from '../../meta/objects.ts';
import { apiVersionOf } from '../../meta/resource.ts';
import type { HostScope } from './scope.ts';

/** Owns the condition, beside what else the operator says of a host. */
const manager = `${operatorManager}-maintenance`;

/** How many VMs are left changes by the second: it is written at most this often, milliseconds. */
const wordsEveryMs = 5_000;

export class Voice {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #events: EventRecorder;
  readonly #insistence: Insistence;
  readonly #saidAt = new Map<string, number>();

  constructor({ client, clock, events }: { readonly client: Client; readonly clock: Clock; readonly events: EventRecorder }) {
    this.#client = client;
    this.#clock = clock;
    this.#events = events;
    this.#insistence = new Insistence(clock);
  }

  /** @param input undefined: nobody asks for anything. @returns after how many milliseconds it is to be said, if not now. */
  async say({ name, host, now }: HostScope, input: ConditionInput | undefined): Promise<number | undefined> {
    const before = findCondition(host.status.conditions, evacuated);
    const generation = host.metadata.generation ?? 0;
    const after = input === undefined ? undefined : setCondition(before === undefined ? [] : [before], input, generation, now)[0];
    if (equal(before, after)) return undefined;
    const wait = this.#waitMs(name, before, after);
    if (wait > 0) return wait;
    const { uid } = host.metadata;
    const status = { conditions: after === undefined ? [] : [after] };
    const object = { apiVersion: apiVersionOf(Host), kind: Host.kind, metadata: { name, uid }, status };
    await unlessGone(this.#client.apply(Host, { name }, object, { fieldManager: manager, subresource: 'status' }));
    this.#insistence.said(name, after ?? null);
    this.#saidAt.set(name, this.#clock.monotonic());
    this.#announce(host, before, after);
    return undefined;
  }

  forget(name: string): void {
    this.#saidAt.delete(name);
    this.#insistence.forget(name);
  }

  #waitMs(name: string, before: Condition | undefined, after: Condition | undefined): number {
    const contradicted = this.#insistence.waitMs(name, after ?? null);
    const onlyWords = before?.reason === after?.reason && before?.status === after?.status;
    const paced = onlyWords ? (this.#saidAt.get(name) ?? -Infinity) + wordsEveryMs - this.#clock.monotonic() : 0;
    return Math.max(contradicted, paced);
  }

  /** Events tell what begins and ends, and what stands in the way; how many are left is for the condition. */
  #announce(host: Host, before: Condition | undefined, after: Condition | undefined): void {
    if (after === undefined) {
      this.#events.event(host, 'Normal', 'EvacuationLifted', 'nobody asks for it to be empty any more: VMs may come and stay');
      return;
    }
    if (after.reason === before?.reason && (after.reason !== 'Blocked' || after.message === before.message)) return;
    if (after.reason === 'Empty') this.#events.event(host, 'Normal', 'Evacuated', after.message);
    else if (after.reason === 'Evacuating') this.#events.event(host, 'Normal', 'Evacuating', 'its VMs leave it');
    else this.#events.event(host, 'Warning', `Evacuation${after.reason}`, after.message);
  }
}
