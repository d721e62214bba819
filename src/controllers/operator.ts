/** All controllers of the operator, over one control plane. */
import { operatorManager, systemNamespace } from '../api/common.ts';
import { FTPair } from '../api/ft-pair.ts';
import { HostCluster } from '../api/host-cluster.ts';
import { HostProfile } from '../api/host-profile.ts';
import { guardLabel, Host } from '../api/host.ts';
import { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { VirtualMachineMigration } from '../api/virtual-machine-migration.ts';
import { startAfterOf, VirtualMachine } from '../api/virtual-machine.ts';
import { Stopped } from '../base/errors.ts';
import type { Power } from '../ports/power.ts';
import type { Pulse } from '../ports/pulse.ts';
import type { Runtime } from '../base/runtime.ts';
import { Fleet } from '../fleet/fleet.ts';
import { Ledger } from '../fleet/ledger.ts';
import { networkSourcesDuring, networkSourcesOf, type NetworkSources } from '../fleet/network-sources.ts';
import { Networks } from '../fleet/networks.ts';
import { PortBook } from '../fleet/port-book.ts';
import { MoveBook } from '../fleet/move-book.ts';
import { caches, type Caches } from '../kube/caches.ts';
import { client as clientOf } from '../kube/client.ts';
import { runController } from '../kube/controller.ts';
import { eventRecorder } from '../kube/event-recorder.ts';
import { cachesHealth, type Health } from '../kube/health.ts';
import { leaderElection, type Lead } from '../kube/leader-election.ts';
import { subscriptions, type Subscriptions } from '../kube/subscriptions.ts';
import type { Cache, Client, ControllerSpec, Metrics } from '../kube/types.ts';
import type { ControlPlane } from '../meta/control-plane.ts';
import { Lease, Node, Pod } from '../meta/core.ts';
import { keyOf } from '../meta/objects.ts';
import { failoverController } from './failover/controller.ts';
import { Lookout } from './failover/lookout.ts';
import { distributedSwitchController } from './distributed-switch/controller.ts';
import { hostClusterController } from './host-cluster/controller.ts';
import { profileController } from './host-profile/controller.ts';
import { ftPairController } from './ft-pair/controller.ts';
import { hostController } from './host/controller.ts';
import { maintenanceController } from './maintenance/controller.ts';
import { evacuationIndexes, guardIndexes } from './maintenance/scope.ts';
import { portGroupController } from './port-group/controller.ts';
import { switchPortController } from './switch-port/controller.ts';
import { migrationController } from './virtual-machine-migration/controller.ts';
import { virtualMachineController } from './virtual-machine/controller.ts';

export interface OperatorOptions {
  readonly controlPlane: ControlPlane;
  readonly runtime: Runtime;
  /** Told apart from its replicas by this; the same after a restart, if it may take up its own lead again at once. */
  readonly identity: string;
  readonly version: string;
  readonly metrics?: Metrics;
  /** How it hears and switches hosts besides the API. Absent: no host is ever taken for dead. */
  readonly site?: Site;
}

/** Hosts as an operator has them without the API. */
export interface Site {
  readonly pulse: Pulse;
  readonly power: Power;
}

/** A site, and who has watched it since the process began. */
interface WatchedSite extends Site {
  readonly lookout: Lookout;
}

/**
 * Of the lead, milliseconds. VMs whose hosts died together with the leader wait for the next one: whoever stands by is to lead before ten seconds are over. A
 * leader that is not answered for six seconds gives up, and loses nothing by that: it takes the lead again, or another does.
 */
const leadTimes = { leaseDuration: 8_000, renewDeadline: 6_000, retryPeriod: 2_000 };

export interface Operator {
  /** Settles when the operator has stopped. */
  readonly done: Promise<void>;
  /** Whether what it knows of the cluster can be relied on. */
  health(): Health;
}

/** Runs until `runtime.stopping`: watches always, acts only while it leads. */
export function runOperator({ controlPlane, runtime, identity, version, metrics, site }: OperatorOptions): Operator {
  const options = {
    userAgent: `hypersphere-operator/${version}`,
    fieldManager: operatorManager,
    ...(metrics === undefined ? {} : { metrics }),
  };
  const client = clientOf(controlPlane, runtime, options);
  const watched = caches(controlPlane, runtime, options);
  const sources = sourcesOf(watched);
  const watch = site === undefined ? undefined : { ...site, lookout: new Lookout({ runtime, hosts: sources.hosts, ...site }) };
  const lead = async ({ runtime: led, lost }: Lead): Promise<void> => {
    // A watch may have stood still for a minute without anybody knowing: what another decided meanwhile must be known before anything is decided.
    if (!(await isFresh(watched, lost))) return;
    await control({
      client: client.until(lost),
      runtime: led,
      identity,
      caches: watched,
      sources,
      ...(metrics === undefined ? {} : { metrics }),
      ...(watch === undefined ? {} : { site: watch }),
    });
  };
  const lease = { namespace: systemNamespace, name: 'hypersphere-operator' };
  const serve = async (): Promise<void> => {
    while (!runtime.stopping.aborted) await leaderElection(client, runtime, { lease, identity, ...leadTimes }, lead);
  };
  return { done: serve(), health: () => cachesHealth(watched.all()) };
}

/** Brings the caches up to now. False when the lead was lost before. */
async function isFresh(watched: Caches, lost: AbortSignal): Promise<boolean> {
  try {
    await watched.refreshed(lost);
    return true;
  } catch (error) {
    if (error instanceof Stopped) return false;
    throw error;
  }
}

/** The caches on which the controllers live. */
export interface OperatorSources {
  /** With the index `byStartAfter` (the keys of the VMs that it starts after). */
  readonly vms: Cache<VirtualMachine>;
  /** With the indexes `byVirtualMachine` (uid), `byName` (the VM's key) and `byNode`. */
  readonly instances: Cache<VirtualMachineInstance>;
  readonly pairs: Cache<FTPair>;
  readonly clusters: Cache<HostCluster>;
  readonly hosts: Cache<Host>;
  readonly profiles: Cache<HostProfile>;
  readonly nodes: Cache<Node>;
  readonly leases: Cache<Lease>;
  /** With the indexes `byName` (the VM's key) and `byEvacuated` (the host that it was made to empty). */
  readonly migrations: Cache<VirtualMachineMigration>;
  /** The Pods that stand for hosts' VMs, with the index `byNode`. */
  readonly guards: Cache<Pod>;
  readonly networks: NetworkSources;
}

export interface Control {
  readonly client: Client;
  /** Of the lead: it stops when the lead is lost. */
  readonly runtime: Runtime;
  readonly identity: string;
  readonly caches: Pick<Caches, 'synced'>;
  readonly sources: OperatorSources;
  readonly metrics?: Metrics;
  readonly site?: WatchedSite;
}

/** Runs all controllers while a lead lasts. The caches outlive it: nothing of the controllers stays on them. */
export async function control({ client, runtime, identity, caches: watched, sources, metrics, site }: Control): Promise<void> {
  const listening = subscriptions();
  const hearing = site === undefined ? undefined : hearingBy(site.pulse);
  try {
    const heard = site === undefined || hearing === undefined ? undefined : { ...site, pulse: hearing.pulse };
    const controllers = controllersOf(client, runtime, during(listening, sources), { identity, metrics, site: heard });
    const options = { caches: watched, ...(metrics === undefined ? {} : { metrics }) };
    await Promise.all(controllers.map((controller) => runController(controller, runtime, options)));
  } finally {
    listening.end();
    hearing?.end();
  }
}

/** `pulse` whose handlers end together. */
function hearingBy(pulse: Pulse): { readonly pulse: Pulse; end(): void } {
  const stops: (() => void)[] = [];
  const noted = (stop: () => void): (() => void) => {
    stops.push(stop);
    return stop;
  };
  return {
    pulse: {
      signs: (host) => pulse.signs(host),
      onSilence: (afterMs, handler) => noted(pulse.onSilence(afterMs, handler)),
      onReturn: (handler) => noted(pulse.onReturn(handler)),
    },
    end: () => {
      for (const stop of stops) stop();
    },
  };
}

function during(listening: Subscriptions, sources: OperatorSources): OperatorSources {
  return {
    vms: listening.of(sources.vms),
    instances: listening.of(sources.instances),
    pairs: listening.of(sources.pairs),
    clusters: listening.of(sources.clusters),
    hosts: listening.of(sources.hosts),
    profiles: listening.of(sources.profiles),
    nodes: listening.of(sources.nodes),
    leases: listening.of(sources.leases),
    migrations: listening.of(sources.migrations),
    guards: listening.of(sources.guards),
    networks: networkSourcesDuring(listening, sources.networks),
  };
}

/** The keys of the VMs that it starts after. */
function byStartAfter(vm: VirtualMachine): string[] {
  return startAfterOf(vm).map(({ virtualMachine: name }) => keyOf({ namespace: vm.metadata.namespace ?? '', name }));
}

export function sourcesOf(watched: Caches): OperatorSources {
  return {
    vms: watched.cache(VirtualMachine, { indexes: { byStartAfter } }),
    instances: watched.cache(VirtualMachineInstance, {
      indexes: {
        byVirtualMachine: (instance) => [instance.spec.virtualMachineUID],
        byName: ({ metadata, spec }) => [keyOf({ namespace: metadata.namespace ?? '', name: spec.virtualMachine })],
        byNode: (instance) => [instance.spec.nodeName],
      },
    }),
    pairs: watched.cache(FTPair),
    clusters: watched.cache(HostCluster),
    hosts: watched.cache(Host),
    profiles: watched.cache(HostProfile),
    nodes: watched.cache(Node),
    leases: watched.cache(Lease, { namespace: systemNamespace }),
    migrations: watched.cache(VirtualMachineMigration, { indexes: evacuationIndexes }),
    guards: watched.cache(Pod, { namespace: systemNamespace, labelSelector: guardLabel, indexes: guardIndexes }),
    networks: networkSourcesOf(watched),
  };
}

interface Reporting {
  readonly identity: string;
  readonly metrics: Metrics | undefined;
  readonly site: WatchedSite | undefined;
}

function controllersOf(
  client: Client,
  runtime: Runtime,
  sources: OperatorSources,
  { identity, metrics, site }: Reporting,
): ControllerSpec[] {
  const events = eventRecorder(client, runtime, { controller: 'hypersphere.io/operator', instance: identity });
  const { clock, log, random } = runtime;
  const ledger = new Ledger(sources.vms, sources.instances);
  ledger.expectAnnounced(clock.monotonic(), sources.migrations.list(), sources.pairs.list());
  const portBook = new PortBook(sources);
  const networks = new Networks(sources, portBook);
  const fleet = new Fleet(sources, ledger, site?.pulse, networks);
  const book = new MoveBook(sources);
  return [
    hostController({ client, clock, events, ...sources }),
    ...(site === undefined ? [] : [failoverController({ client, clock, log, events, sources, ...site })]),
    hostClusterController({ client, clock, events, ...sources }),
    profileController({ client, clock, events, sources, ...(metrics === undefined ? {} : { metrics }) }),
    maintenanceController({ client, clock, random, events, sources: { ...sources, fleet } }),
    distributedSwitchController({ client, clock, events, ...sources }),
    portGroupController({ client, clock, events, networks: sources.networks }),
    switchPortController({ client, clock, sources, networks, book: portBook }),
    migrationController({ client, clock, events, sources, ledger, fleet, book }),
    ftPairController({ client, clock, events, sources, ledger, fleet }),
    virtualMachineController({ client, clock, log, events, sources, ledger, fleet, ...(metrics === undefined ? {} : { metrics }) }),
  ];
}
