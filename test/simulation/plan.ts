/** What a seed means: the fleet, what its user wants when, and which faults come. Made before anything plays, so that it can be shrunk and read. */
import type { IsolationResponse, StorageLoss } from '../../src/api/common.ts';
import { seededRandom, type Random } from '../../src/base/random.ts';
import type { ProtectionMode } from '../../src/ports/fault-tolerance.ts';
import type { MoveMode } from '../../src/ports/moves.ts';
import { pick } from './pick.ts';
import { pieceKinds, type ProfilePlan } from './profile-pieces.ts';
import { apiSteps, portSteps } from './steps.ts';
import { strikeAt, type Places, type Strike } from './strikes.ts';

export type { Strike, StrikeKind } from './strikes.ts';

export type EventKind =
  | (typeof eventKinds)[number]
  | (typeof moveEvents)[number]
  | (typeof switchEvents)[number]
  | (typeof failoverEvents)[number]
  | (typeof profileEvents)[number]
  | (typeof ftEvents)[number];
export const eventKinds = [
  'PowerLoss',
  'AgentCrash',
  'HostHang',
  'GuestHang',
  'ManagementPartition',
  'OneWayPartition',
  'StoragePartition',
  'DiskFull',
  'SlowLink',
  'OperatorPartition',
  'OperatorOneWay',
  'OperatorCrash',
  'OperatorPause',
  'TwoLeaders',
  'CollectorCrash',
  'ServerCrash',
  'ServerPowerLoss',
  'ServerDiskFull',
  'StaleWatches',
  'ShuffledWatches',
  'WorldPowerCut',
  'ClockJump',
  'NodeDeleted',
  'ForcedDelete',
  'Cordon',
] as const;

/** What befalls moves: links between hypervisors cut or slow, and hosts that their user wants empty. */
export const moveEvents = ['MigrationPartition', 'SlowMigration', 'Maintenance', 'Drain'] as const;

/**
 * What befalls switches: changes by their user of a group's policy and of who may use it, of the switch, of what an uplink is on a host, and one
 * that cuts every host off; and a cable that is pulled.
 */
export const switchEvents = ['PolicyChange', 'GroupClosed', 'SwitchChange', 'Answers', 'CutOff', 'LinkDown'] as const;

/**
 * What befalls what proves deaths. Apart: nothing is heard of a host, and it lives. Split: the same of most hosts at once. Lost: a host loses its power
 * for good.
 */
export const failoverEvents = ['BMCFailure', 'Apart', 'Split', 'Lost'] as const;

/**
 * What befalls hosts by profiles: changes of each impact, those that cut hosts off or cannot be made, a second profile, one that only reports or goes
 * away for a while, another answer of a host, and somebody who changes settings by hand: such as can be mended at once, and one for which the host
 * must be empty.
 */
export const profileEvents = [
  ...pieceKinds,
  'OtherProfile',
  'ProfileReport',
  'ProfileGone',
  'AnswerChange',
  'Drift',
  'HeavyDrift',
] as const;

/** What befalls pairs: nothing goes between originals and shadows on a host and elsewhere; two hosts lose their power in the same instant. */
export const ftEvents = ['FTPartition', 'DoublePowerLoss'] as const;

/** Something that happens at a time, for a while. */
export interface Happening {
  readonly at: number;
  readonly kind: EventKind;
  /** Which host, VM or operator: taken modulo how many there are. */
  readonly target: number;
  readonly ms: number;
}

export type WishKind =
  'create' | 'powerOff' | 'powerOn' | 'suspend' | 'restart' | 'grow' | 'reserve' | 'relabel' | 'delete' | 'migrate' | 'cancel' | PairWish;

/** What is wished of a VM's FTPair; `testFailover`: while its epoch is what it is by then. */
export type PairWish = 'protect' | 'unprotect' | 'testFailover' | 'changeMode';

export interface Wish {
  readonly at: number;
  readonly vm: number;
  readonly kind: WishKind;
  /** Of a move: to which host, modulo how many there are; absent: where placement wants. */
  readonly to?: number;
  readonly mode?: MoveMode;
}

export type VmShape = 'plain' | 'local' | 'diskless' | 'two' | 'temporary' | 'apart' | 'reserved';

export interface PairShape {
  readonly mode: ProtectionMode;
  readonly intervalMs: number;
  /** Between an answer and the next request of those who talk with it, milliseconds. */
  readonly thinkMs: number;
}

export interface Plan {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly minutes: number;
  readonly hosts: number;
  readonly hostMemoryGi: number;
  readonly vms: readonly {
    readonly shape: VmShape;
    readonly memoryGi: number;
    readonly cores: number;
    /** The groups of which it has a NIC each, named as they are. */
    readonly networks?: readonly string[];
    /** How it is protected while it is wished to be. */
    readonly pair?: PairShape;
  }[];
  /** Milliseconds by which each process' wall clock is off, by index of host; operators come after. */
  readonly skews: readonly number[];
  /** Whether an operator that comes back calls itself as before. */
  readonly sameIdentity: boolean;
  /** How many hosts, in percent, may be taken for dead at once. Absent: hosts are never taken for dead. */
  readonly fencing?: number;
  /** What an isolated host does with its VMs. Absent: there are no addresses that would tell it that it is. */
  readonly isolation?: IsolationResponse;
  readonly storageLoss?: StorageLoss;
  /** How changes of profiles go over the hosts. Absent: there are none. */
  readonly profiles?: ProfilePlan;
  readonly wishes: readonly Wish[];
  readonly strikes: readonly Strike[];
  readonly happenings: readonly Happening[];
}

/**
 * `lifecycle`: VMs are made, edited and deleted under faults. `brisk`: the same on a small fleet, with more faults for each VM: the quickest to find
 * something. `calm`: without faults. `rest`: ten hosts and fifty VMs that nobody touches. `migration`: VMs are moved and hosts emptied, under faults.
 * `switch`: VMs with networks are moved while their switch changes, under faults, and talk to a client outside. `profiles`: what hosts are to be
 * changes, under faults. `ft`: VMs have shadows that go on for them, under faults, and keep ledgers of which clients outside believe what they were told.
 */
export const scenarios = ['lifecycle', 'brisk', 'calm', 'rest', 'migration', 'switch', 'failover', 'profiles', 'ft'] as const;
export type Scenario = (typeof scenarios)[number];

/** The plan of a seed in which VMs are made, edited and deleted. */
export function lifecyclePlan(
  seed: number,
  scenario: Exclude<Scenario, 'failover' | 'ft' | 'migration' | 'profiles' | 'switch'>,
  minutes: number,
): Plan {
  const random = seededRandom(seed);
  if (scenario === 'rest') return restPlan(seed, minutes);
  const small = scenario === 'brisk';
  const hosts = 3 + Math.floor((small ? 2 : 18) * random.next() ** 2);
  const count = 5 + Math.floor((small ? 8 : 96) * random.next() ** 2);
  const from = settleMs;
  const to = faultyUntil(minutes);
  const base = {
    seed,
    scenario,
    minutes,
    hosts,
    hostMemoryGi: pick(random, [8, 16, 64, 64]),
    vms: Array.from({ length: count }, () => vmOf(random)),
    sameIdentity: random.integer(2) === 0,
    wishes: wishesOf(random, count, from, to),
  };
  const skewed = random.integer(3) === 0;
  // The operators' clocks decide when a restart is due, so they are off by less.
  const skews = Array.from({ length: hosts + 2 }, (_, index) => (skewed ? (random.integer(600) - 300) * (index < hosts ? 1000 : 60) : 0));
  if (scenario === 'calm') return { ...base, skews: skews.map(() => 0), strikes: [], happenings: [] };
  return { ...base, skews, ...faultsOf(random, from, to) };
}

/** When the hosts are up and the first VMs are asked for, milliseconds. */
export const settleMs = 15_000;

/** Faults stop then; the rest is for coming to rest. */
export function faultyUntil(minutes: number): number {
  return Math.max(settleMs + 30_000, minutes * 60_000 * 0.6);
}

function restPlan(seed: number, minutes: number): Plan {
  const vms = Array.from({ length: 50 }, () => ({ shape: 'plain' as const, memoryGi: 1, cores: 1 }));
  const wishes = vms.map((_, vm) => ({ at: settleMs, vm, kind: 'create' as const }));
  return {
    seed,
    scenario: 'rest',
    minutes,
    hosts: 10,
    hostMemoryGi: 64,
    vms,
    skews: [],
    sameIdentity: true,
    wishes,
    strikes: [],
    happenings: [],
  };
}

function vmOf(random: Random): Plan['vms'][number] {
  const shape = pick<VmShape>(random, [
    'plain',
    'plain',
    'plain',
    'local',
    'diskless',
    'two',
    'temporary',
    'temporary',
    'apart',
    'reserved',
  ]);
  return { shape, memoryGi: pick(random, [1, 1, 2, 4]), cores: pick(random, [1, 1, 2, 4]) };
}

function wishesOf(random: Random, count: number, from: number, to: number): Wish[] {
  const within = (first: number): number => first + random.next() * (to - first);
  const wishes: Wish[] = [];
  for (let vm = 0; vm < count; vm++) {
    // Most come at once, as from one apply.
    const at = random.integer(4) === 0 ? within(from) : from + random.next() * 2000;
    wishes.push({ at, vm, kind: 'create' });
    // Some are left alone for good: whatever happens to them nobody asked for.
    if (random.integer(5) < 2) continue;
    for (let more = random.integer(5); more > 0; more--) wishes.push({ at: within(at), vm, kind: pick(random, wishKinds) });
  }
  return wishes.sort((a, b) => a.at - b.at);
}

const wishKinds: readonly WishKind[] = [
  'powerOff',
  'powerOn',
  'powerOn',
  'suspend',
  'suspend',
  'restart',
  'grow',
  'reserve',
  'relabel',
  'delete',
  'create',
];

/** What faults may be planned. */
export interface Menu extends Places {
  readonly events: readonly EventKind[];
}

const usual: Menu = { events: eventKinds, ports: portSteps, api: apiSteps };

/** Each seed has a taste of its own: a few kinds of faults, some rare and some frequent. */
export function faultsOf(random: Random, from: number, to: number, menu: Menu = usual): Pick<Plan, 'strikes' | 'happenings'> {
  const at = (): number => from + random.next() * (to - from);
  const strikes = Array.from({ length: 8 + random.integer(60) }, () => strikeAt(random, at(), menu));
  const taste = menu.events.filter(() => random.integer(3) === 0);
  const kinds = taste.length > 0 ? taste : menu.events;
  const happenings = Array.from({ length: 5 + random.integer(12) }, (): Happening => {
    const begins = at();
    // All is over when faults stop.
    const ms = Math.round(Math.min(2000 * 60 ** random.next(), to - begins));
    return { at: begins, kind: pick(random, kinds), target: random.integer(1000), ms };
  });
  return { strikes: strikes.sort((a, b) => a.at - b.at), happenings: happenings.sort((a, b) => a.at - b.at) };
}

/** Nothing but the power of hosts ever fails in it. */
export function isPunctual({ happenings, strikes }: Plan): boolean {
  return strikes.length === 0 && happenings.every(({ kind }) => kind === 'PowerLoss');
}
