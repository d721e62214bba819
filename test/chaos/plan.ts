/** What a seed means: the fleet, what its user wishes when, and what goes wrong. Made before anything plays. */
import { seededRandom, type Random } from '../../src/base/random.ts';
import type { FaultType } from '../../src/api/fault.ts';
import { pick } from '../simulation/pick.ts';
import { lifecyclePlan, settleMs, type Plan, type Wish, type WishKind } from '../simulation/plan.ts';
import { apiSteps } from '../simulation/steps.ts';

/** Whom it meets: the operators (the one that leads, where it can only be one), or the world with all its agents. */
export type Who = 'operators' | 'world';

/** All times in milliseconds from the first wish. */
export type Trouble =
  /** SIGKILL, and back after `ms`. Of the world this is a power cut of all hosts. */
  | { readonly kind: 'killed'; readonly at: number; readonly who: Who; readonly ms: number }
  /** SIGSTOP for `ms`. */
  | { readonly kind: 'paused'; readonly at: number; readonly who: Who; readonly ms: number }
  /** All connections reset; for `ms` new ones lead nowhere. */
  | { readonly kind: 'cut off'; readonly at: number; readonly who: Who; readonly ms: number }
  /** Most requests are refused for `ms`. */
  | { readonly kind: 'refused'; readonly at: number; readonly who: Who; readonly code: 429 | 500 | 503; readonly ms: number }
  /** Intermediate state: killed at a write. */
  | {
      readonly kind: 'intermediate';
      readonly at: number;
      readonly who: Who;
      readonly step: string;
      readonly when: 'before' | 'after';
      readonly nth: number;
      readonly ms: number;
    }
  /** Stale state: watches fall behind by `ms`; with `succession` the leader is killed meanwhile, so that one leads that lives in the past. */
  | { readonly kind: 'behind'; readonly at: number; readonly who: Who; readonly succession: boolean; readonly ms: number }
  /** Stale state: killed, and back in a past that is `age` old and lasts for `ms`. */
  | { readonly kind: 'stale'; readonly at: number; readonly who: Who; readonly age: number; readonly ms: number }
  /** Unobserved state: nothing is seen for `ms`, and what happened meanwhile is never told. */
  | { readonly kind: 'unobserved'; readonly at: number; readonly who: Who; readonly ms: number }
  /** kube-apiserver is killed, and started again at once. */
  | { readonly kind: 'server killed'; readonly at: number }
  | { readonly kind: 'rack'; readonly at: number; readonly type: FaultType; readonly host: number; readonly ms: number };

export interface ChaosPlan {
  readonly seed: number;
  readonly seconds: number;
  /** Fleet and wishes; the times of wishes are those of its own. */
  readonly fleet: Plan;
  readonly troubles: readonly Trouble[];
}

const mostVms = 8;

/** @param seconds how long things happen. */
export function chaosPlan(seed: number, seconds: number): ChaosPlan {
  const random = seededRandom(seed);
  const drawn = lifecyclePlan(seed, 'brisk', 2);
  const troubles = troublesOf(random, seconds * 1000);
  const vms = roomy(drawn.vms.slice(0, mostVms), drawn.hosts);
  const last = Math.max(1, ...drawn.wishes.map(({ at }) => at - settleMs));
  const scaled = drawn.wishes
    .filter(({ vm }) => vm < vms.length)
    .map((wish) => ({ ...wish, at: Math.round(((wish.at - settleMs) / last) * seconds * 1000) }));
  const wishes = [...scaled, ...troubles.flatMap((trouble) => meanwhile(random, trouble, vms.length))].sort((a, b) => a.at - b.at);
  const { skews } = drawn;
  const fleet = { ...drawn, hostMemoryGi: 64, vms, wishes, skews: skews.map(() => 0), strikes: [], happenings: [] };
  return { seed, seconds, fleet, troubles };
}

/** All of them fit at once, wherever they are: where they end up then hangs on what is wished, not on who was first. */
function roomy(vms: Plan['vms'], hosts: number): Plan['vms'] {
  let apart = 0;
  return vms.map((vm) => (vm.shape === 'apart' && ++apart > 1 && apart >= hosts ? { ...vm, shape: 'plain' } : vm));
}

/** What a user does while somebody does not see it: the end of it looks much like its beginning. */
function meanwhile(random: Random, trouble: Trouble, vms: number): Wish[] {
  if (trouble.kind !== 'unobserved' && trouble.kind !== 'behind' && trouble.kind !== 'stale') return [];
  const from = trouble.kind === 'stale' ? trouble.at : trouble.at + 300;
  const vm = random.integer(vms);
  const pairs: readonly (readonly WishKind[])[] = [
    ['delete', 'create'],
    ['powerOff', 'powerOn'],
    ['suspend', 'powerOn'],
    ['restart', 'relabel'],
    ['grow', 'reserve'],
  ];
  return pick(random, pairs).map((kind, i) => ({ at: from + 300 + i * 1500, vm, kind }));
}

const rackTypes: readonly FaultType[] = ['PowerLoss', 'AgentCrash', 'ManagementPartition', 'HostHang'];
const isWrite = (step: string): boolean => /^(create|update|patch|delete) (?!leases|events)/.test(step);
const writesOf: Readonly<Record<Who, readonly string[]>> = {
  operators: (apiSteps['operator'] ?? []).filter(isWrite),
  world: [...(apiSteps['agent'] ?? []), ...(apiSteps['simulation'] ?? [])].filter((step) => isWrite(step) && !step.includes('hostpools')),
};

/** One of each pattern of Sieve, and some of anything. */
function troublesOf(random: Random, ms: number): Trouble[] {
  const at = (): number => Math.round(random.next() * ms * 0.85);
  const makers = [intermediate, stale, unobserved, anything, anything, anything];
  return makers.map((make) => make(random, at())).sort((a, b) => a.at - b.at);
}

function someone(random: Random): Who {
  return random.integer(3) === 0 ? 'world' : 'operators';
}

function intermediate(random: Random, at: number): Trouble {
  const who = someone(random);
  const when = random.integer(2) === 0 ? 'before' : 'after';
  return { kind: 'intermediate', at, who, step: pick(random, writesOf[who]), when, nth: 1 + random.integer(3), ms: random.integer(3000) };
}

function stale(random: Random, at: number): Trouble {
  const who = someone(random);
  const ms = 3000 + random.integer(15_000);
  if (random.integer(2) === 0) return { kind: 'behind', at, who, succession: who === 'operators' && random.integer(2) === 0, ms };
  return { kind: 'stale', at, who, age: 2000 + random.integer(6000), ms: who === 'operators' ? 20_000 + ms : ms };
}

function unobserved(random: Random, at: number): Trouble {
  return { kind: 'unobserved', at, who: someone(random), ms: 2000 + random.integer(10_000) };
}

function anything(random: Random, at: number): Trouble {
  const who = someone(random);
  const ms = 1000 + random.integer(9000);
  const code = pick(random, [429, 500, 503] as const);
  const type = pick(random, rackTypes);
  return pick<() => Trouble>(random, [
    () => ({ kind: 'killed', at, who, ms: random.integer(3000) }),
    () => ({ kind: 'paused', at, who, ms: 3 * ms }),
    () => ({ kind: 'cut off', at, who, ms }),
    () => ({ kind: 'refused', at, who, code, ms }),
    () => ({ kind: 'server killed', at }),
    () => ({ kind: 'rack', at, type, host: random.integer(1000), ms }),
    () => ({ kind: 'rack', at, type, host: random.integer(1000), ms }),
    () => intermediate(random, at),
    () => unobserved(random, at),
  ])();
}
