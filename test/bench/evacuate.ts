/** How long hosts take to become empty by live migration: the whole system in one process on a virtual clock, beside what the bandwidth allows. */
import { Host } from '../../src/api/host.ts';
import { numberFlag, readFlags } from '../../src/cmd/flags.ts';
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
  drain: { type: 'string', value: 'N', help: 'hosts that are evacuated at once (10)' },
} as const;

/** @returns a line for the console: simulated seconds, beside the least that the links of the drained hosts need for the memory that was touched. */
export async function evacuate(args: readonly string[]): Promise<object> {
  const values = readFlags(args, flags);
  const hosts = numberFlag(values, 'hosts', sizes) ?? 200;
  const vms = numberFlag(values, 'vms', sizes) ?? 2000;
  const drained = numberFlag(values, 'drain', sizes) ?? 10;
  const fleet = await startFleet(hosts, { guestBootTime: '0s' });
  tell(`${String(hosts)} hosts`);
  await makeVms(fleet, vms);
  tell(`${String(vms)} VMs`);
  return drain(fleet, drained);
}

async function drain(fleet: Fleet, count: number): Promise<object> {
  const { clock, person } = fleet;
  const leaving = residents(fleet).slice(0, count);
  const bound = Math.max(...leaving.map(({ lives }) => leastSeconds(lives, clock.now())));
  const moves = leaving.reduce((sum, { lives }) => sum + lives.length, 0);
  tell(`${String(count)} hosts with ${String(moves)} VMs are to be empty`);
  const writes = await countWrites(fleet);
  const [began, cpu] = [clock.now(), process.cpuUsage()];
  const maintenance = { spec: { maintenance: { mode: 'Maintenance' } } };
  await fleet.during(Promise.all(leaving.map(({ host }) => person.apply(Host, { name: host }, maintenance, by))));
  const names = new Set(leaving.map(({ host }) => host));
  await fleet.until(async () => isEmpty(fleet, names), 24 * 3_600_000);
  const used = process.cpuUsage(cpu);
  await fleet.until(async () => allSaid(fleet, names), 600_000);
  const seconds = (lastLeft(fleet, names) - began) / 1000;
  for (const [what, count] of writes.byWhat()) tell(`${round(count / moves).toFixed(2)} writes a move: ${what}`);
  return {
    seconds: round(seconds),
    boundSeconds: round(bound),
    ratio: round(seconds / bound),
    moves,
    writesPerMove: round(writes.total() / moves),
    downtimeMs: await downtimes(fleet),
    restarts: fleet.lives().filter(({ to }) => to?.by === 'Stopped').length,
    cpuSeconds: round((used.user + used.system) / 1e6),
  };
}

interface Leaving {
  readonly host: string;
  readonly lives: readonly GuestLife[];
}

/** Hosts with the guests that run on them, those with most first. */
function residents(fleet: Fleet): readonly Leaving[] {
  const onHost = new Map<string, GuestLife[]>();
  for (const life of fleet.lives().filter(({ to }) => to === undefined)) onHost.set(life.host, [...(onHost.get(life.host) ?? []), life]);
  const found = [...onHost].map(([host, lives]) => ({ host, lives }));
  return found.sort((a, b) => b.lives.length - a.lives.length || (a.host < b.host ? -1 : 1));
}

function isEmpty(fleet: Fleet, hosts: ReadonlySet<string>): boolean {
  return fleet
    .world()
    .truth()
    .hosts.every(({ name, guests }) => !hosts.has(name) || guests.length === 0);
}

/** When the last guest of these hosts went on elsewhere, milliseconds since 1970. */
function lastLeft(fleet: Fleet, hosts: ReadonlySet<string>): number {
  return Math.max(...fleet.lives().map(({ host, to }) => (hosts.has(host) ? (to?.at ?? 0) : 0)));
}

async function allSaid(fleet: Fleet, hosts: ReadonlySet<string>): Promise<boolean> {
  const { items } = await fleet.during(fleet.person.list(Host));
  return items.every((host) => !hosts.has(host.metadata.name) || isTrue(host.status.conditions, 'Evacuated'));
}
