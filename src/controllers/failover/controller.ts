/**
 * Hosts that are not heard: told apart, and where one is dead, its power is cut before any of its VMs starts elsewhere. It is said before it is done,
 * on condition of the version that was read, and done only after another look.
 */
import { Host, responding, type HostFence } from '../../api/host.ts';
import type { HostCluster } from '../../api/host-cluster.ts';
import type { Clock } from '../../base/clock.ts';
import { equal } from '../../base/equal.ts';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { nextStep, settledMs, suspectAfterMs, type FailoverStep } from '../../domain/failover.ts';
import { Insistence } from '../../kube/insistence.ts';
import type { Client, ControllerSpec, EventRecorder, Result } from '../../kube/types.ts';
import { unlessGone } from '../../kube/unless-gone.ts';
import { findCondition } from '../../meta/conditions.ts';
import type { ObjectRef } from '../../meta/objects.ts';
import { isPortError } from '../../ports/errors.ts';
import type { Power } from '../../ports/power.ts';
import type { Pulse } from '../../ports/pulse.ts';
import type { BmcWords } from './bmc-words.ts';
import type { Lookout } from './lookout.ts';
import { announced, fencedBy, fencing, say, sayOfCluster, waiting, type Said } from './say.ts';
import { scopeOf, type FailoverScope, type FailoverSources } from './scope.ts';
import type { Vigil } from './vigil.ts';

export interface FailoverDependencies {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: EventRecorder;
  readonly sources: FailoverSources;
  readonly pulse: Pulse;
  readonly power: Power;
  /** What was watched until now, whoever led. */
  readonly lookout: Pick<Lookout, 'bmcs' | 'vigil'>;
}

/** Until a silent host is looked at again, milliseconds; and until what its BMC refused is asked again. */
const lookMs = 500;
const againMs = 10_000;

export function failoverController(dependencies: FailoverDependencies): ControllerSpec {
  const { pulse, sources } = dependencies;
  const failover = new Failover(dependencies);
  return {
    name: 'failover',
    concurrency: 64,
    reconcile: (ref) => failover.reconcile(ref),
    watch: (enqueue) => {
      failover.onAnswer((name) => {
        enqueue({ name });
      });
      for (const host of sources.hosts.list()) enqueue(host.metadata);
      sources.hosts.onChange((before, after) => {
        const host = after ?? before;
        if (host !== undefined && (isInTrouble(before) || isInTrouble(after) || wordOf(before) !== wordOf(after))) enqueue(host.metadata);
      });
      // A lead that ends takes its handlers along.
      pulse.onSilence(suspectAfterMs, (name) => {
        enqueue({ name });
      });
      pulse.onReturn((name) => {
        enqueue({ name });
      });
    },
  };
}

function isInTrouble(host: Host | undefined): boolean {
  return host?.status.fence !== undefined || findCondition(host?.status.conditions, responding) !== undefined;
}

function wordOf(host: Host | undefined): string {
  return JSON.stringify([host?.status.inventory?.bootID, host?.spec.bmc, host === undefined]);
}

class Failover {
  readonly #of: FailoverDependencies;
  readonly #vigil: Vigil;
  readonly #bmcs: BmcWords;
  readonly #insistence: Insistence;
  /** Hosts of which too many vanished at once, by their cluster. */
  readonly #cutOff = new Map<string, Set<string>>();
  readonly #fencedSince = new Map<string, number>();
  #answered: (host: string) => void = () => undefined;

  constructor(of: FailoverDependencies) {
    this.#of = of;
    this.#vigil = of.lookout.vigil;
    this.#bmcs = of.lookout.bmcs;
    this.#insistence = new Insistence(of.clock);
  }

  onAnswer(answered: (host: string) => void): void {
    this.#answered = answered;
  }

  async reconcile({ name }: ObjectRef): Promise<Result> {
    const host = this.#of.sources.hosts.get({ name });
    if (host === undefined) this.#bmcs.forget(name);
    // One whose agent has never been there has nothing to lose.
    if (host?.status.inventory === undefined) return undefined;
    const scope = this.#look(host);
    if (scope.view.verdict === 'Heard') this.#bmcs.forget(name);
    const step = nextStep(scope.view);
    const isTold = await this.#tellCluster(scope, step.do === 'wait' && step.reason === 'TooManyVanished');
    const result = await this.#take(scope, step);
    return isTold ? result : { requeueAfter: lookMs };
  }

  #look(host: Host): FailoverScope {
    const { sources, pulse } = this.#of;
    const isQuiet = pulse.signs(host.metadata.name).silentMs < suspectAfterMs;
    return scopeOf(
      {
        sources,
        pulse,
        watchedMs: isQuiet ? 0 : this.#vigil.look(),
        fencedMs: this.#fencedMs(host),
        power: ({ metadata, spec }) => this.#bmcs.of(metadata.name, spec.bmc, () => this.#answered(metadata.name)),
        known: ({ metadata, spec }) => this.#bmcs.known(metadata.name, spec.bmc),
      },
      host,
    );
  }

  /** By our own clock, from when we first saw it. */
  #fencedMs({ metadata: { name }, status }: Host): number {
    const now = this.#of.clock.monotonic();
    const since = this.#fencedSince.get(name) ?? now;
    if (status.fence?.state === 'Fenced') this.#fencedSince.set(name, since);
    else this.#fencedSince.delete(name);
    return now - since;
  }

  async #take(scope: FailoverScope, step: FailoverStep): Promise<Result> {
    const { host, view } = scope;
    switch (step.do) {
      case 'nothing':
      case 'lift':
        return this.#say(host, {});
      case 'watch':
        return { requeueAfter: lookMs };
      case 'wait':
        await this.#say(host, waiting(step.reason, view.fence));
        return { requeueAfter: lookMs };
      case 'announce':
        await this.#say(host, fencing(view, this.#of.clock.now()));
        return { requeueAfter: lookMs };
      case 'cut':
        return this.#cut(scope);
      case 'revive':
        return this.#revive(scope);
    }
  }

  /** Whatever ran before the fence was written is dead once this is confirmed; whoever boots later reads the fence. */
  async #cut({ host }: FailoverScope): Promise<Result> {
    const { power, log } = this.#of;
    const { bmc } = host.spec;
    const { fence } = host.status;
    if (bmc === undefined || fence === undefined) return { requeueAfter: lookMs };
    try {
      if (fence.found === 'PoweredOn') await power.set(bmc, 'Off');
      else if ((await power.state(bmc)) === 'On') return await this.#wasSwitchedOn(host, fence);
      this.#bmcs.note(host.metadata.name, 'Off');
      return await this.#sayFenced(host);
    } catch (error) {
      if (!isPortError(error)) throw error;
      log.warn('power not cut', { host: host.metadata.name, error: messageOf(error) });
      this.#bmcs.note(host.metadata.name, 'Unreachable');
      return { requeueAfter: lookMs };
    }
  }

  /** Others write about the host as well: as long as this very fence stands, what was confirmed after it was written holds. */
  async #sayFenced({ metadata: { name }, status }: Host): Promise<Result> {
    const { fence } = status;
    const { items } = await this.#of.client.list(Host, { fieldSelector: `metadata.name=${name}` });
    const now = items.find((one) => equal(one.status.fence, fence));
    if (now === undefined || fence === undefined) return { requeueAfter: lookMs };
    // One that booted meanwhile, and said so, was cut off too.
    const bootID = now.status.inventory?.bootID;
    return (await this.#say(now, fencedBy({ ...fence, ...(bootID === undefined ? {} : { bootID }) }))) ?? { requeueAfter: settledMs };
  }

  /** Somebody has switched it on meanwhile: it is looked at anew before anything is done to it. */
  async #wasSwitchedOn(host: Host, fence: HostFence): Promise<Result> {
    this.#bmcs.note(host.metadata.name, 'On');
    await this.#say(host, announced({ ...fence, found: 'PoweredOn' }));
    return { requeueAfter: lookMs };
  }

  async #revive({ host, view }: FailoverScope): Promise<Result> {
    const { bmc } = host.spec;
    const isTold = view.fencedMs >= settledMs && view.verdict === 'Heard';
    // It may get no power, or have it by now: it is tried until it is heard.
    if (view.fence?.found === 'PoweredOn' && bmc !== undefined && !isTold) await this.#of.power.set(bmc, 'On').catch(() => undefined);
    return { requeueAfter: view.fencedMs < settledMs ? settledMs : againMs };
  }

  async #say(host: Host, said: Said): Promise<Result> {
    const { client, clock, events } = this.#of;
    const { name } = host.metadata;
    const waitMs = this.#insistence.waitMs(name, said);
    if (waitMs > 0 && !this.#stands(host, said)) return { requeueAfter: waitMs };
    const isNews = await whether(say(client, host, said, clock.now()));
    if (isNews === undefined) return { requeueAfter: lookMs };
    if (!isNews) return undefined;
    this.#insistence.said(name, said);
    if (said.reason !== undefined) events.event(host, 'Warning', said.reason, said.message ?? '');
    else if (host.status.fence !== undefined) events.event(host, 'Normal', 'FenceLifted', 'it is back, and may have VMs again');
    return undefined;
  }

  #stands({ status }: Host, { reason }: Said): boolean {
    return findCondition(status.conditions, responding)?.reason === reason;
  }

  /** @returns whether it stands there. */
  async #tellCluster({ host, cluster }: FailoverScope, isCutOff: boolean): Promise<boolean> {
    if (cluster === undefined) return true;
    const { name } = cluster.metadata;
    const hosts = this.#cutOff.get(name) ?? new Set<string>();
    this.#cutOff.set(name, hosts);
    if (isCutOff) hosts.add(host.metadata.name);
    else hosts.delete(host.metadata.name);
    return this.#sayOfCluster(cluster, hosts.size > 0);
  }

  async #sayOfCluster(cluster: HostCluster, isCutOff: boolean): Promise<boolean> {
    const { client, clock, events } = this.#of;
    const isNews = await whether(sayOfCluster(client, cluster, isCutOff, clock.now()));
    if (isNews !== true) return isNews === false;
    if (isCutOff) events.event(cluster, 'Warning', 'TooManyVanished', 'more of its hosts vanished at once than may be fenced: none is');
    else events.event(cluster, 'Normal', 'HostsReached', 'its hosts are reached again');
    return true;
  }
}

/** What `write` says; undefined when what it was for is gone, or has changed since it was read. */
async function whether(write: Promise<boolean>): Promise<boolean | undefined> {
  let said: boolean | undefined;
  await unlessGone(write.then((is) => (said = is)));
  return said;
}
