/** Plays a plan on a control plane of its own, with faults or without, and tells what came of it. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../../scripts/tool.ts';
import { silentLog } from '../../src/base/log.ts';
import { messageOf } from '../../src/base/errors.ts';
import { seededRandom } from '../../src/base/random.ts';
import { installCrds, manifestsIn } from '../../src/cmd/install.ts';
import { client as clientOf } from '../../src/kube/client.ts';
import type { Client } from '../../src/kube/types.ts';
import { isTrue } from '../../src/meta/conditions.ts';
import { undiciControlPlane } from '../../src/net/undici-control-plane.ts';
import { livesFrom } from '../../src/sim/lives.ts';
import { systemRuntime } from '../../src/system/runtime.ts';
import { realControlPlane, type RealControlPlane } from '../real/control-plane.ts';
import type { RealTools } from '../real/tools.ts';
import { Book } from '../simulation/book.ts';
import { unsettled } from '../simulation/rest.ts';
import { user as userOf, type User } from '../simulation/user.ts';
import { Actor } from './actor.ts';
import { endState, type EndState } from './end-state.ts';
import type { ChaosPlan, Trouble } from './plan.ts';
import { befall, type Site } from './troubles.ts';
import { viewOf } from './view.ts';

export interface PlayOptions {
  readonly tools: RealTools;
  /** Where its processes keep journals and logs; nothing may be there yet. */
  readonly folder: string;
  readonly faults: boolean;
  readonly say: (text: string) => void;
}

export interface Outcome {
  readonly end: EndState;
  /** Broken rules, and what did not come to rest. */
  readonly broken: readonly string[];
  /** Troubles that met somebody. */
  readonly met: readonly Trouble[];
  readonly lives: number;
  /** From the last trouble or wish to rest, seconds. */
  readonly settled: number;
}

const namespace = 'shop';
/** A rest that does not come in this time never does. */
const patienceMs = 300_000;
/** Without faults nobody has to wait for anything. */
const hurry = 0.3;

interface Theatre extends Site {
  readonly plan: ChaosPlan;
  readonly user: User;
  readonly journal: string;
}

export async function play(plan: ChaosPlan, options: PlayOptions): Promise<Outcome> {
  const real = await realControlPlane({ audit: false, tools: options.tools });
  const end = new AbortController();
  const ca = await readFile(real.caFile, 'utf8');
  const straight = undiciControlPlane({ server: real.url, ca, token: real.adminToken });
  const runtime = systemRuntime('chaos', end.signal, silentLog);
  const by = { userAgent: 'chaos', fieldManager: 'chaos' };
  const client = clientOf(straight.controlPlane, runtime, by);
  const actors: Actor[] = [];
  try {
    await installCrds(client, runtime.clock, await manifestsIn(join(root, 'crds')), end.signal);
    const user = userOf({ plan: plan.fleet, runtime, controlPlane: straight.controlPlane, direct: straight.controlPlane });
    const journal = join(options.folder, 'world');
    await mkdir(journal, { recursive: true });
    const [first, second, world] = await cast({ real, ca, folder: options.folder, journal, seed: plan.seed });
    actors.push(first, second, world);
    await user.install();
    for (const actor of actors) await actor.start();
    const theatre: Theatre = {
      plan,
      user,
      client,
      operators: [first, second],
      world,
      hosts: plan.fleet.hosts,
      restartServer: () => real.restartApiserver(),
      say: options.say,
      journal: join(journal, 'world.log'),
    };
    return await act(theatre, options.faults);
  } finally {
    for (const actor of actors) await actor.stop();
    end.abort();
    await straight.close();
    await real.stop();
  }
}

interface Casting {
  readonly real: RealControlPlane;
  readonly ca: string;
  readonly folder: string;
  readonly journal: string;
  readonly seed: number;
}

async function cast({ real, ca, folder, journal, seed }: Casting): Promise<[Actor, Actor, Actor]> {
  const stage = { url: real.url, ca, token: real.adminToken, folder, random: seededRandom(seed) };
  const operator = { program: 'operator.ts', args: ['--listen', '127.0.0.1:0'] };
  return [
    await Actor.of(stage, { name: 'operator-0', ...operator }),
    await Actor.of(stage, { name: 'operator-1', ...operator }),
    await Actor.of(stage, { name: 'world', program: 'world.ts', args: ['--data-dir', journal] }),
  ];
}

async function act(theatre: Theatre, faults: boolean): Promise<Outcome> {
  const { plan, user, operators, world } = theatre;
  await hostsReady(theatre);
  const wishes = plan.fleet.wishes.map((wish) => ({
    at: faults ? wish.at : wish.at * hurry,
    run: () => {
      user.wish(wish);
    },
  }));
  const met: Trouble[] = [];
  const under: Promise<void>[] = [];
  const troubles = faults ? plan.troubles : [];
  const strike = async (trouble: Trouble): Promise<void> => {
    theatre.say(`${(trouble.at / 1000).toFixed(1)} s: ${JSON.stringify({ ...trouble, at: undefined })}`);
    // What a trouble needs of the server may be away: then it meets nobody.
    const found = await befall(theatre, trouble).catch((error: unknown) => {
      theatre.say(`${trouble.kind}: ${messageOf(error)}`);
      return false;
    });
    if (found) met.push(trouble);
  };
  const all = [...wishes, ...troubles.map((trouble) => ({ at: trouble.at, run: () => void under.push(strike(trouble)) }))];
  const began = performance.now();
  for (const { at, run } of all.sort((a, b) => a.at - b.at)) {
    await sleep(Math.max(0, began + at - performance.now()));
    run();
  }
  await Promise.all(under);
  for (const actor of [...operators, world]) await actor.heal();
  const healed = performance.now();
  const { end, left } = await rest(theatre);
  const text = await readFile(theatre.journal, 'utf8');
  const { lives, violations } = livesFrom(text);
  const surprises = [...operators, world].flatMap((actor) => actor.surprises);
  const settled = (performance.now() - healed) / 1000;
  return { end, met, lives: lives.length, settled, broken: [...violations.map((one) => `rule 1: ${one}`), ...left, ...surprises] };
}

async function hostsReady({ client, hosts }: Theatre): Promise<void> {
  const began = performance.now();
  for (;;) {
    const view = await viewOf(client, namespace);
    const ready = view.hosts().filter((host) => isTrue(host.status.conditions, 'Ready')).length;
    if (ready === hosts) return;
    if (performance.now() - began > patienceMs) throw new Error(`${String(ready)} of ${String(hosts)} hosts became ready`);
    await sleep(250);
  }
}

/** Waits until all is as wished, by the world's truth. */
async function rest({ client, user, journal }: Theatre): Promise<{ end: EndState; left: string[] }> {
  const began = performance.now();
  // Before anything is looked at: what is taken afterwards would not be in the picture.
  while (!user.content() && performance.now() - began < patienceMs) await sleep(100);
  for (;;) {
    const { end, left } = await look(client, user, journal);
    if (left.length === 0 || performance.now() - began > patienceMs) return { end, left };
    await sleep(500);
  }
}

async function look(client: Client, user: User, journal: string): Promise<{ end: EndState; left: string[] }> {
  const mirror = await viewOf(client, namespace);
  const book = new Book();
  book.reread(await readFile(journal, 'utf8'));
  const left = unsettled({
    book,
    mirror,
    user: () => user,
    broken: () => undefined,
    troubled: () => true,
    isPunctual: false,
    lost: new Set(),
    cutOff: () => true,
  });
  return { end: endState(mirror, book, user), left: left.map(({ rule, text }) => `rule ${rule}: ${text}`) };
}
