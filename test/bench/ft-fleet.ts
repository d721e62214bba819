/** Hosts that lose their power at once under VMs that have shadows: the whole system in one process on a virtual clock. */
import { FTPair } from '../../src/api/ft-pair.ts';
import { Host } from '../../src/api/host.ts';
import { VirtualMachineInstance } from '../../src/api/virtual-machine-instance.ts';
import { seededRandom } from '../../src/base/random.ts';
import { parseDuration } from '../../src/base/time.ts';
import { caches } from '../../src/kube/caches.ts';
import type { Cache } from '../../src/kube/types.ts';
import { isTrue } from '../../src/meta/conditions.ts';
import { livesFrom } from '../../src/sim/lives.ts';
import { operatorProcess } from '../integration/failover/failover.ts';
import { fleetUnder, type Fleet } from '../integration/fleet/fleet.ts';
import { spread, type FleetLine } from './ft-line.ts';
import { round } from './figures.ts';
import { by, makeVms, tell } from './moving.ts';

export interface FleetSize {
  readonly pairs: number;
  readonly hosts: number;
  /** Hosts that lose their power at once. */
  readonly kill: number;
  readonly runs: number;
  /** Of the hosts that die, and of the instant. */
  readonly seed: number;
}

const namespace = 'shop';
/** Simulated, milliseconds. */
const longestMs = 600_000;
/** How long the guests have run in step by then: what they have touched is sent to each new shadow. */
const ageMs = 60_000;
/** The most originals and shadows that a host may have (`spec.limits.faultTolerantPerHost`). */
const mostOnHost = 4;
/** What the operator writes at rest as well. */
const atRest = /leases|hostusages/;

interface Seen {
  readonly pairs: Cache<FTPair>;
  readonly instances: Cache<VirtualMachineInstance>;
}

interface Bench extends Fleet {
  readonly seen: Seen;
  /** Requests of the operator so far that are not reads. */
  readonly operatorWrites: () => number;
}

interface Run {
  readonly lostOriginal: number;
  readonly livePeer: number;
  readonly wentOn: number;
  readonly affected: number;
  readonly blackoutsMs: readonly number[];
  readonly protectedMs: readonly number[];
  readonly operatorWrites: number;
  readonly writes: number;
  readonly broken: readonly string[];
}

/** @returns a line for the console: simulated times, from the loss of power. */
export async function ftFleet(size: FleetSize): Promise<FleetLine> {
  const bench = await fleetOf(size.hosts);
  await makeVms(bench, size.pairs);
  await protectAll(bench, size.pairs);
  const random = seededRandom(size.seed);
  const cpu = process.cpuUsage();
  const runs: Run[] = [];
  for (let index = 0; index < size.runs; index++) {
    const victims = await victimsOf(bench, size.kill, random.integer(size.hosts));
    await bench.clock.advance(random.integer(1000));
    runs.push(await run(bench, new Set(victims)));
    tell(JSON.stringify({ run: index + 1, victims, ...runs.at(-1) }));
  }
  const { user, system } = process.cpuUsage(cpu);
  return lineOf(runs, (user + system) / 1e6);
}

async function fleetOf(hosts: number): Promise<Bench> {
  let written = 0;
  const fleet = await fleetUnder(
    (bench) =>
      operatorProcess(bench, 'operator', ({ method, path }) => {
        if (method !== 'GET' && !atRest.test(path)) written++;
      }),
    hosts,
    { guestBootTime: '0s' },
  );
  const observer = fleet.runtime('observer');
  const watched = caches(fleet.controlPlane, observer, { userAgent: 'observer' });
  const seen = { pairs: watched.cache(FTPair), instances: watched.cache(VirtualMachineInstance) };
  await fleet.during(watched.synced(observer.stopping));
  return Object.assign(fleet, { seen, operatorWrites: () => written });
}

async function protectAll(bench: Bench, count: number): Promise<void> {
  const { during, person, seen } = bench;
  const names = Array.from({ length: count }, (_, index) => `vm-${String(index)}`);
  for (const name of names) await during(person.apply(FTPair, { namespace, name }, { spec: { virtualMachine: name } }, by));
  await bench.until(() => Promise.resolve(seen.pairs.list().filter(isProtected).length === count), longestMs);
  await bench.clock.advance(ageMs);
  tell(`${String(count)} pairs`);
}

function isProtected({ status }: FTPair): boolean {
  return isTrue(status.conditions, 'Protected');
}

/** Hosts beside each other, from the one of that number on. */
async function victimsOf({ during, person }: Bench, count: number, from: number): Promise<string[]> {
  const { items } = await during(person.list(Host));
  return Array.from({ length: count }, (_, next) => items[(from + next) % items.length]?.metadata.name ?? '');
}

/** A pair as it was when the power went. */
interface Before {
  readonly key: string;
  readonly shadowUid: string | undefined;
  readonly lostOriginal: boolean;
  readonly lostShadow: boolean;
  readonly epoch: number;
}

async function run(bench: Bench, victims: ReadonlySet<string>): Promise<Run> {
  const { clock, operatorWrites, seen, writes } = bench;
  const before = seen.pairs.list().map((pair) => beforeOf(bench, pair, victims));
  const hit = before.filter(({ lostOriginal, lostShadow }) => lostOriginal || lostShadow);
  const [from, own, all, line] = [clock.monotonic(), operatorWrites(), otherWrites(writes), livesOf(bench).lives.length];
  const ends = await bench.during(Promise.all([...victims].map((host) => bench.world().inject({ type: 'PowerLoss', host }))));
  const again = new Map<string, number>();
  await bench.until(() => Promise.resolve(noteProtected({ bench, victims, hit, again, from })), longestMs);
  // What is still said of it counts too.
  await clock.advance(10_000);
  const began = new Set(
    livesOf(bench)
      .lives.slice(line)
      .map(({ instance }) => instance),
  );
  const lost = hit.filter(({ lostOriginal }) => lostOriginal);
  const alive = lost.filter(({ lostShadow }) => !lostShadow);
  const wentOn = alive.filter(({ shadowUid }) => began.has(shadowUid ?? ''));
  const result = {
    lostOriginal: lost.length,
    livePeer: alive.length,
    wentOn: wentOn.length,
    affected: hit.length,
    blackoutsMs: wentOn.flatMap((one) => blackoutOf(bench, one)),
    protectedMs: [...again.values()],
    operatorWrites: operatorWrites() - own,
    writes: otherWrites(writes) - all,
    broken: brokenIn(bench),
  };
  for (const end of ends) await end();
  await bench.until(async () => allReady(bench), longestMs);
  return result;
}

function beforeOf({ seen }: Bench, { metadata, status }: FTPair, victims: ReadonlySet<string>): Before {
  const { epoch = 1, primary, shadow } = status;
  const key = `${metadata.namespace ?? ''}/${metadata.name}`;
  const uid = seen.instances.get({ namespace, name: shadow?.instance ?? '' })?.metadata.uid;
  const [lostOriginal, lostShadow] = [primary, shadow].map((side) => victims.has(side?.nodeName ?? ''));
  return { key, shadowUid: uid, lostOriginal: lostOriginal === true, lostShadow: lostShadow === true, epoch };
}

interface Noting {
  readonly bench: Bench;
  readonly victims: ReadonlySet<string>;
  readonly hit: readonly Before[];
  /** Milliseconds after which each pair was seen protected again. */
  readonly again: Map<string, number>;
  readonly from: number;
}

/** @returns whether all are, on hosts that live. */
function noteProtected({ again, bench, from, hit, victims }: Noting): boolean {
  for (const { key } of hit) {
    const pair = bench.seen.pairs.get({ namespace, name: key.slice(namespace.length + 1) });
    const isOld = [pair?.status.primary, pair?.status.shadow].some((side) => side === undefined || victims.has(side.nodeName));
    if (!again.has(key) && pair !== undefined && isProtected(pair) && !isOld) again.set(key, bench.clock.monotonic() - from);
  }
  return again.size === hit.length;
}

function blackoutOf({ seen }: Bench, { epoch, key }: Before): number[] {
  const { status } = seen.pairs.get({ namespace, name: key.slice(namespace.length + 1) }) ?? {};
  const told = (status?.epoch ?? 1) > epoch ? status?.lastFailover?.blackout : undefined;
  return told === undefined ? [] : [parseDuration(told)];
}

function otherWrites(writes: readonly string[]): number {
  return writes.filter((write) => !/leases|hostusages|nodes|hostpools/.test(write)).length;
}

function livesOf(bench: Bench): ReturnType<typeof livesFrom> {
  return livesFrom(bench.journal());
}

/** Rule 1 by what the world has seen, rule 5 by where both sides of each pair are. */
function brokenIn(bench: Bench): string[] {
  const sides = bench.seen.pairs.list().map(({ metadata, status }) => ({ name: metadata.name, ...status }));
  const together = sides
    .filter(({ primary, shadow }) => primary?.nodeName === shadow?.nodeName)
    .map(({ name }) => `${name}: both on one host`);
  const counts = new Map<string, number>();
  for (const { primary, shadow } of sides)
    for (const side of [primary, shadow]) if (side !== undefined) counts.set(side.nodeName, (counts.get(side.nodeName) ?? 0) + 1);
  const full = [...counts]
    .filter(([, count]) => count > mostOnHost)
    .map(([host, count]) => `${host}: ${String(count)} originals and shadows`);
  return [...livesOf(bench).violations, ...together, ...full];
}

async function allReady({ during, person }: Bench): Promise<boolean> {
  const { items } = await during(person.list(Host));
  return items.every(({ status }) => isTrue(status.conditions, 'Ready'));
}

function lineOf(runs: readonly Run[], cpuSeconds: number): FleetLine {
  const sum = (of: (run: Run) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const failovers = sum(({ wentOn }) => wentOn);
  return {
    lostOriginal: sum(({ lostOriginal }) => lostOriginal),
    livePeer: sum(({ livePeer }) => livePeer),
    wentOn: failovers,
    affected: sum(({ affected }) => affected),
    blackoutMs: spread(runs.flatMap(({ blackoutsMs }) => blackoutsMs)),
    protectedSeconds: spread(runs.flatMap(({ protectedMs }) => protectedMs.map((ms) => ms / 1000))),
    operatorWritesPerFailover: round(sum(({ operatorWrites }) => operatorWrites) / failovers),
    writes: sum(({ writes }) => writes),
    broken: sum(({ broken }) => broken.length),
    cpuSeconds: round(cpuSeconds),
  };
}
