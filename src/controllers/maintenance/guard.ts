/** The third phase: the guard Pod that stands for the host's VMs. */
import { systemNamespace } from '../../api/common.ts';
import { guardFinalizer, guardLabel, Host } from '../../api/host.ts';
import type { Clock } from '../../base/clock.ts';
import { nameSuffix } from '../../base/hash.ts';
import type { Random } from '../../base/random.ts';
import { firstRequests, guardLingersMs, guardSteps, type GuardStep, type Requests } from '../../domain/maintenance-guard.ts';
import { hasGuest } from '../../domain/maintenance-occupant.ts';
import type { Client, DeleteOptions, Draft } from '../../kube/types.ts';
import { unlessGone } from '../../kube/unless-gone.ts';
import { Pod } from '../../meta/core.ts';
import { apiVersionOf } from '../../meta/resource.ts';
import { isApiError } from '../../meta/status.ts';
import type { HostScope } from './scope.ts';

/**
 * What every kubelet has already, since it holds the network of each Pod with it: it sleeps until it is asked to end.
 * The guard needs a container only because a Pod must have one.
 */
const image = 'registry.k8s.io/pause:3.10';

/** VMs come and go by the hundred: requests follow at most this often, milliseconds. */
const resizeEveryMs = 10_000;
/** A kubelet that cannot resize, or a Node that has less now: the drain does not depend on it, so that it is asked again later, milliseconds. */
const refusedMs = 600_000;
/** How long a cache may take to show a Pod that was made, milliseconds. */
const unseenMs = 10_000;

interface Memory {
  /** Monotonic milliseconds, as all times here. Since when nothing is on the host. */
  readonly emptySince?: number;
  readonly resizeFrom?: number;
  readonly made?: { readonly name: string; readonly at: number };
}

export class Guards {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #memory = new Map<string, Memory>();

  constructor({ client, clock, random }: { readonly client: Client; readonly clock: Clock; readonly random: Random }) {
    this.#client = client;
    this.#clock = clock;
    this.#random = random;
  }

  /** @returns after how many milliseconds there is more to do, as far as is known now. */
  async settle(scope: HostScope): Promise<number | undefined> {
    const occupants = scope.occupants.map(({ instance }) => instance).filter(hasGuest);
    const { emptySince } = this.#remember(scope, occupants.length === 0);
    const emptyForMs = emptySince === undefined ? 0 : scope.monotonic - emptySince;
    const waits: number[] = [];
    for (const step of guardSteps({ ...scope, occupants, emptyForMs })) {
      const wait = await this.#carryOut(scope, step);
      if (wait !== undefined) waits.push(wait);
    }
    if (emptySince !== undefined && emptyForMs < guardLingersMs && scope.guards.length > 0) waits.push(guardLingersMs - emptyForMs);
    return waits.length === 0 ? undefined : Math.min(...waits);
  }

  /**
   * The host is gone. Its guards go at once: they have a long grace, and with the Node no kubelet is left to end it sooner, which would
   * hold up whoever deletes our namespace by half of it.
   */
  async leave(name: string, guards: readonly Pod[]): Promise<void> {
    this.#memory.delete(name);
    for (const guard of guards) await this.#delete(guard, { gracePeriodSeconds: 0 });
  }

  #remember({ name, guards, monotonic }: HostScope, empty: boolean): Memory {
    const { emptySince, made, ...rest } = this.#memory.get(name) ?? {};
    const unseen = made !== undefined && made.at + unseenMs > monotonic && !guards.some(({ metadata }) => metadata.name === made.name);
    const memory = { ...rest, ...(empty ? { emptySince: emptySince ?? monotonic } : {}), ...(unseen ? { made } : {}) };
    this.#memory.set(name, memory);
    return memory;
  }

  async #carryOut(scope: HostScope, step: GuardStep): Promise<number | undefined> {
    switch (step.do) {
      case 'create':
        return this.#create(scope);
      case 'resize':
        return this.#resize(scope, step.pod, step.requests);
      case 'release':
        await this.#release(step.pod);
        return undefined;
      case 'delete':
        return this.#delete(step.pod);
    }
  }

  async #create({ name, host }: HostScope): Promise<number | undefined> {
    const memory = this.#memory.get(name) ?? {};
    const at = this.#clock.monotonic();
    if (memory.made !== undefined) return memory.made.at + unseenMs - at;
    const draft = draftOf(host, nameSuffix(this.#random.uuid()));
    this.#memory.set(name, { ...memory, made: { name: draft.metadata.name, at } });
    await this.#client.create(Pod, draft);
    return undefined;
  }

  async #resize({ name }: HostScope, { metadata }: Pod, requests: Requests): Promise<number | undefined> {
    const memory = this.#memory.get(name) ?? {};
    const at = this.#clock.monotonic();
    const wait = (memory.resizeFrom ?? at) - at;
    if (wait > 0) return wait;
    const operations = [
      { op: 'test', path: '/metadata/uid', value: metadata.uid },
      { op: 'replace', path: '/spec/containers/0/resources/requests', value: requests },
    ] as const;
    this.#memory.set(name, { ...memory, resizeFrom: at + resizeEveryMs });
    try {
      await this.#client.jsonPatch(Pod, metadata, operations, { subresource: 'resize' });
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      const refused = isApiError(error, 'Invalid', 'Forbidden');
      this.#memory.set(name, refused ? { ...memory, resizeFrom: at + refusedMs } : memory);
      if (!refused) throw error;
      return refusedMs;
    }
    return undefined;
  }

  async #release({ metadata }: Pod): Promise<void> {
    const { uid, resourceVersion, finalizers = [] } = metadata;
    const others = finalizers.filter((finalizer) => finalizer !== guardFinalizer);
    if (others.length === finalizers.length) return;
    await unlessGone(this.#client.patch(Pod, metadata, { metadata: { uid, resourceVersion, finalizers: others } }));
  }

  async #delete(pod: Pod, options: DeleteOptions = {}): Promise<undefined> {
    await this.#release(pod);
    await unlessGone(this.#client.delete(Pod, pod.metadata, { ...options, preconditions: { uid: pod.metadata.uid } }));
  }
}

/** A name that its host can be read from, and that is new each time: one that is going and its successor may be there at once. */
function draftOf({ metadata: { name, uid } }: Host, suffix: string): Draft<Pod> {
  const generateName = `guard-${name.slice(0, 50)}-`;
  return {
    apiVersion: apiVersionOf(Pod),
    kind: Pod.kind,
    metadata: {
      generateName,
      name: `${generateName}${suffix}`,
      namespace: systemNamespace,
      labels: { [guardLabel]: 'true' },
      finalizers: [guardFinalizer],
      ownerReferences: [{ apiVersion: apiVersionOf(Host), kind: Host.kind, name, uid, controller: true, blockOwnerDeletion: false }],
    },
    spec: {
      nodeName: name,
      tolerations: [{ operator: 'Exists' }],
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 3600,
      securityContext: { runAsNonRoot: true, runAsUser: 65535, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'guard',
          image,
          resources: { requests: { ...firstRequests } },
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}
