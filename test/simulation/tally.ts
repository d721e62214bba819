/** Adds up what was played, and tells how it goes. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Plan } from './plan.ts';
import { ratesFile, type Rates } from './strikes.ts';
import type { Cost } from './talk.ts';
import type { Played } from './worker.ts';

const tellEveryMs = 10_000;

export class Tally {
  readonly #count: number;
  readonly #met = new Map<string, number>();
  readonly #planned = new Map<string, number>();
  #passed = 0;
  #simulatedMs = 0;
  #cpuSeconds = 0;
  #faults = 0;
  readonly #downtimes: number[] = [];
  readonly #costs: Cost[] = [];
  readonly #silences: number[] = [];
  #alone = 0;
  /** Which seeds were played, by scenario. */
  readonly #seeds = new Map<string, number[]>();
  #told = performance.now();
  failed = 0;

  constructor(count: number) {
    this.#count = count;
  }

  take(plan: Plan, { outcome, cpuSeconds }: Played): void {
    this.#simulatedMs += outcome.simulatedMs;
    this.#cpuSeconds += cpuSeconds;
    this.#faults += outcome.faults;
    this.#downtimes.push(...outcome.downtimes);
    this.#costs.push(...outcome.costs);
    this.#silences.push(...outcome.silences);
    this.#alone += outcome.alone;
    this.#seeds.set(plan.scenario, [...(this.#seeds.get(plan.scenario) ?? []), plan.seed]);
    for (const [what, count] of Object.entries(outcome.met)) this.#met.set(what, (this.#met.get(what) ?? 0) + count);
    for (const { role, step } of plan.strikes) this.#planned.set(`${role} ${step}`, (this.#planned.get(`${role} ${step}`) ?? 0) + 1);
    if (outcome.violations.length > 0) this.failed++;
    else this.#passed++;
    for (const { rule, atMs, line, text } of outcome.violations)
      say(
        `seed ${String(plan.seed)} of ${plan.scenario}: rule ${rule} broken at ${(atMs / 1000).toFixed(3)} s, step ${String(line)}: ${text}`,
      );
    if (this.#count === 1)
      say(`seed ${String(plan.seed)}: ${String(outcome.lines)} steps, ${String(outcome.faults)} faults, trace ${outcome.hash}`);
    if (performance.now() - this.#told > tellEveryMs) this.#tell();
  }

  #tell(): void {
    this.#told = performance.now();
    const done = this.#passed + this.failed;
    say(`${String(done)} of ${String(this.#count)} seeds, ${String(this.failed)} failed; ${this.#rate()}`);
  }

  #rate(): string {
    const hours = this.#simulatedMs / 3_600_000;
    return `${hours.toFixed(1)} simulated hours with ${String(this.#faults)} faults, ${(hours / this.#cpuSeconds).toFixed(3)} hours per CPU second`;
  }

  /** Keeps how often a fault that was planned at a step came, for plans made from now on. */
  record(): void {
    const lines = Object.entries(ratesOf(this.#planned, this.#met)).map(
      ([place, pair]) => `  ${JSON.stringify(place)}: ${JSON.stringify(pair)}`,
    );
    writeFileSync(ratesFile, `{\n${lines.join(',\n')}\n}\n`);
  }

  #tellCosts(): void {
    const gaps = this.#costs.map(({ gapMs }) => gapMs);
    say(`in ${String(gaps.length)} of them a client heard nothing: ${shares(gaps, ' ms')}`);
    const lost = this.#costs.map((cost) => cost.lost);
    say(`and its peer had to send again: ${shares(lost, ' segments')}`);
  }

  close(coverage: boolean): void {
    say(this.#rate());
    if (this.#seeds.size > 1) for (const [scenario, seeds] of this.#seeds) say(`${scenario}: seeds ${seeds.join(', ')}`);
    if (this.#downtimes.length > 0)
      say(`${String(this.#downtimes.length)} moves; the guests stood still: ${shares(this.#downtimes, ' ms')}`);
    if (this.#costs.length > 0) this.#tellCosts();
    if (this.#silences.length + this.#alone > 0)
      say(
        `${String(this.#silences.length)} shadows went on that clients talk with, who heard nothing: ${shares(this.#silences, ' ms')}; ${String(this.#alone)} times one went on alone`,
      );
    const sorted = [...this.#met].sort(([a, m], [b, n]) => m - n || (a < b ? -1 : 1));
    if (coverage) for (const [what, count] of sorted) say(`${String(count).padStart(8)}  ${what}`);
    else if (sorted.length > 0) say(`${String(sorted.length)} different faults at different steps; --coverage lists how often each came`);
    say(`${String(this.#passed)} passed, ${String(this.failed)} failed`);
  }
}

/** What there was before of other steps stays. */
function ratesOf(planned: ReadonlyMap<string, number>, met: ReadonlyMap<string, number>): Rates {
  const rates = new Map(Object.entries(JSON.parse(readFileSync(ratesFile, 'utf8')) as Rates));
  const cameAt = (place: string): number => [...met].reduce((sum, [what, count]) => (what.endsWith(` @ ${place}`) ? sum + count : sum), 0);
  for (const [place, count] of planned) rates.set(place, [cameAt(place), count]);
  return Object.fromEntries([...rates].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function shares(values: readonly number[], unit: string): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): string => `${String(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN)}${unit}`;
  return [0.5, 0.9, 0.99, 1].map((share) => `${String(share * 100)} % within ${at(share)}`).join(', ');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
