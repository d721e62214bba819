/** Plans in which VMs with networks move and start while their switch, its groups and the wires of hosts change. */
import { seededRandom, type Random } from '../../src/base/random.ts';
import type { MoveMode } from '../../src/ports/moves.ts';
import { pick } from './pick.ts';
import { eventKinds, faultsOf, faultyUntil, moveEvents, settleMs, switchEvents, type Menu, type Plan, type Wish } from './plan.ts';
import { apiSteps, moveSteps, portSteps, switchSteps } from './steps.ts';

export function switchPlan(seed: number, minutes: number): Plan {
  const random = seededRandom(seed);
  const hosts = 2 + random.integer(3);
  const count = 3 + random.integer(5);
  const [from, to] = [settleMs, faultyUntil(minutes)];
  return {
    seed,
    scenario: 'switch',
    minutes,
    hosts,
    hostMemoryGi: 64,
    vms: Array.from({ length: count }, () => ({
      shape: pick(random, ['plain', 'plain', 'plain', 'diskless', 'temporary'] as const),
      memoryGi: pick(random, [1, 2, 4]),
      cores: 1,
      networks: pick(random, [['web'], ['web'], ['web', 'db'], ['db']]),
    })),
    sameIdentity: random.integer(2) === 0,
    wishes: wishesOf(random, count, from, to),
    skews: [],
    ...(random.integer(8) === 0 ? { strikes: [], happenings: [] } : faultsOf(random, from, to, menu)),
  };
}

/** What is the switch's own comes most often. */
const menu: Menu = {
  events: [
    ...[...switchEvents, ...switchEvents, ...switchEvents],
    ...moveEvents,
    ...eventKinds.filter((kind) => kind !== 'ForcedDelete' && kind !== 'NodeDeleted'),
  ],
  ports: [...portSteps, ...moveSteps.ports, ...switchSteps.ports, ...switchSteps.ports],
  api: {
    ...apiSteps,
    operator: [...(apiSteps['operator'] ?? []), ...moveSteps.operator, ...switchSteps.operator, ...switchSteps.operator],
    agent: [...(apiSteps['agent'] ?? []), ...moveSteps.agent, ...switchSteps.agent, ...switchSteps.agent],
  },
};

const modes: readonly MoveMode[] = ['Auto', 'Auto', 'PreCopy', 'PostCopy'];

function wishesOf(random: Random, count: number, from: number, to: number): Wish[] {
  const wishes: Wish[] = [];
  for (let vm = 0; vm < count; vm++) {
    wishes.push({ at: from + random.next() * 2000, vm, kind: 'create' });
    const first = from + 15_000;
    const within = (): number => first + random.next() * (to - first);
    for (let more = 2 + random.integer(6); more > 0; more--) {
      const move: Wish = { at: within(), vm, kind: 'migrate', mode: pick(random, modes) };
      wishes.push(move);
      if (random.integer(8) === 0) wishes.push({ at: move.at + random.next() * 5_000, vm, kind: 'cancel' });
    }
    if (random.integer(3) === 0) {
      const at = within();
      wishes.push({ at, vm, kind: pick(random, ['powerOff', 'suspend', 'restart', 'delete']) });
      wishes.push({ at: Math.min(to, at + random.next() * 60_000), vm, kind: pick(random, ['powerOn', 'create']) });
    }
  }
  return wishes.sort((a, b) => a.at - b.at);
}
