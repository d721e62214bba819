/** The user of a fleet: makes, edits and deletes VMs, and repeats each wish until the API has taken it. */
import { HostCluster } from '../../src/api/host-cluster.ts';
import type { EffectivePort } from '../../src/api/effective-port.ts';
import { HostPool } from '../../src/api/host-pool.ts';
import { VirtualMachineInstance } from '../../src/api/virtual-machine-instance.ts';
import { VirtualMachineMigration } from '../../src/api/virtual-machine-migration.ts';
import { VirtualMachine } from '../../src/api/virtual-machine.ts';
import type { Random } from '../../src/base/random.ts';
import type { Runtime } from '../../src/base/runtime.ts';
import { rfc3339 } from '../../src/base/time.ts';
import { client as clientOf } from '../../src/kube/client.ts';
import type { Client } from '../../src/kube/types.ts';
import type { ControlPlane } from '../../src/meta/control-plane.ts';
import { Namespace, Node, Pod } from '../../src/meta/core.ts';
import { Host } from '../../src/api/host.ts';
import { hostName } from '../../src/sim/host-names.ts';
import { apiVersionOf } from '../../src/meta/resource.ts';
import { isApiError } from '../../src/meta/status.ts';
import { pick } from './pick.ts';
import { protecting, type Protecting } from './protecting.ts';
import { profiling, type Profiling } from './profiling.ts';
import { wiring, type Rewiring } from './wiring.ts';
import type { PairWish, Plan, VmShape, Wish, WishKind } from './plan.ts';

/** What the user wants of one VM. */
export interface Wanted {
  present: boolean;
  power: 'PoweredOn' | 'PoweredOff' | 'Suspended';
  diskGi: number;
  reservation: string | undefined;
  restartAt: string | undefined;
  note: number;
  /** When (wall clock) something was asked for that may end its guest's life. */
  endings: number[];
  /** It was to end without its memory: nobody asks for that any more. */
  discarded: boolean;
  /** Counts the wishes. */
  version: number;
  /** The last wish that the API has taken. */
  taken: number;
}

export interface User {
  readonly wanted: readonly Wanted[];
  nameOf(vm: number): string;
  indexOf(name: string): number | undefined;
  shapeOf(name: string): VmShape | undefined;
  /** The namespaces, the HostCluster and the hosts. */
  install(): Promise<void>;
  wish(wish: Omit<Wish, 'at'>): void;
  /** Does something about the VM at this very instant, whatever else is under way. */
  meddle(vm: number, random: Random): Promise<void>;
  /** Takes the VM's instance away by force, its finalizer first, as one should never do. */
  force(vm: number): Promise<void>;
  /** The VMs of which something was taken away by force. */
  readonly forced: ReadonlySet<string>;
  cordon(host: string, cordoned: boolean): Promise<void>;
  /** Wants the host empty, or has had enough of that. */
  maintain(host: string, empty: boolean): Promise<void>;
  /** The hosts that were wanted empty at any time. */
  readonly maintained: ReadonlySet<string>;
  /** Deletes the Pods that stand for VMs on the host, as `kubectl drain --disable-eviction` does. */
  evict(host: string): Promise<void>;
  deleteNode(host: string): Promise<void>;
  /** What hosts are to be. */
  readonly profiles: Profiling;
  /** Which VMs are to have shadows. */
  readonly pairs: Protecting;
  /** Changes switch, group or what an uplink is on the host. @returns how it is changed back. */
  rewire(kind: Rewiring, host: string, target: number): () => void;
  /** All that was changed for a while is changed back. */
  rewired(): void;
  /** Whether a port does as its group was last wished to. */
  isAsWished(port: EffectivePort): boolean;
  /** Whether the API has taken all that was wished. */
  content(): boolean;
}

export interface UserOptions {
  readonly plan: Plan;
  readonly runtime: Runtime;
  readonly controlPlane: ControlPlane;
  /** The server without a network between. */
  readonly direct: ControlPlane;
}

export const poolName = 'rack';
const by = { userAgent: 'user', fieldManager: 'user' };
const apart = { matchLabels: { app: 'apart' } };

export function user({ plan, runtime, controlPlane, direct }: UserOptions): User {
  const { clock } = runtime;
  const client = clientOf(controlPlane, runtime, { ...by, timeout: 10_000 });
  const near = clientOf(direct, runtime, by);
  const wanted: Wanted[] = plan.vms.map(() => newWanted());
  const nameOf = (vm: number): string => `vm-${String(vm)}`;
  const busy = new Set<number>();
  const forced = new Set<string>();
  const maintained = new Set<string>();

  const repeat = async (work: () => Promise<boolean>): Promise<void> => {
    for (;;) {
      try {
        if (await work()) return;
      } catch {
        // Whatever it was: again.
      }
      await clock.sleep(1000);
    }
  };
  const sync = (vm: number): void => {
    const want = wanted[vm];
    if (busy.has(vm) || want === undefined) return;
    busy.add(vm);
    const work = async (): Promise<boolean> => {
      const { version } = want;
      if (!(await carryOut(client, want))) return false;
      want.taken = version;
      return want.version === version;
    };
    void repeat(work).then(() => busy.delete(vm));
  };
  const carryOut = async (through: Client, want: Wanted): Promise<boolean> => {
    const vm = wanted.indexOf(want);
    const ref = { namespace: 'shop', name: nameOf(vm) };
    const there = await through.get(VirtualMachine, ref);
    const dying = there?.metadata.deletionTimestamp !== undefined;
    if (!want.present) {
      if (there !== undefined && !dying) await through.delete(VirtualMachine, ref);
      return true;
    }
    // What is going must be gone before another can come.
    if (dying) return false;
    await through.apply(VirtualMachine, ref, manifest(plan, vm, want), { fieldManager: 'user' });
    return true;
  };
  const wires = wiring(plan, client, (work) => repeat(work));
  const profiles = profiling(plan, client, (work) => repeat(work));
  const pairs = protecting(plan, client, nameOf, (work) => repeat(work));
  const { kind } = VirtualMachineMigration;
  const apiVersion = apiVersionOf(VirtualMachineMigration);
  let moves = 0;
  const ofVm = new Map<number, string[]>();
  const move = (vm: number, { to, mode = 'Auto' }: Omit<Wish, 'at'>): void => {
    const name = `move-${String(moves++)}`;
    ofVm.set(vm, [...(ofVm.get(vm) ?? []), name]);
    const target = to === undefined ? {} : { target: { nodeName: hostName(poolName, 1 + (to % plan.hosts)) } };
    const metadata = { namespace: 'shop', name };
    const spec = { virtualMachine: nameOf(vm), mode, ...target };
    void repeat(() =>
      client.create(VirtualMachineMigration, { apiVersion, kind, metadata, spec: { priority: 'User', timeout: '5m', ...spec } }).then(
        () => true,
        (error: unknown) => isApiError(error, 'AlreadyExists'),
      ),
    );
  };
  const cancel = (vm: number): void => {
    const name = ofVm.get(vm)?.at(-1);
    if (name !== undefined) void repeat(() => client.delete(VirtualMachineMigration, { namespace: 'shop', name }).then(() => true));
  };
  const wish = (wished: Omit<Wish, 'at'>): void => {
    const { vm } = wished;
    const want = wanted[vm];
    if (want === undefined) return;
    if (wished.kind === 'migrate') return move(vm, wished);
    if (wished.kind === 'cancel') return cancel(vm);
    if (isOfPair(wished.kind)) return pairs.wish(vm, wished.kind);
    change(want, wished.kind, clock.now());
    sync(vm);
  };
  return {
    wanted,
    nameOf,
    indexOf: (name) => indexOf(plan, name),
    shapeOf: (name) => plan.vms[indexOf(plan, name) ?? -1]?.shape,
    install: async () => {
      await repeat(() => install(client, plan));
      await wires.install();
      await profiles.install();
    },
    wish,
    meddle: async (vm, random) => {
      const want = wanted[vm];
      if (want === undefined || want.version === 0) return;
      change(want, pick<WishKind>(random, ['delete', 'powerOff', 'powerOn', 'suspend', 'restart']), clock.now());
      await carryOut(near, want).catch(() => false);
      sync(vm);
    },
    forced,
    force: async (vm) => {
      const name = nameOf(vm);
      forced.add(name);
      wanted[vm]?.endings.push(clock.now());
      try {
        const { items } = await near.list(VirtualMachineInstance, { namespace: 'shop' });
        for (const { metadata } of items.filter(({ spec }) => spec.virtualMachine === name)) {
          await near.patch(VirtualMachineInstance, metadata, { metadata: { finalizers: null } });
          await near.delete(VirtualMachineInstance, metadata);
        }
      } catch {
        // The server is down, or it went by itself: let it be.
      }
    },
    cordon: (host, cordoned) =>
      repeat(async () => {
        // One that is gone is registered anew, uncordoned.
        if ((await client.get(Node, { name: host })) !== undefined)
          await client.patch(Node, { name: host }, { spec: { unschedulable: cordoned } });
        return true;
      }),
    maintained,
    maintain: (host, empty) => {
      maintained.add(host);
      return repeat(async () => {
        await client.apply(
          Host,
          { name: host },
          { spec: { maintenance: { mode: empty ? 'Maintenance' : 'Normal' } } },
          { fieldManager: 'user' },
        );
        return true;
      });
    },
    evict: (host) =>
      repeat(async () => {
        const { items } = await client.list(Pod, { namespace: 'hypersphere-system', fieldSelector: `spec.nodeName=${host}` });
        for (const { metadata } of items) await client.delete(Pod, metadata);
        return true;
      }),
    deleteNode: (host) =>
      repeat(async () => {
        await client.delete(Node, { name: host });
        return true;
      }),
    rewire: (kind, host, target) => wires.rewire(kind, host, target),
    profiles,
    pairs,
    rewired: () => {
      wires.rewired();
      profiles.reprofiled();
    },
    isAsWished: (port) => wires.isAsWished(port),
    content: () => wires.content() && profiles.content() && pairs.content() && wanted.every((want) => want.version === want.taken),
  };
}

function isOfPair(kind: WishKind): kind is PairWish {
  return kind === 'protect' || kind === 'unprotect' || kind === 'testFailover' || kind === 'changeMode';
}

function indexOf(plan: Plan, name: string): number | undefined {
  const index = Number(/^vm-(\d+)$/.exec(name)?.[1] ?? NaN);
  return index < plan.vms.length ? index : undefined;
}

function newWanted(): Wanted {
  const fresh = { diskGi: 10, reservation: undefined, restartAt: undefined, note: 0, endings: [], discarded: false, version: 0, taken: 0 };
  return { present: false, power: 'PoweredOn', ...fresh };
}

function change(want: Wanted, kind: WishKind, now: number): void {
  want.version++;
  const wasThere = want.present;
  want.present = kind !== 'delete';
  if (kind === 'delete' || kind === 'powerOff' || kind === 'suspend' || kind === 'restart') want.endings.push(now);
  if (kind === 'delete' || kind === 'powerOff' || kind === 'restart') want.discarded = true;
  if (!wasThere) {
    // Another VM of the old name begins as it was first wanted.
    Object.assign(want, { power: 'PoweredOn', restartAt: undefined });
  }
  if (kind === 'powerOff') want.power = 'PoweredOff';
  if (kind === 'powerOn') want.power = 'PoweredOn';
  if (kind === 'suspend') want.power = 'Suspended';
  if (kind === 'restart') want.restartAt = rfc3339(now);
  if (kind === 'grow') want.diskGi += 5;
  if (kind === 'reserve') want.reservation = want.reservation === undefined ? '500m' : undefined;
  if (kind === 'relabel') want.note++;
}

function manifest(plan: Plan, vm: number, want: Wanted): object {
  const { shape = 'plain', memoryGi = 1, cores = 1, networks = [] } = plan.vms[vm] ?? {};
  const away = { antiAffinity: [{ labelSelector: apart, topologyKey: 'kubernetes.io/hostname', required: true }] };
  const reservation = want.reservation ?? (shape === 'reserved' ? `${String(cores * 500)}m` : undefined);
  return {
    metadata: { labels: { app: shape, note: String(want.note) } },
    spec: {
      powerState: want.power,
      cpu: { cores, ...(reservation === undefined ? {} : { reservation }) },
      memory: { size: `${String(memoryGi)}Gi` },
      ...disksOf(shape, want.diskGi),
      ...(networks.length === 0 ? {} : { networks: networks.map((name) => ({ name, portGroup: name })) }),
      ...(want.restartAt === undefined ? {} : { nextRestartTime: want.restartAt }),
      ...(shape === 'apart' ? { placement: away } : {}),
    },
  };
}

function disksOf(shape: VmShape, gi: number): object {
  const root = { name: 'root', size: `${String(gi)}Gi` };
  switch (shape) {
    case 'diskless':
      return {};
    case 'local':
      return { disks: [{ ...root, datastore: 'local' }] };
    case 'two':
      return { disks: [root, { name: 'data', size: '1Gi', datastore: 'local', whenRemoved: 'Delete' }] };
    case 'temporary':
      return { disks: [{ ...root, whenRemoved: 'Delete' }] };
    default:
      return { disks: [root] };
  }
}

/** Disks of a VM of that shape that may be removed with it. */
export function removable(shape: VmShape | undefined): readonly string[] {
  if (shape === 'two') return ['data'];
  return shape === 'temporary' ? ['root'] : [];
}

/** What is done when hosts die, or are cut off. */
function deathOf({ fencing, isolation, storageLoss }: Plan): object {
  const responses = {
    ...(isolation === undefined ? {} : { isolationResponse: isolation }),
    ...(storageLoss === undefined ? {} : { storageLoss }),
  };
  return {
    ...(isolation === undefined ? {} : { networks: { heartbeat: { isolationAddresses: ['192.0.2.1'] } } }),
    ...(fencing === undefined ? {} : { availability: { maxConcurrentFencing: `${String(fencing)}%`, ...responses } }),
  };
}

async function install(client: Client, plan: Plan): Promise<boolean> {
  const { hosts, hostMemoryGi } = plan;
  const options = { fieldManager: 'user' };
  for (const name of ['hypersphere-system', 'kube-node-lease', 'shop']) await client.apply(Namespace, { name }, {}, options);
  const datastores = [
    { name: 'shared', type: 'SharedDirectory', path: '/srv/hypersphere' },
    { name: 'local', type: 'Local', path: '/var/lib/hypersphere' },
  ];
  const hostSelector = { matchLabels: { 'hypersphere.io/host': 'true' } };
  await client.apply(HostCluster, { name: 'main' }, { spec: { hostSelector, datastores, ...deathOf(plan) } }, options);
  const template = { cores: 16, memory: `${String(hostMemoryGi)}Gi` };
  await client.apply(HostPool, { name: poolName }, { spec: { replicas: hosts, template } }, options);
  return true;
}
