/** The switches and ports of one host: makes them as they should be, one step at a time, and knows what is in force. */
import type { SwitchConfiguration } from '../../api/effective-port.ts';
import { equal } from '../../base/equal.ts';
import { messageOf } from '../../base/errors.ts';
import { isPortError } from '../../ports/errors.ts';
import type { SwitchTrouble } from '../../ports/switching.ts';
import type { AgentMeans } from '../means.ts';
import type { Watching } from './sight.ts';
import { courseOf, proven, undone, type Course } from './trial.ts';
import { portsBeside, wantedHere, type Missing, type Wanted } from './wanted.ts';

export interface InForce {
  readonly configuration: SwitchConfiguration;
  readonly troubles: readonly SwitchTrouble[];
  /** What should be in force and is not known to be, since the host refused. */
  readonly failed: string | undefined;
  readonly missing: readonly Missing[];
}

export interface PlaneOptions {
  readonly means: Pick<AgentMeans, 'host' | 'runtime'>;
  readonly watching: Pick<Watching, 'sight'>;
  /** Whether the API answers now. */
  readonly reached: () => Promise<boolean>;
}

/** How soon it is looked again, milliseconds: at what was refused, or waits for the API; what is on trial; ports of guests without an instance; troubles that may have passed. */
const again = { refused: 2_000, trial: 1_000, kept: 20_000, troubled: 60_000 } as const;

export class Plane {
  readonly #options: PlaneOptions;
  #state: InForce | undefined;
  /** What is on the host may differ from what was last seen: an answer was lost, it refused, or another agent was here before. */
  #unsure = true;
  /** Monotonic: when what is on trial has cut the host off for too long. */
  #deadline: number | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: PlaneOptions) {
    this.#options = options;
  }

  /** As of the last `settle`; undefined: nothing is known yet. */
  get inForce(): InForce | undefined {
    return this.#state;
  }

  /** Makes all as it should be, after whoever asked before. @returns when to look again, milliseconds; undefined: when something changes. */
  settle(): Promise<number | undefined> {
    const work = this.#last.then(() => this.#settle());
    this.#last = work.catch(() => undefined);
    return work;
  }

  async #settle(): Promise<number | undefined> {
    try {
      return await this.#step();
    } catch (error) {
      if (!isPortError(error)) throw error;
      if (this.#state !== undefined) this.#state = { ...this.#state, failed: messageOf(error) };
      return again.refused;
    }
  }

  async #step(): Promise<number | undefined> {
    const { watching, means } = this.#options;
    this.#state ??= { configuration: await means.host.switching.applied(), troubles: [], failed: undefined, missing: [] };
    const applied = this.#state.configuration;
    const sight = watching.sight();
    // What was begun by an agent before this one is judged, whatever the API says or does not.
    if (sight === undefined) return this.#judge();
    if ([applied.switches, applied.ports, sight.switches, sight.instances].every((list) => list.length === 0)) return undefined;
    const wanted = wantedHere(sight, applied, await means.host.guests.list());
    const course = courseOf(wanted.switches, applied, means.runtime.clock.now());
    const begins = course.trial !== undefined && !equal(course.trial, applied.trial);
    // A host that the API does not answer would take any change for the cause.
    const waits = begins && !(await this.#options.reached());
    await this.#apply(waits ? applied : course, wanted);
    if (begins && !waits) this.#deadline = undefined;
    const soon = await this.#judge();
    return waits ? again.refused : (soon ?? this.#later(wanted));
  }

  async #apply(course: Course, wanted: Pick<Wanted, 'missing' | 'ports'>): Promise<void> {
    const configuration = { ...course, ports: portsBeside(course.switches, wanted.ports) };
    const before = this.#state;
    if (!this.#unsure && before !== undefined && equal(configuration, before.configuration)) {
      this.#state = { ...before, missing: wanted.missing };
      return;
    }
    this.#unsure = true;
    const troubles = await this.#options.means.host.switching.apply(configuration);
    this.#unsure = false;
    this.#state = { configuration, troubles, failed: undefined, missing: wanted.missing };
  }

  /** Whether the host reaches the API with what is on trial. When it has not for too long, the host goes back. */
  async #judge(): Promise<number | undefined> {
    const { configuration, missing = [] } = this.#state ?? {};
    if (configuration?.trial === undefined) return undefined;
    const { clock } = this.#options.means.runtime;
    const { since, afterMs } = configuration.trial;
    this.#deadline ??= clock.monotonic() + afterMs - Math.min(Math.max(0, clock.now() - since), afterMs);
    const isReached = await this.#options.reached();
    if (!isReached && clock.monotonic() < this.#deadline) return again.trial;
    await this.#apply(isReached ? proven(configuration) : undone(configuration), { ports: configuration.ports, missing });
    this.#deadline = undefined;
    return again.trial;
  }

  #later({ ports, missing }: Wanted): number | undefined {
    if ((this.#state?.troubles.length ?? 0) > 0) {
      this.#unsure = true;
      return again.troubled;
    }
    const instances = new Set(this.#options.watching.sight()?.instances.map(({ metadata }) => metadata.uid));
    return missing.some(({ id }) => id !== undefined) || ports.some(({ guest }) => !instances.has(guest)) ? again.kept : undefined;
  }
}
