import type { Clock } from '../../base/clock.ts';
import type { Host } from '../../api/host.ts';

/** A write without an answer may not have been done: it is waited for so long, milliseconds. */
const patienceMs = 10_000;

/**
 * Hosts to which something was written that the cache does not show yet. Who counts how many are away by such a copy counts one too few, and sends
 * another one away.
 */
export class Written {
  readonly #clock: Clock;
  /** The version on which each was written, and when (monotonic). */
  readonly #on = new Map<string, { readonly version: string | undefined; readonly at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Each write to a Host is on condition of the version that was read, so another version is a newer one. */
  wrote({ metadata: { name, resourceVersion } }: Host): void {
    this.#on.set(name, { version: resourceVersion, at: this.#clock.monotonic() });
  }

  refused({ metadata: { name } }: Host): void {
    this.#on.delete(name);
  }

  /** For how many milliseconds at most what was written to one of `hosts` may still be on its way; 0: all is seen. */
  unseenForMs(hosts: readonly (Host | undefined)[]): number {
    const waits = hosts.map((host) => (host === undefined ? 0 : this.#waitFor(host)));
    return Math.max(0, ...waits);
  }

  #waitFor({ metadata: { name, resourceVersion } }: Host): number {
    const last = this.#on.get(name);
    if (last === undefined) return 0;
    const left = Math.ceil(last.at + patienceMs - this.#clock.monotonic());
    if (last.version === resourceVersion && left > 0) return left;
    this.#on.delete(name);
    return 0;
  }
}
