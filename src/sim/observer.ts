import type { Signs } from '../api/signs.ts';
import type { Clock } from '../base/clock.ts';
import { fnv1a } from '../base/hash.ts';
import { PortError } from '../ports/errors.ts';
import type { Power } from '../ports/power.ts';
import type { Pulse } from '../ports/pulse.ts';
import { Beat } from './beat.ts';
import type { Senses } from './world/senses.ts';
import type { SimulatedWorld } from './world/world.ts';

/** What stands between one operator and the hosts of a world. */
export interface ObserverOptions {
  readonly clock: Clock;
  /** Nobody on the management network hears this host. */
  readonly isApart?: (host: string) => boolean;
  /** This operator alone does not hear it. */
  readonly isUnheard?: (host: string) => boolean;
  /** It hears nobody: its network is cut, or it stands still. */
  readonly isDeaf?: () => boolean;
  /** What the host does on shared datastores does not arrive there. */
  readonly isOffStorage?: (host: string) => boolean;
  /** Calls `act` as a step of the operator's process. */
  readonly step?: (act: () => void) => void;
}

export type ObservedWorld = Pick<SimulatedWorld, 'senses' | 'onChange' | 'power'>;

interface Heard {
  readonly agent: Beat;
  readonly storage: Beat;
  timers: (() => void)[];
}

interface Asked {
  readonly afterMs: number;
  readonly handler: (host: string) => void;
}

/**
 * The ports through which one operator sees and switches hosts besides the API, over a world that may come and go. Beats are not sent: when the last
 * one came follows from when what carries them broke. So a fleet at rest costs nothing.
 */
export class Observer {
  readonly #of: Required<ObserverOptions>;
  readonly #begun: number;
  readonly #heard = new Map<string, Heard>();
  readonly #onSilence = new Set<Asked>();
  readonly #onReturn = new Set<(host: string) => void>();
  /** What BMCs are asked, each with how it is given up. */
  readonly #asking = new Set<() => void>();
  #world: ObservedWorld | undefined;
  #leave: () => void = () => undefined;

  constructor(options: ObserverOptions) {
    const no = (): boolean => false;
    this.#of = { isApart: no, isUnheard: no, isDeaf: no, isOffStorage: no, step: (act) => act(), ...options };
    this.#begun = options.clock.monotonic();
  }

  readonly pulse: Pulse = {
    signs: (host) => this.#signs(host),
    onSilence: (afterMs, handler) => {
      const asked = { afterMs, handler };
      this.#onSilence.add(asked);
      for (const [host, one] of this.#heard) if (!one.agent.isOpen) this.#await(host, one);
      return () => void this.#onSilence.delete(asked);
    },
    onReturn: (handler) => {
      this.#onReturn.add(handler);
      return () => void this.#onReturn.delete(handler);
    },
  };

  readonly power: Power = {
    state: (bmc) => this.#asked((power) => power.state(bmc)),
    set: (bmc, to) => this.#asked((power) => power.set(bmc, to)),
  };

  connect(world: ObservedWorld): void {
    this.#leave();
    this.#world = world;
    this.#leave = world.onChange((host) => {
      this.#look(host);
    });
    this.refresh();
  }

  /** The process of the world is gone. */
  disconnect(): void {
    this.#leave();
    this.#world = undefined;
    for (const giveUp of [...this.#asking]) giveUp();
    this.refresh();
  }

  /** To be called when one of the options answers something else. */
  refresh(): void {
    for (const host of [...this.#heard.keys()]) this.#look(host);
  }

  /** The operator's process is gone. */
  end(): void {
    this.#leave();
    this.#onSilence.clear();
    this.#onReturn.clear();
    for (const one of this.#heard.values()) stopTimers(one);
  }

  /** Where the world ends meanwhile, no answer comes. */
  async #asked<T>(ask: (power: Power) => Promise<T>): Promise<T> {
    const ended = Promise.withResolvers<never>();
    const giveUp = (): void => ended.reject(new PortError('Unreachable', 'no BMC answers'));
    this.#asking.add(giveUp);
    try {
      return await Promise.race([ask(this.#reached()), ended.promise]);
    } finally {
      this.#asking.delete(giveUp);
    }
  }

  #reached(): Power {
    if (this.#world === undefined || this.#of.isDeaf()) throw new PortError('Unreachable', 'no BMC can be reached');
    return this.#world.power;
  }

  #recordOf(host: string): Heard {
    const known = this.#heard.get(host);
    if (known !== undefined) return known;
    const phase = parseInt(fnv1a(host).slice(0, 8), 16);
    const made: Heard = { agent: new Beat(phase), storage: new Beat(phase), timers: [] };
    this.#heard.set(host, made);
    this.#turn(host, made);
    if (!made.agent.isOpen) this.#await(host, made);
    return made;
  }

  /** Sees whether it beats still, or again, and tells who asked. */
  #look(host: string): void {
    const one = this.#recordOf(host);
    const turned = this.#turn(host, one);
    if (turned === 'Closed') this.#await(host, one);
    if (turned !== 'Opened') return;
    stopTimers(one);
    for (const handler of this.#onReturn) this.#of.step(() => handler(host));
  }

  #turn(host: string, { agent, storage }: Heard): ReturnType<Beat['turn']> {
    const { clock, isDeaf, isOffStorage, isUnheard } = this.#of;
    const now = clock.monotonic();
    const senses = this.#world?.senses(host);
    storage.turn(senses?.stores === true && !isOffStorage(host), now);
    return agent.turn(senses?.beats === true && this.#isNear(host, senses) && !isUnheard(host) && !isDeaf(), now);
  }

  #isNear(host: string, senses: Senses | undefined): boolean {
    return senses?.segment === '' && !this.#of.isApart(host);
  }

  #await(host: string, one: Heard): void {
    const { clock, step } = this.#of;
    stopTimers(one);
    for (const { afterMs, handler } of this.#onSilence)
      one.timers.push(clock.after(Math.max(0, afterMs - this.#silentMs(one)), () => step(() => handler(host))));
  }

  #silentMs({ agent }: Heard): number {
    const now = this.#of.clock.monotonic();
    return now - (agent.last(now) ?? this.#begun);
  }

  #signs(host: string): Signs {
    const one = this.#recordOf(host);
    const { isDeaf, isUnheard } = this.#of;
    const senses = this.#world?.senses(host);
    const isNear = this.#isNear(host, senses) && !isDeaf();
    const storage = this.#storageSigns(one, senses);
    return {
      silentMs: this.#silentMs(one),
      wasHeard: one.agent.last(this.#of.clock.monotonic()) !== undefined,
      byPeers: isNear && senses?.beats === true && !one.agent.isOpen && this.#hearsAnybody(),
      pings: isNear && !isUnheard(host) && senses?.pings === true,
      ...(storage === undefined ? {} : { storage }),
    };
  }

  /** Datastores are read by agents, and told of by those that are heard. */
  #storageSigns({ storage }: Heard, senses: Senses | undefined): Signs['storage'] {
    const now = this.#of.clock.monotonic();
    const last = storage.last(now);
    if (last === undefined || !this.#hearsAnybody()) return undefined;
    return { silentMs: now - last, hearsPeers: senses?.hearsPeers() === true, isIdle: senses?.idle === true };
  }

  #hearsAnybody(): boolean {
    return [...this.#heard.values()].some(({ agent }) => agent.isOpen);
  }
}

function stopTimers(one: Heard): void {
  for (const stop of one.timers) stop();
  one.timers = [];
}
