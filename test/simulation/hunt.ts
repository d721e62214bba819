/** Switches each guard off in turn: some seed must notice. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mutants, type Mutant } from './mutants.ts';
import type { Options } from './options.ts';
import type { Plan, Scenario } from './plan.ts';
import { planOf } from './plan-of.ts';
import { newPlayer, type Player } from './players.ts';

/** What caught a mutant: a seed, or a plan of the folder `found`. */
export interface Caught {
  readonly by: Prey;
  readonly rule: string;
  /** How many plays it took, the plans that were once found tried first, then the seeds in order. */
  readonly after: number;
}

type Prey = { readonly scenario: Scenario; readonly minutes: number; readonly seed: number } | { readonly found: string };

const foundPlans = path.join(import.meta.dirname, 'found');
const records = path.join(import.meta.dirname, 'mutants.json');

export function recorded(): Readonly<Record<string, Caught>> {
  return existsSync(records) ? (JSON.parse(readFileSync(records, 'utf8')) as Record<string, Caught>) : {};
}

/** @returns whether every one was caught. */
export async function huntMutants(options: Options): Promise<boolean> {
  const known: Record<string, Caught> = { ...recorded() };
  let passed = 0;
  let failed = 0;
  const unsound = new Set<string>();
  const waiting = mutants.filter(({ name }) => options.only === undefined || name === options.only);
  const hunter = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const caught = await hunt(mutant, options, { before: options.record ? undefined : known[mutant.name], unsound });
      if (caught === undefined) failed++;
      else {
        passed++;
        known[mutant.name] = caught;
        if (options.record) keep(known);
      }
      const end = caught === undefined ? 'SURVIVED' : `${nameOf(caught.by)} broke rule ${caught.rule}, after ${String(caught.after)}`;
      process.stdout.write(`${mutant.name} (${mutant.guard}): ${end}\n`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, waiting.length) }, hunter));
  for (const name of unsound) process.stdout.write(`${name} breaks a rule with all guards on: it has caught nobody\n`);
  failed += unsound.size;
  process.stdout.write(`${String(passed)} passed, ${String(failed)} failed\n`);
  return failed === 0 && passed > 0;
}

function keep(known: Readonly<Record<string, Caught>>): void {
  const sorted = Object.fromEntries(Object.entries(known).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(records, `${JSON.stringify(sorted, undefined, 2)}\n`);
}

interface Game {
  /** What caught it before comes first: code that changed since may need another. */
  readonly before: Caught | undefined;
  /** Gets the names of seeds that break a rule with all guards on. */
  readonly unsound: Set<string>;
}

async function hunt(
  mutant: Mutant,
  { scenarios: [scenario], minutes, from, to }: Options,
  { before, unsound }: Game,
): Promise<Caught | undefined> {
  const player = await newPlayer(mutant.name);
  let sound: Player | undefined;
  const whole = async (): Promise<Player> => (sound ??= await newPlayer());
  try {
    const seeds = Array.from({ length: to - from + 1 }, (_, index) => ({ seed: from + index, scenario, minutes }));
    const prey: Prey[] = [...(before === undefined ? [] : [before.by]), ...readdirSync(foundPlans).map((found) => ({ found })), ...seeds];
    for (const [index, by] of prey.entries()) {
      const noticed = await notice(planFor(by), player, 'found' in by ? undefined : whole);
      if (noticed?.isOwn === true) return { by, rule: noticed.rule, after: index + 1 };
      if (noticed !== undefined) unsound.add(`${nameOf(by)} of ${planFor(by).scenario}`);
    }
    return undefined;
  } finally {
    player.stop();
    sound?.stop();
  }
}

export interface Noticed {
  readonly rule: string;
  /** False: the plan breaks a rule with all guards on too, and says nothing of the one that is off. */
  readonly isOwn: boolean;
}

/**
 * Plays the plan without a guard, and, when that breaks a rule, with all of them.
 * @param whole a player with all guards; none: the plan is known to pass there, as `npm test` makes sure for those of `found`.
 */
export async function notice(plan: Plan, crippled: Player, whole: (() => Promise<Player>) | undefined): Promise<Noticed | undefined> {
  const rule = await brokenBy(crippled, plan);
  if (rule === undefined) return undefined;
  return { rule, isOwn: whole === undefined || (await brokenBy(await whole(), plan)) === undefined };
}

async function brokenBy(player: Player, plan: Plan): Promise<string | undefined> {
  const { outcome } = await player.play({ plan });
  return outcome.violations[0]?.rule;
}

function planFor(by: Prey): Plan {
  if ('found' in by) return JSON.parse(readFileSync(path.join(foundPlans, by.found), 'utf8')) as Plan;
  return planOf(by.seed, by.scenario, by.minutes);
}

function nameOf(by: Prey): string {
  return 'found' in by ? by.found : `seed ${String(by.seed)}`;
}
