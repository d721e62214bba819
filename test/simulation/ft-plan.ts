/** Plans in which VMs have shadows that go on for them, while hosts die, hang, vanish and are cut off, and nobody may have been told what becomes untrue. */
import { seededRandom, type Random } from '../../src/base/random.ts';
import { pick } from './pick.ts';
import {
  failoverEvents,
  faultsOf,
  faultyUntil,
  ftEvents,
  settleMs,
  type EventKind,
  type Menu,
  type PairShape,
  type Plan,
  type VmShape,
  type Wish,
} from './plan.ts';
import { apiSteps, failoverSteps, ftSteps, moveSteps, portSteps } from './steps.ts';

const shapes: readonly VmShape[] = ['plain', 'plain', 'plain', 'plain', 'plain', 'apart', 'reserved', 'diskless', 'local'];

export function ftPlan(seed: number, minutes: number): Plan {
  const random = seededRandom(seed);
  const hosts = 2 + random.integer(4);
  const count = 1 + random.integer(5);
  const [from, to] = [settleMs, faultyUntil(minutes)];
  const skewed = random.integer(4) === 0;
  return {
    seed,
    scenario: 'ft',
    minutes,
    hosts,
    hostMemoryGi: pick(random, [8, 16, 64]),
    vms: Array.from({ length: count }, () => vmOf(random)),
    sameIdentity: random.integer(2) === 0,
    fencing: pick(random, [20, 50, 100]),
    wishes: wishesOf(random, count, from, to),
    skews: Array.from({ length: hosts + 2 }, (_, index) => (skewed && index < hosts ? (random.integer(600) - 300) * 1000 : 0)),
    ...faultsOf(random, from, to, menu),
  };
}

/** Two processors are too many for lockstep. */
function vmOf(random: Random): Plan['vms'][number] {
  const cores = pick(random, [1, 1, 1, 2]);
  return { shape: pick(random, shapes), memoryGi: pick(random, [1, 1, 2]), cores, networks: ['db'], pair: pairOf(random) };
}

function pairOf(random: Random): PairShape {
  const mode = pick(random, ['Checkpoint', 'Lockstep'] as const);
  return { mode, intervalMs: pick(random, [50, 100, 200]), thinkMs: pick(random, [20, 100, 500]) };
}

const deaths: readonly EventKind[] = ['PowerLoss', 'PowerLoss', 'HostHang', 'HostHang', 'AgentCrash', 'DoublePowerLoss'];
const partitions: readonly EventKind[] = ['FTPartition', 'FTPartition', 'ManagementPartition', 'StoragePartition', 'MigrationPartition'];
const judges: readonly EventKind[] = ['OperatorPause', 'OperatorCrash', 'OperatorPartition', 'StaleWatches', 'TwoLeaders', 'ServerCrash'];
const others: readonly EventKind[] = [
  ...failoverEvents,
  'OneWayPartition',
  'OperatorOneWay',
  'ServerPowerLoss',
  'CollectorCrash',
  'ClockJump',
  'SlowLink',
  'SlowMigration',
  'ShuffledWatches',
  'GuestHang',
  'Maintenance',
  'Maintenance',
  'Drain',
];

const menu: Menu = {
  events: [...deaths, ...deaths, ...partitions, ...partitions, ...ftEvents, ...judges, ...others],
  ports: [...portSteps, ...ftSteps.ports, ...ftSteps.ports, ...ftSteps.ports],
  api: {
    ...apiSteps,
    operator: [...(apiSteps['operator'] ?? []), ...failoverSteps.operator, ...ftSteps.operator, ...ftSteps.operator, ...moveSteps.operator],
    agent: [...(apiSteps['agent'] ?? []), ...failoverSteps.agent, ...ftSteps.agent],
    user: [...(apiSteps['user'] ?? []), ...ftSteps.user],
  },
};

function wishesOf(random: Random, count: number, from: number, to: number): Wish[] {
  const wishes: Wish[] = [];
  for (let vm = 0; vm < count; vm++) {
    wishes.push({ at: from + random.next() * 2000, vm, kind: 'create' });
    // One of six is not protected.
    if (random.integer(6) > 0) wishes.push({ at: from + random.next() * 20_000, vm, kind: 'protect' });
    const within = (): number => from + 20_000 + random.next() * (to - from - 20_000);
    for (let more = random.integer(3); more > 0; more--) wishes.push({ at: within(), vm, kind: 'testFailover' });
    if (random.integer(3) === 0) wishes.push(...awhile(random, vm, within(), to));
    // Most are left alone: whatever ends them nobody asked for.
    if (random.integer(3) === 0) wishes.push(...disturbed(random, vm, within(), to));
  }
  return wishes.sort((a, b) => a.at - b.at);
}

/** Without a pair for a while, or in the other mode. */
function awhile(random: Random, vm: number, at: number, to: number): Wish[] {
  const kind = pick(random, ['unprotect', 'unprotect', 'changeMode'] as const);
  if (kind === 'changeMode') return [{ at, vm, kind }];
  return [
    { at, vm, kind },
    { at: Math.min(to, at + random.next() * 20_000), vm, kind: 'protect' },
  ];
}

function disturbed(random: Random, vm: number, at: number, to: number): Wish[] {
  const kind = pick(random, ['powerOff', 'suspend', 'restart', 'delete', 'grow', 'migrate'] as const);
  return [
    { at, vm, kind, ...(kind === 'migrate' ? { mode: 'Auto' as const } : {}) },
    { at: Math.min(to, at + random.next() * 60_000), vm, kind: pick(random, ['powerOn', 'create']) },
  ];
}
