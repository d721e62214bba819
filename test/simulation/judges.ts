/** All that judges what only some scenarios have: ports, profiles, pairs and ledgers. */
import type { Clock } from '../../src/base/clock.ts';
import type { KubeObject } from '../../src/meta/objects.ts';
import type { JournalEntry } from '../../src/sim/journal.ts';
import type { SimulatedWorld } from '../../src/sim/world/world.ts';
import { PairJudge } from './judge-pairs.ts';
import { PortJudge } from './judge-ports.ts';
import { ProfileJudge } from './judge-profiles.ts';
import type { Scene, Violation } from './judge.ts';
import { Ledgers } from './ledgers.ts';
import type { Mirror, Mirrored } from './mirror.ts';
import type { Outcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import { unsettledPairs } from './rest-pairs.ts';
import { unsettledProfiles } from './rest-profiles.ts';
import type { Sight } from './sight.ts';
import { Talks } from './talk.ts';

export interface JudgesOptions {
  readonly scene: Scene;
  readonly clock: Clock;
  readonly plan: Plan;
  readonly mirror: Mirror;
  readonly sight: Sight;
  readonly unplugged: ReadonlyMap<string, number>;
  /** Whether the API server is there. */
  readonly isServed: () => boolean;
}

export class Judges {
  readonly #scene: Scene;
  readonly #plan: Plan;
  readonly #talks: Talks;
  readonly #ports: PortJudge;
  readonly #profiles: ProfileJudge;
  readonly #pairs: PairJudge;
  readonly #ledgers: Ledgers;

  constructor({ clock, isServed, mirror, plan, scene, sight, unplugged }: JudgesOptions) {
    this.#scene = scene;
    this.#plan = plan;
    this.#talks = new Talks(clock, scene.book);
    this.#ports = new PortJudge({ scene, clock, talks: this.#talks, unplugged, mirror });
    this.#profiles = new ProfileJudge(scene, clock, plan);
    const hasStorage = (host: string): boolean => sight.weatherOf(host).storage === 'open';
    const hasApi = (host: string): boolean => isServed() && sight.linkOf(host).blocked === 'no' && sight.linkOf(host).slowMs === 0;
    this.#pairs = new PairJudge({ scene, clock, hasStorage, hasApi, isLed: isLed(plan) });
    this.#ledgers = new Ledgers({ plan, clock, scene });
  }

  /** One change in the API; the mirror shows it already. */
  change(kind: Mirrored, before: KubeObject | undefined, after: KubeObject | undefined): void {
    this.#profiles.change(kind, before, after);
    this.#pairs.change(kind, before, after);
  }

  /** A line of the journal; the book is as it was before it. */
  entry(entry: JournalEntry): void {
    this.#ports.entry(entry);
    this.#profiles.entry(entry);
    this.#pairs.entry(entry);
    this.#ledgers.entry(entry);
  }

  /** Begins anew, from what is left of the journal. */
  reread(journal: string): void {
    this.#profiles.reread(journal);
  }

  /** A world begins. */
  begin(world: SimulatedWorld): void {
    if (this.#plan.scenario === 'switch') this.#talks.begin(world);
    if (this.#plan.scenario === 'ft') this.#ledgers.begin(world);
  }

  /** Looks now and then until the play is over. */
  watch(world: () => SimulatedWorld | undefined): void {
    if (this.#plan.scenario === 'switch') void this.#ports.watch(world);
    if (this.#plan.scenario !== 'ft') return;
    void this.#pairs.watch(world);
    void this.#ledgers.watch(world);
  }

  /** What is not yet as it must be in the end. */
  unsettled(): Violation[] {
    const [scene, plan] = [this.#scene, this.#plan];
    return [...unsettledProfiles({ scene, judge: this.#profiles, plan }), ...unsettledPairs(scene, plan)];
  }

  outcome(): Pick<Outcome, 'alone' | 'costs' | 'silences'> {
    return { costs: this.#talks.costs, silences: this.#ledgers.silences, alone: this.#pairs.alone };
  }
}

function isLed({ happenings, strikes }: Plan): boolean {
  const isRival = (kind: string): boolean => kind === 'TwoLeaders' || kind === 'OperatorPause' || kind.startsWith('pause-');
  return ![...happenings, ...strikes].some(({ kind }) => isRival(kind));
}
