/** How long a change that needs hosts empty takes to go over a fleet: the whole system in one process on a virtual clock, beside what the bandwidth allows. */
import { HostProfile } from '../../src/api/host-profile.ts';
import { Host } from '../../src/api/host.ts';
import { numberFlag, readFlags } from '../../src/cmd/flags.ts';
import { caches } from '../../src/kube/caches.ts';
import type { Cache } from '../../src/kube/types.ts';
import { isTrue } from '../../src/meta/conditions.ts';
import type { GuestLife } from '../../src/sim/lives.ts';
import { startFleet, type Fleet } from '../integration/fleet/fleet.ts';
import { round } from './figures.ts';
import { by, downtimes, leastSeconds, makeVms, tell } from './moving.ts';
import { countWrites } from './writes.ts';

const sizes = { from: 1, to: 10_000 };
const flags = {
  hosts: { type: 'string', value: 'N', help: 'simulated hosts (200)' },
  vms: { type: 'string', value: 'N', help: 'virtual machines (2000)' },
  away: { type: 'string', value: 'N', help: 'hosts that may be away at once (10)' },
  age: { type: 'string', value: 'SECONDS', help: 'how long the VMs have run (600)' },
} as const;

const profile = 'pages';
const settings = { sysctl: [{ name: 'vm.nr_hugepages', value: '512' }] };

/** @returns a line for the console: simulated seconds, beside the least that the links of so many hosts need for the memory that was touched. */
export async function rollout(args: readonly string[]): Promise<object> {
  const values = readFlags(args, flags);
  const hosts = numberFlag(values, 'hosts', sizes) ?? 200;
  const vms = numberFlag(values, 'vms', sizes) ?? 2000;
  const away = numberFlag(values, 'away', sizes) ?? 10;
  const age = numberFlag(values, 'age', sizes) ?? 600;
  const fleet = await startFleet(hosts, { guestBootTime: '0s' });
  tell(`${String(hosts)} hosts`);
  await makeVms(fleet, vms);
  await fleet.clock.advance(age * 1000);
  tell(`${String(vms)} VMs that have run for ${String(age)} s`);
  return change(fleet, hosts, away);
}

async function change(fleet: Fleet, hosts: number, away: number): Promise<object> {
  const { clock } = fleet;
  const observed = await observe(fleet);
  const writes = await countWrites(fleet);
  const guests = fleet.lives().filter(({ to }) => to === undefined);
  const [began, cpu] = [clock.now(), process.cpuUsage()];
  await settle(fleet, observed, hosts, away);
  const seconds = (clock.now() - began) / 1000;
  const bound = leastSeconds(firstMoves(fleet, guests), clock.now()) / away;
  const used = process.cpuUsage(cpu);
  const own = writes.byWhat().filter(([what]) => what.startsWith('Host '));
  for (const [what, count] of writes.byWhat()) tell(`${round(count / hosts).toFixed(2)} writes a host: ${what}`);
  return {
    seconds: round(seconds),
    boundSeconds: round(bound),
    ratio: round(seconds / bound),
    mostAway: observed.mostAway(),
    moves: fleet.lives().filter(({ to }) => to?.by === 'Paused').length,
    writesPerHost: round(own.reduce((sum, [, count]) => sum + count, 0) / hosts),
    writesWithMoves: round(writes.total() / hosts),
    downtimeMs: await downtimes(fleet),
    restarts: fleet.lives().length - guests.length - fleet.lives().filter(({ to }) => to?.by === 'Paused').length,
    cpuSeconds: round((used.user + used.system) / 1e6),
  };
}

/** The same lives of guests as they are now: each has ended with the first move of its VM, whose memory had to leave its host once. */
function firstMoves(fleet: Fleet, guests: readonly GuestLife[]): GuestLife[] {
  const ids = new Set(guests.map(({ instance }) => instance));
  return fleet.lives().filter(({ instance }) => ids.has(instance));
}

/** The change, until all hosts are as it says and have been given back. */
async function settle(fleet: Fleet, { profiles, list }: Observed, count: number, away: number): Promise<void> {
  const spec = { hostSelector: {}, enforcement: 'Remediate', settings, rollout: { maxUnavailable: away, soak: '0s' } };
  await fleet.during(fleet.person.apply(HostProfile, { name: profile }, { spec }, by));
  let told = 0;
  const isOver = (): Promise<boolean> => {
    const { status } = profiles.get({ name: profile }) ?? {};
    const done = list.list().filter(({ status: { compliance, claim } }) => claim === undefined && compliance?.[0]?.state === 'Compliant');
    if (done.length >= told + 10) tell(`${String((told = done.length))} hosts are done`);
    return Promise.resolve(done.length === count && isTrue(status?.conditions, 'Ready'));
  };
  await fleet.until(isOver, 24 * 3_600_000);
}

interface Observed {
  readonly profiles: Cache<HostProfile>;
  readonly list: Cache<Host>;
  /** The most hosts that were claimed, or not ready, at once. */
  mostAway(): number;
}

async function observe({ controlPlane, runtime, during }: Fleet): Promise<Observed> {
  const observer = runtime('observer');
  const watched = caches(controlPlane, observer, { userAgent: 'observer' });
  const [list, profiles] = [watched.cache(Host), watched.cache(HostProfile)];
  await during(watched.synced(observer.stopping));
  const out = new Set<string>();
  let most = 0;
  list.onChange((_before, after) => {
    if (after === undefined) return;
    const isAway = after.status.claim !== undefined || !isTrue(after.status.conditions, 'Ready');
    if (isAway) out.add(after.metadata.name);
    else out.delete(after.metadata.name);
    most = Math.max(most, out.size);
  });
  return { list, profiles, mostAway: () => most };
}
