/** How long VMs are down when their hosts lose their power: the whole system in one process on a virtual clock. */
import { Host } from '../../src/api/host.ts';
import { VirtualMachine } from '../../src/api/virtual-machine.ts';
import { seededRandom } from '../../src/base/random.ts';
import { numberFlag, readFlags } from '../../src/cmd/flags.ts';
import { isTrue } from '../../src/meta/conditions.ts';
import { failoverFleet, type FailoverFleet } from '../integration/failover/failover.ts';
import { round } from './figures.ts';

const sizes = { from: 1, to: 10_000 };
const flags = {
  hosts: { type: 'string', value: 'N', help: 'simulated hosts (200)' },
  vms: { type: 'string', value: 'N', help: 'virtual machines (2000)' },
  kill: { type: 'string', value: 'N', help: 'hosts that lose their power at once (1)' },
  runs: { type: 'string', value: 'N', help: 'how often (100)' },
} as const;

const spec = { cpu: { cores: 1 }, memory: { size: '1Gi' }, disks: [{ name: 'root', size: '10Gi' }] };
const by = { fieldManager: 'person' };

interface Run {
  /** Of each VM that was killed: milliseconds from the loss of power until its processors run elsewhere. */
  readonly down: readonly number[];
  readonly writes: number;
  readonly cpuSeconds: number;
}

/** @returns a line for the console: seconds. */
export async function failover(args: readonly string[]): Promise<object> {
  const values = readFlags(args, flags);
  const number = (name: keyof typeof flags, usual: number): number => numberFlag(values, name, sizes) ?? usual;
  const [kill, count] = [number('kill', 1), number('runs', 100)];
  const fleet = await failoverFleet(number('hosts', 200));
  await makeVms(fleet, number('vms', 2000));
  const random = seededRandom(1);
  const runs: Run[] = [];
  for (let index = 0; index < count; index++) {
    const busy = hostsWithGuests(fleet);
    const first = random.integer(busy.length);
    runs.push(
      await run(
        fleet,
        Array.from({ length: kill }, (_, next) => busy[(first + next) % busy.length] ?? ''),
      ),
    );
    process.stderr.write(
      `${String(index + 1)} of ${String(count)}: ${round(Math.max(...(runs.at(-1)?.down ?? [])) / 1000).toFixed(2)} s\n`,
    );
  }
  return figures(runs);
}

function figures(runs: readonly Run[]): object {
  const down = runs.flatMap((one) => one.down).sort((a, b) => a - b);
  const at = (share: number): number => round((down[Math.min(down.length - 1, Math.floor(share * down.length))] ?? NaN) / 1000);
  const writes = runs.reduce((sum, one) => sum + one.writes, 0);
  const cpuSeconds = runs.reduce((sum, one) => sum + one.cpuSeconds, 0) / runs.length;
  return {
    p50: at(0.5),
    p95: at(0.95),
    max: at(1),
    writesPerRestart: round(writes / down.length),
    cpuSeconds: round(cpuSeconds),
    restarts: down.length,
  };
}

async function makeVms(fleet: FailoverFleet, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `vm-${String(index)}`);
  const make = (name: string) => fleet.person.apply(VirtualMachine, { namespace: 'shop', name }, { spec }, by);
  for (let from = 0; from < count; from += 100) await fleet.during(Promise.all(names.slice(from, from + 100).map(make)));
  await fleet.until(async () => {
    const { items } = await fleet.during(fleet.person.list(VirtualMachine, { namespace: 'shop' }));
    return items.length === count && items.every((vm) => isTrue(vm.status.conditions, 'Ready'));
  }, 3_600_000);
}

function hostsWithGuests(fleet: FailoverFleet): string[] {
  const { hosts } = fleet.world().truth();
  return hosts.flatMap(({ name, guests }) => (guests.length > 0 ? [name] : []));
}

async function run(fleet: FailoverFleet, victims: readonly string[]): Promise<Run> {
  const { clock } = fleet;
  const killed = new Set(guestsOn(fleet, victims).map(({ vm }) => vm));
  // Whoever dies does so at any instant between two beats.
  await clock.advance(fleet.lives().length % 1000);
  const [from, writes, cpu] = [clock.now(), fleet.writes.length, process.cpuUsage()];
  const ends = await fleet.during(Promise.all(victims.map((host) => fleet.world().inject({ type: 'PowerLoss', host }))));
  await fleet.until(() => Promise.resolve(running(fleet, killed) === killed.size), 600_000);
  const down = fleet.lives().flatMap((life) => (life.from.at > from && killed.has(life.vm) ? [life.from.at - from] : []));
  await fleet.until(() => areSaid(fleet, killed));
  const { user, system } = process.cpuUsage(cpu);
  const written = fleet.writes.slice(writes).filter((write) => !/leases|hostusages|nodes|hostpools/.test(write)).length;
  for (const end of ends) await end();
  for (const host of victims) await fleet.until(() => isBack(fleet, host));
  return { down, writes: written, cpuSeconds: (user + system) / 1e6 };
}

function guestsOn(fleet: FailoverFleet, hosts: readonly string[]): readonly { readonly vm: string }[] {
  return fleet
    .world()
    .truth()
    .hosts.flatMap(({ name, guests }) => (hosts.includes(name) ? guests : []));
}

function running(fleet: FailoverFleet, vms: ReadonlySet<string>): number {
  const guests = fleet
    .world()
    .truth()
    .hosts.flatMap((host) => host.guests);
  return guests.filter(({ state, vm }) => state === 'Running' && vms.has(vm)).length;
}

async function areSaid(fleet: FailoverFleet, vms: ReadonlySet<string>): Promise<boolean> {
  const { items } = await fleet.during(fleet.person.list(VirtualMachine, { namespace: 'shop' }));
  return items.every(({ metadata, status }) => !vms.has(metadata.uid) || isTrue(status.conditions, 'Ready'));
}

async function isBack(fleet: FailoverFleet, name: string): Promise<boolean> {
  const host = await fleet.during(fleet.person.get(Host, { name }));
  return isTrue(host?.status.conditions, 'Ready');
}
