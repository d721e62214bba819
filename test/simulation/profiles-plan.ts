/** Plans in which what hosts are to be changes, well and badly, while VMs move, hosts are emptied, and all things break. */
import { seededRandom, type Random } from '../../src/base/random.ts';
import type { MoveMode } from '../../src/ports/moves.ts';
import { pick } from './pick.ts';
import {
  eventKinds,
  faultsOf,
  faultyUntil,
  moveEvents,
  profileEvents,
  settleMs,
  type Menu,
  type Plan,
  type VmShape,
  type Wish,
} from './plan.ts';
import type { ProfilePlan } from './profile-pieces.ts';
import { apiSteps, moveSteps, portSteps, profileSteps } from './steps.ts';

const shapes: readonly VmShape[] = ['plain', 'plain', 'plain', 'plain', 'diskless', 'temporary', 'apart', 'reserved', 'local'];

export function profilesPlan(seed: number, minutes: number): Plan {
  const random = seededRandom(seed);
  const hosts = 3 + random.integer(4);
  const count = 3 + random.integer(8);
  const [from, to] = [settleMs, faultyUntil(minutes)];
  const skewed = random.integer(4) === 0;
  return {
    seed,
    scenario: 'profiles',
    minutes,
    hosts,
    hostMemoryGi: pick(random, [16, 64, 64]),
    vms: Array.from({ length: count }, () => ({ shape: pick(random, shapes), memoryGi: pick(random, [1, 2, 4]), cores: 1 })),
    sameIdentity: random.integer(2) === 0,
    profiles: rolloutOf(random),
    wishes: wishesOf(random, count, from, to),
    skews: Array.from({ length: hosts + 2 }, (_, index) => (skewed && index < hosts ? (random.integer(600) - 300) * 1000 : 0)),
    ...faultsOf(random, from, to, menu),
  };
}

function rolloutOf(random: Random): ProfilePlan {
  const ends = pick(random, ['ProfileNone', 'ProfileMaintenance', 'ProfileReboot'] as const);
  return {
    canary: pick(random, [1, 1, 1, 2, 0]),
    soak: pick(random, ['0s', '10s', '20s']),
    maxUnavailable: pick(random, [1, 1, 2, '50%']),
    pauseOnFailure: random.integer(4) > 0,
    after: pick(random, ['10s', '30s']),
    ...(random.integer(4) === 0 ? {} : { ends }),
  };
}

/** What is the profiles' own comes most often; what takes hosts away by force is left out. */
const menu: Menu = {
  events: [
    ...[...profileEvents, ...profileEvents, ...profileEvents],
    ...moveEvents,
    ...eventKinds.filter((kind) => kind !== 'ForcedDelete' && kind !== 'NodeDeleted'),
  ],
  ports: [...portSteps, ...moveSteps.ports, ...profileSteps.ports, ...profileSteps.ports, ...profileSteps.ports],
  api: {
    ...apiSteps,
    operator: [...(apiSteps['operator'] ?? []), ...moveSteps.operator, ...profileSteps.operator, ...profileSteps.operator],
    agent: [...(apiSteps['agent'] ?? []), ...moveSteps.agent, ...profileSteps.agent, ...profileSteps.agent],
  },
};

function wishesOf(random: Random, count: number, from: number, to: number): Wish[] {
  const wishes: Wish[] = [];
  for (let vm = 0; vm < count; vm++) {
    wishes.push({ at: from + random.next() * 2000, vm, kind: 'create' });
    const first = from + 15_000;
    const within = (): number => first + random.next() * (to - first);
    for (let more = random.integer(4); more > 0; more--)
      wishes.push({ at: within(), vm, kind: 'migrate', mode: pick(random, modes), to: random.integer(1000) });
    // Most are left alone: whatever ends them nobody asked for.
    if (random.integer(3) !== 0) continue;
    const at = within();
    wishes.push({ at, vm, kind: pick(random, ['powerOff', 'suspend', 'suspend', 'restart', 'delete']) });
    wishes.push({ at: Math.min(to, at + random.next() * 60_000), vm, kind: pick(random, ['powerOn', 'powerOn', 'create']) });
  }
  return wishes.sort((a, b) => a.at - b.at);
}

const modes: readonly MoveMode[] = ['Auto', 'PreCopy', 'PostCopy'];
