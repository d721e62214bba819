/** Switches each guard off in turn: some seed must notice. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mutants, type Mutant } from './mutants.ts';
import type { Options } from './options.ts';
import { planOf, type Scenario } from './plan.ts';
import { newPlayer } from './players.ts';

/** Which seed caught a mutant, and how many it took when they were tried in order. */
export interface Caught {
  readonly scenario: Scenario;
  readonly minutes: number;
  readonly seed: number;
  readonly rule: string;
  readonly after: number;
}

const records = path.join(import.meta.dirname, 'mutants.json');

export function recorded(): Readonly<Record<string, Caught>> {
  return existsSync(records) ? (JSON.parse(readFileSync(records, 'utf8')) as Record<string, Caught>) : {};
}

/** @returns whether every one was caught. */
export async function huntMutants(options: Options): Promise<boolean> {
  const known: Record<string, Caught> = { ...recorded() };
  let passed = 0;
  let failed = 0;
  const waiting = mutants.filter(({ name }) => options.only === undefined || name === options.only);
  const hunter = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const caught = await hunt(mutant, options, options.record ? undefined : known[mutant.name]);
      if (caught === undefined) failed++;
      else {
        passed++;
        known[mutant.name] = caught;
        if (options.record)
          writeFileSync(
            records,
            `${JSON.stringify(known, Object.keys(known).sort().concat('scenario', 'minutes', 'seed', 'rule', 'after'), 2)}\n`,
          );
      }
      const end =
        caught === undefined ? 'SURVIVED' : `seed ${String(caught.seed)} broke rule ${caught.rule}, after ${String(caught.after)}`;
      process.stdout.write(`${mutant.name} (${mutant.guard}): ${end}\n`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, waiting.length) }, hunter));
  process.stdout.write(`${String(passed)} passed, ${String(failed)} failed\n`);
  return failed === 0 && passed > 0;
}

/** The recorded seed first: code that changed since may need another. */
async function hunt(mutant: Mutant, options: Options, before: Caught | undefined): Promise<Caught | undefined> {
  const player = await newPlayer(mutant.name);
  try {
    const order = before === undefined ? [] : [before];
    const { scenario, minutes, from, to } = options;
    let after = 0;
    for (const { seed, ...how } of [...order, ...range(from, to).map((seed) => ({ seed, scenario, minutes }))]) {
      after++;
      const { outcome } = await player.play({ plan: planOf(seed, how.scenario, how.minutes) });
      const [first] = outcome.violations;
      if (first !== undefined) return { scenario: how.scenario, minutes: how.minutes, seed, rule: first.rule, after };
    }
    return undefined;
  } finally {
    player.stop();
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
