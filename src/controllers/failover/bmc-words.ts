import type { HostBmc } from '../../api/host.ts';
import type { Clock } from '../../base/clock.ts';
import type { PowerWord } from '../../domain/failover.ts';
import type { Power } from '../../ports/power.ts';

/** How long an answer is good for, milliseconds: a host may be switched on meanwhile. */
const freshMs = 10_000;
/** What was said longer ago says nothing any more, milliseconds: whoever was asked since did not answer, or nobody asked. */
const staleMs = 40_000;

/** What BMCs said of silent hosts. They take seconds to answer, so they are asked before it matters, and nobody waits for them. */
export class BmcWords {
  readonly #power: Power;
  readonly #clock: Clock;
  readonly #words = new Map<string, { readonly word: PowerWord; readonly at: number }>();
  readonly #asking = new Set<string>();

  constructor(power: Power, clock: Clock) {
    this.#power = power;
    this.#clock = clock;
  }

  /** What is known. Asks when that is nothing, or old; `answered` is called when there is something new. */
  of(host: string, bmc: HostBmc | undefined, answered: () => void): PowerWord {
    if (bmc === undefined) return 'NoBMC';
    const known = this.#words.get(host);
    if (known === undefined || this.#clock.monotonic() - known.at > freshMs) void this.#ask(host, bmc, answered);
    return this.known(host, bmc);
  }

  /** What is known already. */
  known(host: string, bmc: HostBmc | undefined): PowerWord {
    if (bmc === undefined) return 'NoBMC';
    const known = this.#words.get(host);
    return known === undefined || this.#clock.monotonic() - known.at > staleMs ? 'NotAsked' : known.word;
  }

  /** It is heard again, or gone: what was said of it is history. */
  forget(host: string): void {
    this.#words.delete(host);
  }

  note(host: string, word: PowerWord): void {
    this.#words.set(host, { word, at: this.#clock.monotonic() });
  }

  async #ask(host: string, bmc: HostBmc, answered: () => void): Promise<void> {
    if (this.#asking.has(host)) return;
    this.#asking.add(host);
    const word = await this.#power.state(bmc).catch(() => 'Unreachable' as const);
    this.#asking.delete(host);
    this.note(host, word);
    answered();
  }
}
