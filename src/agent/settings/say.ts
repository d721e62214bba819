/** Says on the Host how it is by its profiles: once for each change, and not at all when nothing does. */
import { agentManager } from '../../api/common.ts';
import type { Compliance } from '../../api/host-compliance.ts';
import { Host } from '../../api/host.ts';
import { equal } from '../../base/equal.ts';
import { rfc3339 } from '../../base/time.ts';
import { apiVersionOf } from '../../meta/resource.ts';
import type { SettingsMeans } from './means.ts';

/** A manager of its own, since what one manager applies replaces all that it applied before. */
const fieldManager = `${agentManager}-compliance`;

/** What was said is to be seen by then, milliseconds; else something that was said before has come late, and stands there now. */
const seenWithinMs = 10_000;

export type Said = Omit<Compliance, 'since'>;

export class Speaker {
  readonly #means: Pick<SettingsMeans, 'client' | 'runtime'>;
  /** What was said last, and of which Host: a cache may not show it yet. */
  #last: { readonly uid: string; readonly list: readonly Compliance[]; readonly at: number } | undefined;

  constructor(means: Pick<SettingsMeans, 'client' | 'runtime'>) {
    this.#means = means;
  }

  async say(host: Host, says: readonly Said[]): Promise<void> {
    const before = this.#before(host);
    const list = says.map((one) => this.#since(one, before));
    if (equal(before, list) && !this.#isOverwritten(host)) return;
    await this.#write(host, list);
  }

  /**
   * Says of one profile that its change begins, on condition that the Host is as it was read: who gave leave has not taken it back.
   * @throws {ApiError} Conflict.
   */
  async begin(host: Host, profile: string): Promise<void> {
    const list = this.#before(host).map((one) => (one.profile === profile ? { ...one, applying: true } : one));
    await this.#write(host, list, host.metadata.resourceVersion);
  }

  #before({ metadata, status }: Host): readonly Compliance[] {
    return this.#last?.uid === metadata.uid ? this.#last.list : (status.compliance ?? []);
  }

  #isOverwritten({ status }: Host): boolean {
    if (this.#last === undefined || this.#means.runtime.clock.monotonic() - this.#last.at < seenWithinMs) return false;
    return !equal(status.compliance ?? [], this.#last.list);
  }

  #since(one: Said, before: readonly Compliance[]): Compliance {
    const last = before.find(({ profile, state }) => profile === one.profile && state === one.state);
    return { ...one, since: last?.since ?? rfc3339(this.#means.runtime.clock.now()) };
  }

  async #write({ metadata: { name, uid } }: Host, list: readonly Compliance[], resourceVersion?: string): Promise<void> {
    const metadata = { name, uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
    const status = list.length === 0 ? {} : { compliance: list };
    const object = { apiVersion: apiVersionOf(Host), kind: Host.kind, metadata, status };
    await this.#means.client.apply(Host, { name }, object, { fieldManager, subresource: 'status' });
    this.#last = { uid, list, at: this.#means.runtime.clock.monotonic() };
  }
}
