/**
 * Listens for hosts that fall silent, also while another operator leads: who takes the lead from one that died with them has watched their silence by then,
 * and knows what their BMCs say. It does nothing but listen and ask.
 */
import type { Host } from '../../api/host.ts';
import type { Runtime } from '../../base/runtime.ts';
import { suspectAfterMs } from '../../domain/failover.ts';
import type { Cache } from '../../kube/types.ts';
import type { Power } from '../../ports/power.ts';
import type { Pulse } from '../../ports/pulse.ts';
import { BmcWords } from './bmc-words.ts';
import { Vigil } from './vigil.ts';

/** While a host is silent it is looked so often, milliseconds. */
const lookMs = 500;
/** One that has been silent for longer is no news to who takes the lead, milliseconds. */
const oldMs = 60_000;

export interface LookoutOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'stopping'>;
  readonly pulse: Pulse;
  readonly power: Power;
  readonly hosts: Cache<Host>;
}

export class Lookout {
  readonly vigil: Vigil;
  readonly bmcs: BmcWords;
  readonly #of: LookoutOptions;
  readonly #silent = new Set<string>();
  #looks = false;

  /** Listens from now on, as long as the process lives. */
  constructor(of: LookoutOptions) {
    const { power, pulse, runtime } = of;
    this.#of = of;
    this.vigil = new Vigil(runtime.clock);
    this.bmcs = new BmcWords(power, runtime.clock);
    // One that died before we listened is never heard to fall silent.
    of.hosts.onChange((before, after) => {
      if (before === undefined && after !== undefined) pulse.signs(after.metadata.name);
    });
    pulse.onSilence(suspectAfterMs, (host) => {
      this.#silent.add(host);
      void this.#watch();
    });
    pulse.onReturn((host) => {
      this.#silent.delete(host);
      this.bmcs.forget(host);
    });
  }

  async #watch(): Promise<void> {
    if (this.#looks) return;
    this.#looks = true;
    const { clock, stopping } = this.#of.runtime;
    while (this.#silent.size > 0 && !stopping.aborted) {
      this.vigil.look();
      for (const host of [...this.#silent]) this.#ask(host);
      await clock.sleep(lookMs, stopping).catch(() => undefined);
    }
    this.#looks = false;
  }

  #ask(name: string): void {
    const { hosts, pulse } = this.#of;
    const host = hosts.get({ name });
    const isOver = pulse.signs(name).silentMs > oldMs || host?.status.fence?.state === 'Fenced';
    if (isOver) this.#silent.delete(name);
    else if (host?.status.inventory !== undefined) this.bmcs.of(name, host.spec.bmc, () => undefined);
  }
}
