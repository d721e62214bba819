import type { HostProfile } from '../../api/host-profile.ts';
import type { Clock } from '../../base/clock.ts';
import { settingsHash } from '../../domain/settings/wanted.ts';

/** How long the first hosts of each profile have been well with the settings that it has now. After a crash of ours they are watched anew. */
export class Soaks {
  readonly #clock: Clock;
  /** Since when (monotonic), and with which settings, by profile. */
  readonly #since = new Map<string, { readonly settings: string; readonly at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wellForMs(profile: HostProfile): number {
    const since = this.#since.get(profile.metadata.name);
    return since?.settings === settingsHash(profile) ? this.#clock.monotonic() - since.at : 0;
  }

  remember(profile: HostProfile, well: boolean): void {
    const { name } = profile.metadata;
    const settings = settingsHash(profile);
    if (!well) this.#since.delete(name);
    else if (this.#since.get(name)?.settings !== settings) this.#since.set(name, { settings, at: this.#clock.monotonic() });
  }

  forget(profile: string): void {
    this.#since.delete(profile);
  }
}
