/** How long VMs are down when their hosts lose their power: the whole system in one process on a virtual clock. */
import { writeFile } from 'node:fs/promises';
import { Host } from '../../src/api/host.ts';
import { VirtualMachine } from '../../src/api/virtual-machine.ts';
import { seededRandom } from '../../src/base/random.ts';
import { UserError } from '../../src/base/errors.ts';
import { numberFlag, readFlags, textFlag } from '../../src/cmd/flags.ts';
import { Lease } from '../../src/meta/core.ts';
import { isTrue } from '../../src/meta/conditions.ts';
import { failoverFleet, operatorProcess, type FailoverFleet, type OperatorProcess } from '../integration/failover/failover.ts';
import { momentsOf } from './failover-moments.ts';
import { failoverPage } from './failover-page.ts';
import { round } from './figures.ts';

const sizes = { from: 1, to: 10_000 };
const flags = {
  hosts: { type: 'string', value: 'N', help: 'simulated hosts (200)' },
  vms: { type: 'string', value: 'N', help: 'virtual machines (2000)' },
  kill: { type: 'string', value: 'N', help: 'hosts that lose their power at once (1)' },
  runs: { type: 'string', value: 'N', help: 'how often (100)' },
  also: {
    type: 'string',
    value: 'leader|bmc',
    help: 'what fails at the same instant: the operator that leads, or the BMCs of these hosts for 30 s',
  },
  picture: { type: 'string', value: 'FILE', help: 'where the page with the time line of one more loss of power is written' },
} as const;

type Also = 'leader' | 'bmc' | undefined;

/** For so long nobody can prove that the hosts are dead, milliseconds. */
const noBmcMs = 30_000;

const spec = { cpu: { cores: 1 }, memory: { size: '1Gi' }, disks: [{ name: 'root', size: '10Gi' }] };
const by = { fieldManager: 'person' };

interface Run {
  /** Of each VM that was killed: milliseconds from the loss of power until its processors run elsewhere. */
  readonly down: readonly number[];
  readonly writes: number;
  readonly cpuSeconds: number;
  /** VMs that ran elsewhere before anybody could know that their hosts are dead. */
  readonly early: number;
}

/** @returns a line for the console: seconds. */
export async function failover(args: readonly string[]): Promise<object> {
  const values = readFlags(args, flags);
  const number = (name: keyof typeof flags, usual: number): number => numberFlag(values, name, sizes) ?? usual;
  const [kill, count] = [number('kill', 1), number('runs', 100)];
  const also = alsoOf(textFlag(values, 'also'));
  const fleet = await failoverFleet(number('hosts', 200));
  const leaders = also === 'leader' ? new Leaders(fleet) : undefined;
  await makeVms(fleet, number('vms', 2000));
  const random = seededRandom(1);
  const runs: Run[] = [];
  for (let index = 0; index < count; index++) {
    const busy = hostsWithGuests(fleet);
    const first = random.integer(busy.length);
    const victims = Array.from({ length: kill }, (_, next) => busy[(first + next) % busy.length] ?? '');
    runs.push(await run({ fleet, leaders, victims, also }));
    process.stderr.write(
      `${String(index + 1)} of ${String(count)}: ${round(Math.max(...(runs.at(-1)?.down ?? [])) / 1000).toFixed(2)} s\n`,
    );
  }
  const picture = textFlag(values, 'picture');
  if (picture !== undefined) await draw(fleet, picture, { hosts: number('hosts', 200), vms: number('vms', 2000) });
  return figures(runs, also);
}

function alsoOf(text: string | undefined): Also {
  if (text === undefined || text === 'leader' || text === 'bmc') return text;
  throw new UserError(`--also ${text}: it takes leader or bmc`);
}

async function draw(fleet: FailoverFleet, file: string, size: { readonly hosts: number; readonly vms: number }): Promise<void> {
  const [host = ''] = hostsWithGuests(fleet);
  const killed = guestsOn(fleet, [host]).length;
  await fleet.clock.advance(silentForMs);
  await writeFile(file, failoverPage(await momentsOf(fleet, host), { ...size, killed }));
}

/** The power goes in the middle between two beats. */
const silentForMs = 500;

/** Two operators: while one leads the other stands by. */
class Leaders {
  readonly #fleet: FailoverFleet;
  /** By the name under which they lead. */
  readonly #operators: Map<string, OperatorProcess>;
  #made = 1;

  constructor(fleet: FailoverFleet) {
    this.#fleet = fleet;
    this.#operators = new Map([['operator', fleet.process]]);
    this.#add();
  }

  #add(): void {
    const name = `operator-${String(++this.#made)}`;
    this.#operators.set(name, operatorProcess(this.#fleet, name));
  }

  /** Which of them leads, as its Lease says. */
  async leader(): Promise<string> {
    const { during, person } = this.#fleet;
    const lease = await during(person.get(Lease, { namespace: 'hypersphere-system', name: 'hypersphere-operator' }));
    return lease?.spec?.holderIdentity ?? '';
  }

  kill(name: string): void {
    this.#operators.get(name)?.kill();
    this.#operators.delete(name);
    this.#add();
  }
}

function figures(runs: readonly Run[], also: Also): object {
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
    ...(also === undefined ? {} : { also }),
    ...(also === 'bmc' ? { early: runs.reduce((sum, one) => sum + one.early, 0) } : {}),
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

interface Loss {
  readonly fleet: FailoverFleet;
  readonly leaders: Leaders | undefined;
  readonly victims: readonly string[];
  readonly also: Also;
}

async function run({ also, fleet, leaders, victims }: Loss): Promise<Run> {
  const { clock } = fleet;
  const killed = new Set(guestsOn(fleet, victims).map(({ vm }) => vm));
  // Whoever dies does so at any instant between two beats.
  await clock.advance(fleet.lives().length % 1000);
  const [writes, cpu] = [fleet.writes.length, process.cpuUsage()];
  const bmcs = also === 'bmc' ? await fail(fleet, 'BMCFailure', victims) : [];
  const leader = (await leaders?.leader()) ?? '';
  const ends = await fail(fleet, 'PowerLoss', victims);
  leaders?.kill(leader);
  let from = clock.now();
  if (bmcs.length > 0) await clock.advance(noBmcMs);
  const early = bmcs.length > 0 ? running(fleet, killed) : 0;
  if (bmcs.length > 0) from = clock.now();
  for (const end of bmcs) await end();
  await fleet.until(() => Promise.resolve(running(fleet, killed) === killed.size), 600_000);
  const down = fleet.lives().flatMap((life) => (life.from.at > from && killed.has(life.vm) ? [life.from.at - from] : []));
  await fleet.until(() => areSaid(fleet, killed));
  const { user, system } = process.cpuUsage(cpu);
  const written = fleet.writes.slice(writes).filter((write) => !/leases|hostusages|nodes|hostpools/.test(write)).length;
  for (const end of ends) await end();
  for (const host of victims) await fleet.until(() => isBack(fleet, host));
  return { down, writes: written, cpuSeconds: (user + system) / 1e6, early };
}

function fail(fleet: FailoverFleet, type: 'PowerLoss' | 'BMCFailure', hosts: readonly string[]): Promise<(() => Promise<void>)[]> {
  return fleet.during(Promise.all(hosts.map((host) => fleet.world().inject({ type, host }))));
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
