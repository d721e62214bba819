/** How operators hear and switch hosts in a play, and what was so in truth when a power was cut. */
import type { Clock } from '../../src/base/clock.ts';
import type { Site } from '../../src/controllers/operator.ts';
import type { JournalEntry } from '../../src/sim/journal.ts';
import { hostName } from '../../src/sim/host-names.ts';
import { Observer } from '../../src/sim/observer.ts';
import { guarded } from '../../src/sim/world/guard.ts';
import type { Life } from '../../src/sim/world/life.ts';
import type { SimulatedWorld } from '../../src/sim/world/world.ts';
import { CutOffs } from './cut-off.ts';
import { fairWeather, type PortWeather } from './host-port.ts';
import type { Scene, Violation } from './judge.ts';
import { newLink, type Link } from './network.ts';
import { isPunctual, type Plan } from './plan.ts';
import { poolName } from './user.ts';

/** For how long a host is heard, or not, and for how long it was the other way before, milliseconds. */
interface Spell {
  readonly isHeard: boolean;
  readonly since: number;
  readonly before: number;
}

/** What began so long before is known to who decides, and to the BMC that was told. */
const knownMs = 9_000;
const togetherMs = 25_000;
const lateMs = 2_000;
/** What came while a process stood still is read so long after it goes on. */
const drainMs = 5;

/** The direct way between operators and hosts, over whatever befalls either. */
export class Sight {
  readonly #clock: Clock;
  readonly #broken: (violation: Violation) => void;
  /** How many hosts may be taken for dead at once. */
  readonly #most: number;
  readonly hosts: readonly string[];
  /** Hosts that have lost their power for good. */
  readonly lost = new Set<string>();
  readonly #links = new Map<string, Link>();
  readonly #weather = new Map<string, PortWeather>();
  readonly #observers = new Set<Observer>();
  readonly #spells = new Map<string, Spell>();
  readonly #cutOffs: CutOffs;
  readonly #isPunctual: boolean;
  #world: SimulatedWorld | undefined;
  /** How long the process of the world has stood still, and since when it does. */
  #stoodMs = 0;
  #stillSince: number | undefined;

  constructor(plan: Plan, clock: Clock, broken: (violation: Violation) => void) {
    const { fencing = 0, hosts } = plan;
    this.#clock = clock;
    this.#cutOffs = new CutOffs(plan);
    this.#isPunctual = isPunctual(plan);
    this.#broken = broken;
    this.#most = Math.max(1, Math.floor((hosts * fencing) / 100));
    this.hosts = Array.from({ length: hosts }, (_, index) => hostName(poolName, index + 1));
  }

  /** The way of a host's agent to the API. */
  linkOf(host: string): Link {
    const link = this.#links.get(host) ?? newLink();
    this.#links.set(host, link);
    return link;
  }

  weatherOf(host: string): PortWeather {
    const weather = this.#weather.get(host) ?? fairWeather();
    this.#weather.set(host, weather);
    return weather;
  }

  truth(): Pick<Scene, 'isPunctual' | 'lost' | 'cutOff'> {
    return { isPunctual: this.#isPunctual, lost: this.lost, cutOff: (host) => this.#cutOffs.excuses(host, this.#clock.monotonic()) };
  }

  /** For one incarnation of an operator. */
  site(life: Life, link: Link, isStill: () => boolean): Site {
    const observer = new Observer({
      clock: this.#clock,
      isApart: (host) => this.linkOf(host).blocked === 'both',
      isDeaf: () => link.blocked === 'both' || isStill(),
      isOffStorage: (host) => this.weatherOf(host).storage === 'cut',
      step: (act) => life.step(act),
    });
    this.#observers.add(observer);
    if (this.#world !== undefined) observer.connect(this.#world);
    life.onEnd(() => {
      observer.end();
      this.#observers.delete(observer);
    });
    return { pulse: observer.pulse, power: guarded(observer.power, life) };
  }

  /** The process of the world stands still, or goes on: so do the BMCs in it, with what they were told. */
  stand(isStill: boolean): void {
    const now = this.#clock.monotonic();
    if (this.#stillSince !== undefined) this.#stoodMs += now - this.#stillSince;
    this.#stillSince = isStill ? now : undefined;
  }

  /** Monotonic, apart from the time in which the world stood still. */
  #worldTime(now: number): number {
    return now - this.#stoodMs - (this.#stillSince === undefined ? 0 : now - this.#stillSince);
  }

  connect(world: SimulatedWorld): void {
    this.#world = world;
    for (const observer of this.#observers) observer.connect(world);
    world.onChange((host) => {
      this.#look(host);
      this.#lookAround();
    });
    this.refresh();
  }

  disconnect(): void {
    this.#world = undefined;
    for (const observer of this.#observers) observer.disconnect();
    this.refresh();
  }

  /** A link, a weather or a process is not as it was. */
  refresh(): void {
    for (const observer of this.#observers) observer.refresh();
    for (const host of this.hosts) this.#look(host);
    this.#lookAround();
  }

  /** Who is alone depends on all others. */
  #lookAround(): void {
    const now = this.#clock.monotonic();
    for (const host of this.hosts) {
      const senses = this.#world?.senses(host);
      const isAlone = senses !== undefined && senses.segment !== '' && !senses.hearsPeers();
      this.#cutOffs.look(host, { isAlone, hasLostStorage: this.weatherOf(host).away > 0 }, now);
    }
  }

  /** The same, a moment later. */
  refreshSoon(): void {
    this.#clock.after(drainMs, () => {
      this.refresh();
    });
  }

  #look(host: string): void {
    const senses = this.#world?.senses(host);
    const isHeard = senses?.beats === true && senses.segment === '' && this.linkOf(host).blocked !== 'both';
    const last = this.#spells.get(host);
    if (last?.isHeard === isHeard) return;
    const now = this.#worldTime(this.#clock.monotonic());
    this.#spells.set(host, { isHeard, since: now, before: last === undefined ? 0 : now - last.since });
  }

  /** Judges what a BMC was told: nobody's power is cut who was well, nor that of one among too many who vanished together. */
  judge(entry: JournalEntry): void {
    if (entry.type !== 'PowerCut' || entry.by !== 'BMC') return;
    const at = this.#worldTime(entry.at - this.#clock.now() + this.#clock.monotonic());
    const spell = this.#spells.get(entry.host);
    if (spell === undefined || spell.isHeard || at - spell.since < 1) {
      const ms = spell === undefined ? 0 : spell.isHeard ? at - spell.since : spell.before;
      if (ms > knownMs)
        this.#broken({ rule: '10', text: `the power of ${entry.host} was cut, though it had been heard for ${String(ms)} ms` });
      return;
    }
    const together = this.hosts.filter((host) => this.#isGoneWith(host, spell.since));
    if (together.length > this.#most)
      this.#broken({
        rule: '10',
        text: `the power of ${entry.host} was cut, though it vanished together with ${together.join(', ')}, which live`,
      });
  }

  /** It vanished with one that is cut off now, so that whoever decided that knew of it; it lives, and nothing of it is to be heard. */
  #isGoneWith(host: string, since: number): boolean {
    const spell = this.#spells.get(host);
    if (spell === undefined || spell.isHeard || spell.since > since + lateMs || spell.since < since - togetherMs) return false;
    const senses = this.#world?.senses(host);
    return senses?.beats === true && (senses.segment !== '' || this.linkOf(host).blocked === 'both');
  }
}
