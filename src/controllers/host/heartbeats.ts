import type { Clock } from '../../base/clock.ts';
import { parseTime } from '../../base/time.ts';
import type { Cache } from '../../kube/types.ts';
import type { Lease } from '../../meta/core.ts';

/** How long an agent may be silent, milliseconds: its lease's duration when the lease says none. */
export const defaultLeaseMs = 40_000;

/**
 * When each agent was last heard. Judged by our own clock from the moment that we saw a renewal, not by the time that the agent wrote: its
 * clock may be wrong. Only of the first renewal that we see, which may be long past, its own time is believed: a living agent renews soon.
 */
export class Heartbeats {
  readonly #clock: Clock;
  readonly #heard = new Map<string, { readonly renewTime: string; readonly at: number; readonly leaseMs: number }>();

  constructor(clock: Clock, leases: Cache<Lease>, onReturn: (leaseName: string) => void) {
    this.#clock = clock;
    for (const lease of leases.list()) this.#hear(lease);
    leases.onChange((before, after) => {
      const name = (after ?? before)?.metadata.name ?? '';
      const silent = this.silentIn(name) <= 0;
      if (after === undefined) this.#heard.delete(name);
      else this.#hear(after);
      if (silent || after === undefined) onReturn(name);
    });
  }

  #hear(lease: Lease): void {
    const renewTime = lease.spec?.renewTime ?? '';
    const { name } = lease.metadata;
    // A relist tells the same renewal again: that is no sign of life.
    if (renewTime === '' || this.#heard.get(name)?.renewTime === renewTime) return;
    const seconds = lease.spec?.leaseDurationSeconds;
    const leaseMs = seconds === undefined ? defaultLeaseMs : seconds * 1000;
    const age = this.#heard.has(name) ? 0 : Math.min(Math.max(this.#clock.now() - (parseTime(renewTime) ?? 0), 0), leaseMs);
    this.#heard.set(name, { renewTime, at: this.#clock.monotonic() - age, leaseMs });
  }

  known(leaseName: string): boolean {
    return this.#heard.has(leaseName);
  }

  /** Milliseconds until the agent counts as silent; zero or less when it does already. */
  silentIn(leaseName: string): number {
    const heard = this.#heard.get(leaseName);
    return heard === undefined ? 0 : heard.at + heard.leaseMs - this.#clock.monotonic();
  }
}
