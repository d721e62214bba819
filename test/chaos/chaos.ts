/**
 * `npm run test:chaos`: the life of VMs on a real control plane, with operators and the simulated world as processes that are killed, stopped, cut off
 * and shown the past. Closes with `N passed, N failed`.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/tool.ts';
import { messageOf } from '../../src/base/errors.ts';
import { missing, realTools, type RealTools } from '../real/tools.ts';
import { differences } from './end-state.ts';
import { chaosPlan, type ChaosPlan } from './plan.ts';
import { play, type Outcome } from './play.ts';

const usage = `npm run test:chaos -- [options]

  --seeds A-B      which plans (one that is new each time)
  --seconds N      how long things happen in each (45)
  --plan           print the plans, and play nothing
`;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const sayBelow = (text: string): void => {
  say(`  ${text}`);
};

function seedsOf(text: string): number[] {
  const [first = NaN, last = first] = text.split('-').map(Number);
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last) || last < first) throw new TypeError(`--seeds ${text}: write 7 or 1-10`);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** Once with faults and once without. @returns what is wrong. */
async function playBoth(plan: ChaosPlan, tools: RealTools): Promise<string[]> {
  const folder = join(root, `.cache/chaos/seed-${String(plan.seed)}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'plan.json'), JSON.stringify(plan, undefined, 1));
  const { hosts, vms, wishes } = plan.fleet;
  say(`seed ${String(plan.seed)}: ${String(hosts)} hosts, ${String(vms.length)} VMs, ${String(wishes.length)} wishes`);
  const calm = await play(plan, { tools, folder: join(folder, 'calm'), faults: false, say: () => undefined });
  say(`  without faults: ${told(calm)}`);
  const stormy = await play(plan, { tools, folder: join(folder, 'stormy'), faults: true, say: sayBelow });
  say(`  with ${String(stormy.met.length)} of ${String(plan.troubles.length)} faults: ${told(stormy)}`);
  const wrong = [
    ...calm.broken.map((one) => `without faults: ${one}`),
    ...stormy.broken,
    ...differences(calm.end, stormy.end).map((one) => `another end: ${one}`),
  ];
  if (wrong.length === 0) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  else say(`  journals and logs: ${folder}`);
  return wrong;
}

function told({ lives, settled }: Outcome): string {
  return `${String(lives)} lives of guests, at rest after ${settled.toFixed(1)} s`;
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: String(Date.now() % 1_000_000) },
      seconds: { type: 'string', default: '45' },
      plan: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return (say(usage), true);
  const plans = seedsOf(values.seeds).map((seed) => chaosPlan(seed, Number(values.seconds)));
  if (values.plan) return (say(JSON.stringify(plans, undefined, 1)), true);
  const skipped = missing();
  if (skipped !== false) return (say(`skipped: ${skipped}\n0 passed, 0 failed, ${String(plans.length)} skipped`), true);
  const tools = await realTools();
  let failed = 0;
  for (const plan of plans) {
    const wrong = await playBoth(plan, tools).catch((error: unknown) => [`could not be played: ${messageOf(error)}`]);
    if (wrong.length > 0) failed++;
    for (const one of wrong) say(`  ✗ ${one}`);
    say(`  ${wrong.length === 0 ? '✓' : '✗'} seed ${String(plan.seed)}`);
  }
  say(`${String(plans.length - failed)} passed, ${String(failed)} failed`);
  return failed === 0;
}

// What still waits on a socket must not keep a program that is done.
process.exit((await main()) ? 0 : 1);
