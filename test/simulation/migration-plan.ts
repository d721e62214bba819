/** Plans in which VMs are moved by their user and hosts are emptied, while things go wrong. */
import { seededRandom, type Random } from '../../src/base/random.ts';
import type { MoveMode } from '../../src/ports/moves.ts';
import { pick } from './pick.ts';
import { eventKinds, faultsOf, faultyUntil, moveEvents, settleMs, type Menu, type Plan, type VmShape, type Wish } from './plan.ts';
import { apiSteps, moveSteps, portSteps } from './steps.ts';

/** What can be moved, mostly; one that cannot says so. */
const shapes: readonly VmShape[] = ['plain', 'plain', 'plain', 'diskless', 'temporary', 'apart', 'reserved', 'local'];

export function migrationPlan(seed: number, minutes: number): Plan {
  const random = seededRandom(seed);
  const hosts = 3 + random.integer(3);
  const count = 4 + random.integer(9);
  const [from, to] = [settleMs, faultyUntil(minutes)];
  const skewed = random.integer(4) === 0;
  return {
    seed,
    scenario: 'migration',
    minutes,
    hosts,
    hostMemoryGi: pick(random, [16, 32, 64]),
    vms: Array.from({ length: count }, () => ({
      shape: pick(random, shapes),
      memoryGi: pick(random, [1, 2, 4, 8]),
      cores: pick(random, [1, 2]),
    })),
    sameIdentity: random.integer(2) === 0,
    wishes: wishesOf(random, count, from, to),
    skews: Array.from({ length: hosts + 2 }, (_, index) => (skewed && index < hosts ? (random.integer(600) - 300) * 1000 : 0)),
    ...(random.integer(8) === 0 ? { strikes: [], happenings: [] } : faultsOf(random, from, to, menu)),
  };
}

/** Faults at the steps of a move twice as often as at others. */
const menu: Menu = {
  events: [...moveEvents, ...moveEvents, ...eventKinds.filter((kind) => kind !== 'ForcedDelete' && kind !== 'NodeDeleted')],
  ports: [...portSteps, ...moveSteps.ports, ...moveSteps.ports],
  api: {
    ...apiSteps,
    operator: [...(apiSteps['operator'] ?? []), ...moveSteps.operator, ...moveSteps.operator],
    agent: [...(apiSteps['agent'] ?? []), ...moveSteps.agent, ...moveSteps.agent],
  },
};

function wishesOf(random: Random, count: number, from: number, to: number): Wish[] {
  const wishes: Wish[] = [];
  for (let vm = 0; vm < count; vm++) {
    wishes.push({ at: from + random.next() * 2000, vm, kind: 'create' });
    const first = from + 15_000;
    const moves = 2 + random.integer(8);
    for (let more = moves; more > 0; more--) wishes.push(...moveAt(random, vm, first + random.next() * (to - first)));
    // A few are switched off, suspended or deleted meanwhile; most are left alone: whatever ends them nobody asked for.
    if (random.integer(4) === 0) {
      const at = first + random.next() * (to - first);
      wishes.push({ at, vm, kind: pick(random, ['powerOff', 'suspend', 'restart', 'delete', 'reserve', 'grow']) });
      wishes.push({ at: Math.min(to, at + random.next() * 60_000), vm, kind: pick(random, ['powerOn', 'create']) });
    }
  }
  return wishes.sort((a, b) => a.at - b.at);
}

const modes: readonly MoveMode[] = ['Auto', 'Auto', 'PreCopy', 'PostCopy'];

function moveAt(random: Random, vm: number, at: number): Wish[] {
  const target = random.integer(3) === 0 ? { to: random.integer(1000) } : {};
  const move: Wish = { at, vm, kind: 'migrate', mode: pick(random, modes), ...target };
  return random.integer(8) === 0 ? [move, { at: at + random.next() * 10_000, vm, kind: 'cancel' }] : [move];
}
