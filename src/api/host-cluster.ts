import { ipAddress } from './address.ts';
import { group, isolationResponses, labelSelector, statusOf, storageLosses, version } from './common.ts';
import type { KindDefinition, ObjectOf } from './kind.ts';
import { choice, durationWithin, integer, mapOf, name, object, optional, setOf, text, type Static } from './schema.ts';

const datastore = object(
  'A place for disks.',
  {
    name: name('Its name; VMs say it.'),
    type: choice(
      'SharedDirectory: one directory that all hosts see; locks live there. Local: a directory of each host.',
      'SharedDirectory',
      'Local',
    ),
    path: text('The directory on the hosts.', 255, '^/([A-Za-z0-9._-]+/?)*$'),
  },
  // Disks, and the locks that keep a VM from running twice, are where they were.
  [
    { rule: 'self.type == oldSelf.type', message: 'a datastore keeps its type: name another one', fieldPath: '.type' },
    { rule: 'self.path == oldSelf.path', message: 'a datastore keeps its path: name another one', fieldPath: '.path' },
  ],
);

const percent = (description: string) => integer(description, 0, 100);

const admission = object(
  'What is kept free for the death of hosts: a VM whose start would break the promise waits, and says so with figures. Exactly one; absent: nothing is promised. A VM that takes the place of one that died with its host is never refused.',
  {
    hostFailures: optional(
      object(
        'Hosts, the largest first, that may die while the others still have a slot for each VM. A slot is as large as the largest memory, and the largest reservation of processors, of all VMs.',
        { number: integer('How many.', 1, 31) },
      ),
    ),
    percentage: optional(
      object('A share of what all hosts have.', {
        cpu: percent('Of processors, counted as far as they are reserved.'),
        memory: percent('Of memory.'),
      }),
    ),
    dedicatedHosts: optional(
      object('Hosts that receive only VMs whose host died.', {
        nodeNames: setOf('Their names.', text('A Node.', 253), 32),
      }),
    ),
    none: optional(object('Nothing is promised.', {})),
  },
  [
    {
      rule: '[has(self.hostFailures), has(self.percentage), has(self.dedicatedHosts), has(self.none)].filter(one, one).size() == 1',
      message: 'exactly one of hostFailures, percentage, dedicatedHosts and none',
    },
  ],
);

const availability = object('What is done when a host dies.', {
  admission: optional(admission),
  deadAfter: optional(durationWithin('How long a host is not heard, by any way, before it is taken for dead. Absent: 5s.', '3s', '10m')),
  isolationResponse: optional(
    choice(
      'What a host does with its VMs when it hears no other host and none of spec.networks.heartbeat.isolationAddresses answers: without such addresses it never takes itself for isolated. Once none runs there its power is cut, and they start elsewhere. Absent: PowerOff.',
      ...isolationResponses,
    ),
  ),
  storageLoss: optional(
    choice(
      'What a host does with a VM when it has not reached a datastore of that VM for 30s. Powered off, it starts on another host. Absent: PowerOff.',
      ...storageLosses,
    ),
  ),
  maxConcurrentFencing: optional(
    text(
      'How many of its hosts, of those whose BMC does not say that they are off, may be taken for dead at once: a share, and at least one host. Where more vanish it is presumed that the operator is cut off itself; it says so, and waits. Absent: 20%.',
      4,
      '^(100|[1-9]?[0-9])%$',
    ),
  ),
});

const networks = object('Networks that its hosts use among themselves.', {
  heartbeat: optional(
    object('The one on which hosts are heard.', {
      isolationAddresses: optional(
        setOf(
          'What answers as long as a host is not cut off, such as routers: a host that hears no other and to which none of these answers is isolated.',
          ipAddress('An address.'),
          10,
        ),
      ),
    }),
  ),
});

const spec = object('Which hosts it has, and what its VMs find there.', {
  hostSelector: labelSelector('Its Nodes, by their labels. Empty: all.'),
  limits: optional(
    object('How large it may become; absent: no bound.', {
      hosts: optional(integer('Hosts that are used; more are left out, the newest first.', 1, 5000)),
      virtualMachines: optional(integer('VMs that are placed.', 1, 100_000)),
      faultTolerantPerHost: optional(integer('Originals and shadows of FTPairs on one host. Absent: 4.', 1, 64)),
      migrations: optional(
        object('Moves that may be under way at once; those beyond wait their turn.', {
          perHost: optional(integer('From a host, and as many to it. Absent: 2.', 1, 64)),
          perCluster: optional(integer('Absent: 32.', 1, 1000)),
        }),
      ),
    }),
  ),
  datastores: optional(mapOf('Places for disks. The first is the default.', datastore, ['name'], 16)),
  networks: optional(networks),
  availability: optional(availability),
});

const status = statusOf('What it is.', {
  hosts: optional(
    object('Its hosts.', {
      total: integer('Nodes that belong to it.', 0, 100_000),
      ready: integer('Of these, hosts that are ready.', 0, 100_000),
      toleratedFailures: optional(
        integer('How many of those that may be given VMs can die now, the largest first, and leave a slot for each VM.', 0, 100_000),
      ),
    }),
  ),
  virtualMachines: optional(integer('VMs that are placed in it; counted at most twice a minute.', 0, 1_000_000)),
});

export type HostCluster = ObjectOf<typeof spec, typeof status>;
export type HostClusterSpec = Static<typeof spec>;
export type Datastore = Static<typeof datastore>;
export type ClusterAvailability = Static<typeof availability>;

export const HostCluster: KindDefinition<HostCluster> = {
  group,
  version,
  kind: 'HostCluster',
  plural: 'hostclusters',
  singular: 'hostcluster',
  shortName: 'hscluster',
  namespaced: false,
  description:
    'Hosts that are run as one: which Nodes, with which datastores, within which limits. A Node that two of them select belongs to the older.',
  spec,
  status,
  columns: [
    { name: 'Hosts', type: 'integer', jsonPath: '.status.hosts.total' },
    { name: 'Ready-Hosts', type: 'integer', jsonPath: '.status.hosts.ready' },
    { name: 'VMs', type: 'integer', jsonPath: '.status.virtualMachines' },
    { name: 'Survives', type: 'integer', jsonPath: '.status.hosts.toleratedFailures' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
};

/** Condition type of a HostCluster, there while so many hosts have vanished at once that none is fenced: the operator reaches its hosts. */
export const hostsReached = 'HostsReached';

/** On a HostCluster while VMs use it, so that a delete waits for them. */
export const hostClusterFinalizer = 'hypersphere.io/host-cluster';
