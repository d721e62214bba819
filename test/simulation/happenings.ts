/** What befalls the fleet at a time, for a while. */
import type { Clock } from '../../src/base/clock.ts';
import type { WorldFault } from '../../src/ports/world.ts';
import type { SimulatedWorld } from '../../src/sim/world/world.ts';
import type { ApiProcess } from './api-process.ts';
import type { Armed } from './armed.ts';
import type { PortWeather } from './host-port.ts';
import type { Link } from './network.ts';
import { profileEvents, type Happening } from './plan.ts';
import { heavyDrift } from './profile-pieces.ts';
import type { SimulatedProcess } from './process.ts';
import type { User } from './user.ts';

export interface Site {
  readonly clock: Clock;
  readonly armed: Armed;
  readonly api: ApiProcess;
  readonly operators: readonly SimulatedProcess[];
  readonly collector: SimulatedProcess;
  readonly simulation: SimulatedProcess;
  readonly world: () => SimulatedWorld | undefined;
  readonly user: User;
  readonly hosts: readonly string[];
  /** How many faults have pulled a host's cable. */
  readonly unplugged: Map<string, number>;
  readonly linkOf: (host: string) => Link;
  readonly weatherOf: (host: string) => PortWeather;
  /** Milliseconds by which wall clocks are off; operators come after the hosts. */
  readonly skews: number[];
  /** Takes the lead from whoever has it, without its knowledge. */
  readonly unseat: () => Promise<void>;
  /** Links, weathers or processes are not as they were. */
  readonly changed: () => void;
  /** Hosts that have lost their power for good. */
  readonly lost: Set<string>;
}

/** Lets it happen. What it changes is changed back after `ms`, and at the latest by `heal`. */
export function happen(site: Site, happening: Happening): void {
  const { armed, clock } = site;
  const { kind, target, ms } = happening;
  const host = site.hosts[target % site.hosts.length] ?? '';
  const vm = target % Math.max(1, site.user.wanted.length);
  const name =
    kind === 'GuestHang' || kind === 'ForcedDelete'
      ? site.user.nameOf(vm)
      : operatorKinds.has(kind)
        ? (operatorAt(site, target)?.name ?? '')
        : host;
  armed.happened(`${kind} ${hostless.has(kind) ? '' : name} for ${String(ms)} ms`);
  const back = begin(site, happening, host, vm);
  site.changed();
  if (back === undefined) return;
  void clock.sleep(ms).then(() => {
    back();
    site.changed();
  });
}

const operatorKinds = new Set<string>([
  'OperatorPartition',
  'OperatorOneWay',
  'OperatorCrash',
  'OperatorPause',
  'StaleWatches',
  'ShuffledWatches',
]);
const hostless = new Set<string>([
  ...profileEvents.filter((kind) => kind !== 'AnswerChange' && kind !== 'Drift' && kind !== 'HeavyDrift'),
  'PolicyChange',
  'GroupClosed',
  'SwitchChange',
  'CutOff',
  'TwoLeaders',
  'CollectorCrash',
  'ServerCrash',
  'ServerPowerLoss',
  'ServerDiskFull',
  'WorldPowerCut',
]);

function operatorAt({ operators }: Site, target: number): SimulatedProcess | undefined {
  return operators[target % operators.length];
}

function begin(site: Site, { kind, target, ms }: Happening, host: string, vm: number): (() => void) | undefined {
  const operator = operatorAt(site, target);
  switch (kind) {
    case 'PowerLoss':
    case 'AgentCrash':
    case 'HostHang':
    case 'ManagementPartition':
      return inject(site, { type: kind, host });
    case 'MigrationPartition':
    case 'FTPartition':
      return inject(site, { type: kind, host });
    case 'SlowMigration':
      return inject(site, { type: 'SlowLink', host });
    case 'GuestHang':
      return inject(site, { type: kind, vm: { namespace: 'shop', name: site.user.nameOf(vm) } });
    case 'OneWayPartition':
      return changed(site.linkOf(host), 'blocked', 'answers', 'no');
    case 'SlowLink':
      return changed(site.linkOf(host), 'slowMs', 2000, 0);
    case 'BMCFailure':
      return inject(site, { type: kind, host });
    case 'Apart':
      return apart(site, [host]);
    case 'Split':
      return apart(site, site.hosts.slice(target % 2));
    case 'DoublePowerLoss':
      return both(inject(site, { type: 'PowerLoss', host }), inject(site, { type: 'PowerLoss', host: nextHost(site, target) }));
    case 'Lost':
      lose(site, host);
      return undefined;
    case 'StoragePartition':
      return target % 2 === 0 ? offStorage(site, host) : changed(site.weatherOf(host), 'storage', 'answers', 'open');
    case 'DiskFull':
      return changed(site.weatherOf(host), 'full', true, false);
    case 'OperatorPartition':
      return operator && changed(operator.link, 'blocked', 'both', 'no');
    case 'OperatorOneWay':
      return operator && changed(operator.link, 'blocked', 'answers', 'no');
    case 'StaleWatches':
      return operator && changed(operator.link, 'staleMs', Math.min(ms, 20_000), 0);
    case 'ShuffledWatches':
      return operator && changed(operator.link, 'shuffledMs', Math.min(ms, 20_000), 0);
    case 'ClockJump':
      site.skews[target % site.hosts.length] = (target - 500) * 1000;
      return undefined;
    case 'LinkDown':
      return linkDown(site, host);
    case 'PolicyChange':
    case 'GroupClosed':
    case 'SwitchChange':
    case 'Answers':
    case 'CutOff':
      return site.user.rewire(kind, host, target);
    case 'Drift':
      return inject(site, { type: kind, host });
    default:
      return beginElsewhere(site, { at: 0, kind, target, ms }, host);
  }
}

function beginElsewhere(site: Site, { kind, target, ms }: Happening, host: string): (() => void) | undefined {
  const { api, user } = site;
  switch (kind) {
    case 'OperatorCrash':
      operatorAt(site, target)?.crash(ms);
      return undefined;
    case 'OperatorPause':
      operatorAt(site, target)?.pause(20_000);
      return undefined;
    case 'TwoLeaders':
      void site.unseat();
      return undefined;
    case 'CollectorCrash':
      site.collector.crash(ms);
      return undefined;
    case 'ServerCrash':
      api.crash('kept', ms);
      return undefined;
    case 'ServerPowerLoss':
      api.crash('lost', ms);
      return undefined;
    case 'ServerDiskFull':
      api.disk.resize(api.disk.used() + target);
      return () => {
        api.disk.resize(Infinity);
      };
    case 'WorldPowerCut':
      site.simulation.crash(ms);
      return undefined;
    case 'NodeDeleted':
      void user.deleteNode(host);
      return undefined;
    case 'ForcedDelete':
      void user.force(target % Math.max(1, user.wanted.length));
      return undefined;
    case 'ProfileNone':
    case 'ProfileMaintenance':
    case 'ProfileReboot':
    case 'ProfileCutOff':
    case 'ProfileRefused':
    case 'OtherProfile':
    case 'ProfileReport':
    case 'ProfileGone':
    case 'AnswerChange':
      return user.profiles.reprofile(kind, host, target);
    case 'HeavyDrift':
      void site
        .world()
        ?.hostPort(host)
        .settings.write(heavyDrift)
        .catch(() => undefined);
      return undefined;
    case 'Maintenance':
      void user.maintain(host, true);
      return () => void user.maintain(host, false);
    case 'Drain':
      void drain(site, host);
      return () => void user.cordon(host, false);
    case 'Cordon':
      void user.cordon(host, true);
      return () => void user.cordon(host, false);
    default:
      return undefined;
  }
}

/** The only cable of a host that guests and agent use. */
function linkDown({ unplugged, world }: Site, host: string): () => void {
  unplugged.set(host, (unplugged.get(host) ?? 0) + 1);
  const end = inject({ world }, { type: 'LinkDown', host, nic: 'eth0' });
  return () => {
    unplugged.set(host, (unplugged.get(host) ?? 1) - 1);
    end();
  };
}

/** Nothing is heard of these hosts, by any way, and they live. */
function apart(site: Site, hosts: readonly string[]): () => void {
  const ends = hosts.flatMap((host) => [inject(site, { type: 'ManagementPartition', host }), offStorage(site, host)]);
  return () => {
    for (const end of ends) end();
  };
}

/** The host knows by itself that it reaches none. */
function offStorage(site: Site, host: string): () => void {
  const weather = site.weatherOf(host);
  const ends = [changed(weather, 'storage', 'cut', 'open'), inject(site, { type: 'StoragePartition', host })];
  weather.away++;
  return () => {
    weather.away--;
    for (const end of ends) end();
  };
}

function nextHost({ hosts }: Site, target: number): string {
  return hosts[(target + 1) % hosts.length] ?? '';
}

function both(one: () => void, other: () => void): () => void {
  return () => {
    one();
    other();
  };
}

/** One host at most: the others need its room. */
function lose(site: Site, host: string): void {
  if (site.lost.size > 0) return;
  site.lost.add(host);
  inject(site, { type: 'PowerLoss', host });
}

/** As kubectl drain: the host is cordoned, and what stands for its VMs evicted. */
async function drain({ user }: Site, host: string): Promise<void> {
  await user.cordon(host, true);
  await user.evict(host);
}

function changed<T, K extends keyof T>(target: T, field: K, value: T[K], before: T[K]): () => void {
  target[field] = value;
  return () => {
    target[field] = before;
  };
}

/** Lets a fault of the world begin, if there is such a host or guest. @returns how it ends, unless the world itself has ended. */
export function inject({ world }: Pick<Site, 'world'>, fault: WorldFault): () => void {
  const of = world();
  const ends = of?.inject(fault).catch(() => undefined);
  return () => {
    if (world() === of) void ends?.then((end) => end?.());
  };
}

/** Everything is well again, and nothing happens any more. */
export async function heal(site: Site): Promise<void> {
  const { api, armed, operators, hosts, linkOf, weatherOf, user } = site;
  armed.disarm();
  armed.happened('Healed');
  api.disk.resize(Infinity);
  for (const link of [...operators.map((operator) => operator.link), ...hosts.map(linkOf)])
    Object.assign(link, { blocked: 'no', slowMs: 0, staleMs: 0, shuffledMs: 0 });
  for (const host of hosts) Object.assign(weatherOf(host), { storage: 'open', full: false });
  site.changed();
  await Promise.all(hosts.map((host) => user.cordon(host, false)));
  user.rewired();
  await Promise.all([...user.maintained].map((host) => user.maintain(host, false)));
}
