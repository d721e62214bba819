/** Says on the Host which datastores it does not reach: what has changed, and then makes sure that it stands there. */
import { agentManager } from '../api/common.ts';
import { Host, type LostDatastore } from '../api/host.ts';
import { equal } from '../base/equal.ts';
import { messageOf, Stopped } from '../base/errors.ts';
import { rfc3339 } from '../base/time.ts';
import { apiVersionOf } from '../meta/resource.ts';
import type { AgentMeans } from './means.ts';

/** A manager of its own, since what one manager applies replaces all that it applied before. */
const fieldManager = `${agentManager}-datastores`;
/** Between two writes at least, milliseconds. */
const atMostEveryMs = 5_000;
/** What was sent before may arrive after what was said last, and so may what an agent before this one sent: it is looked for once more, milliseconds. */
const settledMs = 30_000;

type Means = Pick<AgentMeans, 'client' | 'nodeName' | 'runtime'>;

export class LostDatastores {
  readonly #means: Means;
  /** Since when, by name; undefined: nobody has looked yet. */
  #lost: ReadonlyMap<string, string> | undefined;
  #isNews = false;
  #wake: () => void = () => undefined;

  constructor(means: Means) {
    this.#means = means;
  }

  /** What is lost now. Waits for nobody: the API may be gone too. */
  note(names: readonly string[]): void {
    const before = this.#lost;
    if (before?.size === names.length && names.every((name) => before.has(name))) return;
    const now = rfc3339(this.#means.runtime.clock.now());
    this.#lost = new Map([...names].sort().map((name) => [name, before?.get(name) ?? now]));
    this.#isNews = true;
    this.#wake();
  }

  /** Until the agent stops. */
  async sayForever(): Promise<void> {
    const { runtime } = this.#means;
    let restMs: number | undefined;
    while (!runtime.stopping.aborted) {
      try {
        await this.#untilNews(restMs);
        const isNew = await this.#say();
        // One that has lost some may be deleted, and made anew without a word of it.
        restMs = isNew || (this.#lost?.size ?? 0) > 0 || restMs === undefined ? settledMs : Infinity;
        await runtime.clock.sleep(atMostEveryMs, runtime.stopping);
      } catch (error) {
        if (error instanceof Stopped) return;
        runtime.log.warn('not told which datastores are lost', { error: messageOf(error) });
        restMs = 0;
        await runtime.clock.sleep(atMostEveryMs, runtime.stopping).catch(() => undefined);
      }
    }
  }

  /** Until there is something new, at the latest after `restMs`; Infinity: as long as that takes. */
  async #untilNews(restMs = Infinity): Promise<void> {
    if (this.#isNews || restMs === 0) return;
    const { clock, stopping } = this.#means.runtime;
    const news = new Promise<void>((resolve) => (this.#wake = resolve));
    await (restMs === Infinity ? news : Promise.race([news, clock.sleep(restMs, stopping)]));
  }

  /** @returns whether it had to be said. */
  async #say(): Promise<boolean> {
    const { client, nodeName } = this.#means;
    this.#isNews = false;
    const host = await client.get(Host, { name: nodeName });
    const before = host?.status.lostDatastores ?? [];
    const after = this.#since(before);
    if (host === undefined || equal(before, after)) return false;
    const { name, uid, resourceVersion } = host.metadata;
    const status = after.length === 0 ? {} : { lostDatastores: after };
    const object = { apiVersion: apiVersionOf(Host), kind: Host.kind, metadata: { name, uid, resourceVersion }, status };
    await client.apply(Host, { name }, object, { fieldManager, subresource: 'status' });
    return true;
  }

  /** What stands there already keeps its time. */
  #since(before: readonly LostDatastore[]): LostDatastore[] {
    const lost = this.#lost ?? new Map<string, string>();
    return [...lost].map(([name, since]) => ({ name, since: before.find((one) => one.name === name)?.since ?? since }));
  }
}
