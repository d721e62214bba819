/** `npm run simulate`: plays seeds, or plans, or mutants. The last line is `N passed, N failed`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { huntMutants } from './hunt.ts';
import { readOptions, usage, type Options } from './options.ts';
import type { Plan } from './plan.ts';
import { planOf } from './plan-of.ts';
import { newPlayer, share, type Player } from './players.ts';
import { shrink } from './shrink.ts';
import { story } from './story.ts';
import { Tally } from './tally.ts';
import type { Played } from './worker.ts';

const folder = path.join(import.meta.dirname, '../../.cache/simulation');
const storyLines = 4000;

async function playAll(plans: Iterable<Plan>, count: number, options: Options): Promise<boolean> {
  const tally = new Tally(count);
  const players = await Promise.all(Array.from({ length: Math.min(options.jobs, count) }, () => newPlayer()));
  const until = performance.now() + options.seconds * 1000;
  const work = async (player: Player, plan: Plan): Promise<void> => {
    const played = await player.play(options.trace === undefined ? { plan } : { plan, file: options.trace });
    tally.take(plan, played);
    if (played.outcome.violations.length > 0) await explain(player, plan, played, options);
  };
  await share(plans, players, work, () => performance.now() > until);
  for (const player of players) player.stop();
  tally.close(options.coverage);
  if (options.coverage && options.record) tally.record();
  return tally.failed === 0;
}

/** Looks for the smallest plan that breaks the same rule, keeps it, and tells its story. */
async function explain(player: Player, plan: Plan, { outcome }: Played, { shrink: shrinks }: Options): Promise<void> {
  const rule = outcome.violations[0]?.rule;
  const breaks = async (candidate: Plan): Promise<boolean> => {
    const played = await player.play({ plan: candidate });
    return played.outcome.violations[0]?.rule === rule;
  };
  const smallest = shrinks ? await shrink(plan, breaks) : plan;
  const { outcome: last, trace } = await player.play({ plan: smallest, lines: storyLines });
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `seed-${String(plan.seed)}.json`);
  writeFileSync(file, `${JSON.stringify(smallest, null, 1)}\n`);
  process.stdout.write(
    `\n${story(smallest, last, trace)}\nPlay it again: npm run simulate -- --plan ${path.relative(process.cwd(), file)}\n\n`,
  );
}

function* seeds({ from, to, scenarios, minutes }: Options): Generator<Plan> {
  for (let seed = from; seed <= to; seed++) yield planOf(seed, scenarios[(seed - from) % scenarios.length] ?? scenarios[0], minutes);
}

function main(options: Options): Promise<boolean> {
  if (options.mutants) return huntMutants(options);
  if (options.plan === undefined) return playAll(seeds(options), options.to - options.from + 1, options);
  return playAll([JSON.parse(readFileSync(options.plan, 'utf8')) as Plan], 1, { ...options, shrink: false });
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(usage);
  else process.exitCode = (await main(options)) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
