/** Plans in which hosts die, hang, vanish and come back, and so do those who judge that, while VMs are to run on. */
import { seededRandom, type Random } from '../../src/base/random.ts';
import { pick } from './pick.ts';
import { failoverEvents, faultsOf, faultyUntil, settleMs, type EventKind, type Menu, type Plan, type VmShape, type Wish } from './plan.ts';
import { apiSteps, failoverSteps, moveSteps, portSteps } from './steps.ts';

const shapes: readonly VmShape[] = ['plain', 'plain', 'plain', 'diskless', 'temporary', 'apart', 'reserved', 'local'];

export function failoverPlan(seed: number, minutes: number): Plan {
  const random = seededRandom(seed);
  const hosts = 3 + random.integer(4);
  const count = 4 + random.integer(9);
  const [from, to] = [settleMs, faultyUntil(minutes)];
  const skewed = random.integer(3) === 0;
  return {
    seed,
    scenario: 'failover',
    minutes,
    hosts,
    hostMemoryGi: pick(random, [8, 16, 64]),
    vms: Array.from({ length: count }, () => ({ shape: pick(random, shapes), memoryGi: pick(random, [1, 2, 4]), cores: 1 })),
    sameIdentity: random.integer(2) === 0,
    fencing: pick(random, [20, 20, 20, 50, 100]),
    wishes: wishesOf(random, count, from, to),
    skews: Array.from({ length: hosts + 2 }, (_, index) => (skewed && index < hosts ? (random.integer(600) - 300) * 1000 : 0)),
    ...faultsOf(random, from, to, menu),
    isolation: pick(random, ['PowerOff', 'PowerOff', 'ShutDown', 'LeaveOn'] as const),
    storageLoss: pick(random, ['PowerOff', 'PowerOff', 'LeaveOn'] as const),
  };
}

const deaths: readonly EventKind[] = ['PowerLoss', 'HostHang', 'ManagementPartition', 'StoragePartition', 'AgentCrash', 'OneWayPartition'];
const judges: readonly EventKind[] = [
  'OperatorPause',
  'OperatorCrash',
  'OperatorPartition',
  'OperatorOneWay',
  'StaleWatches',
  'TwoLeaders',
];
const others: readonly EventKind[] = [
  'ServerCrash',
  'ServerPowerLoss',
  'CollectorCrash',
  'ClockJump',
  'SlowLink',
  'ShuffledWatches',
  'Maintenance',
];

const menu: Menu = {
  events: [...deaths, ...deaths, ...judges, ...judges, ...failoverEvents, ...failoverEvents, ...others],
  ports: portSteps,
  api: {
    ...apiSteps,
    operator: [...(apiSteps['operator'] ?? []), ...failoverSteps.operator, ...failoverSteps.operator, ...moveSteps.operator],
    agent: [...(apiSteps['agent'] ?? []), ...failoverSteps.agent],
  },
};

function wishesOf(random: Random, count: number, from: number, to: number): Wish[] {
  const wishes: Wish[] = [];
  for (let vm = 0; vm < count; vm++) {
    wishes.push({ at: from + random.next() * 2000, vm, kind: 'create' });
    const first = from + 15_000;
    const within = (): number => first + random.next() * (to - first);
    if (random.integer(3) === 0)
      wishes.push({ at: within(), vm, kind: 'migrate', mode: pick(random, ['Auto', 'PreCopy', 'PostCopy'] as const) });
    if (random.integer(4) === 0) {
      const sleeps = within();
      wishes.push({ at: sleeps, vm, kind: 'suspend' });
      wishes.push({ at: Math.min(to, sleeps + random.next() * 90_000), vm, kind: 'powerOn' });
    }
    // Most are left alone: whatever ends them nobody asked for.
    if (random.integer(3) !== 0) continue;
    const at = within();
    wishes.push({ at, vm, kind: pick(random, ['powerOff', 'restart', 'delete', 'reserve', 'grow']) });
    wishes.push({ at: Math.min(to, at + random.next() * 60_000), vm, kind: pick(random, ['powerOn', 'create']) });
  }
  return wishes.sort((a, b) => a.at - b.at);
}
