import { baseline } from './cpu.ts';
import { group, statusOf, version } from './common.ts';
import { compliance, profilesHere } from './host-compliance.ts';
import type { KindDefinition, ObjectOf } from './kind.ts';
import {
  boolean,
  choice,
  defaulted,
  duration,
  integer,
  listOf,
  mapOf,
  object,
  optional,
  quantity,
  text,
  textsByName,
  time,
  type Static,
} from './schema.ts';

const maintenance = object('Whether the host is to be empty, as kubectl drain asks for it, but kept in Git.', {
  mode: defaulted(
    choice(
      'Maintenance: each VM leaves by its spec.availability.evacuation, and none comes, until it is Normal again.',
      'Normal',
      'Maintenance',
    ),
    'Normal',
  ),
  timeout: optional(duration('How long VMs may take to leave, from status.claim.since on. Absent: as long as it takes.')),
  onTimeout: defaulted(
    choice(
      'What becomes of those that have not left by then. Wait: they stay, and the Evacuated condition names them. PowerOff: they are powered off and start on other hosts; one that says Block stays all the same.',
      'Wait',
      'PowerOff',
    ),
    'Wait',
  ),
});

const bmc = object(
  'The controller in its rack that switches its power, whatever runs on it: without one nobody can prove that it is dead.',
  {
    protocol: choice('How it is spoken to.', 'IPMI', 'Redfish'),
    address: text('A name or an IP address.', 253, '^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$'),
    port: integer('Where it listens.', 1, 65_535),
  },
);

const fence = object(
  'There while the host is taken for dead. Fencing: its power is to be cut, and nothing is started on it. Fenced: whatever ran on it is dead for certain, so its VMs may start elsewhere; it goes when the host has booted anew and its agent answers.',
  {
    state: choice('How far it is.', 'Fencing', 'Fenced'),
    since: time('When it was decided.'),
    found: choice(
      'What its BMC said before anything was done. One that was off is left off: somebody may have switched it off on purpose.',
      'PoweredOn',
      'PoweredOff',
    ),
    bootID: optional(text('The boot that was cut off, as far as the agent had told of it.', 64)),
    proof: optional(text('Why it is certain, in words.', 256)),
  },
);

const spec = object('What the host should be. Its fields come with the capabilities that they steer.', {
  bmc: optional(bmc),
  maintenance: optional(defaulted(maintenance, {})),
  answers: optional(
    textsByName(
      'What names that are the same on all hosts mean on this one: the interface that an uplink is, such as uplink1: eth1.',
      64,
      15,
      '^[A-Za-z0-9][A-Za-z0-9._-]*$',
    ),
  ),
});

const switchHere = object('One DistributedSwitch, as this host has it.', {
  name: text('Its name.', 63),
  configuration: text('A hash of what is in force: of the switch and of all its ports here.', 64),
  ready: boolean('Whether what should be in force is.'),
  reason: optional(text('Why not, as one word for programs.', 64)),
  message: optional(text('Why not, in words for people.', 1024)),
  findings: optional(
    listOf(
      'What the health check found behind the uplinks.',
      object('One finding.', {
        uplink: text('The uplink.', 63),
        reason: text('What, as one word for programs.', 64),
        message: text('What, in words for people.', 1024),
      }),
      64,
    ),
  ),
});

const claim = object('Who has the host for a planned change: one at a time, the first wins. A claimed host receives no VMs.', {
  by: choice('What the change is.', 'Maintenance', 'Profile'),
  profile: optional(text('Of a Profile: the HostProfile for which the host is emptied.', 63)),
  since: time('When it was claimed.'),
  drain: optional(boolean('A kubectl drain was seen: it holds until the Node is uncordoned.')),
});

const lostDatastore = object('A datastore that the host does not reach.', {
  name: text('Its name.', 63),
  since: time('Since when.'),
});

const status = statusOf('What the host is. The agent writes inventory, switches and lostDatastores; the operator writes all else.', {
  phase: optional(
    choice(
      'For people, in a word. Evacuating: VMs are leaving, or should. Maintenance: it is empty, and is kept so.',
      'Pending',
      'Available',
      'NotReady',
      'Unknown',
      'Evacuating',
      'Maintenance',
      'Fenced',
    ),
  ),
  claim: optional(claim),
  profiles: optional(profilesHere),
  compliance: optional(compliance),
  fence: optional(fence),
  switches: optional(mapOf('Its switches, as its agent says.', switchHere, ['name'], 64)),
  lostDatastores: optional(
    mapOf('Datastores that it does not reach, as its agent says: it is no place for VMs with disks there.', lostDatastore, ['name'], 64),
  ),
  nodeUID: optional(text('The Node that it was last paired with.', 64)),
  inventory: optional(
    object('What the agent found.', {
      capacity: object('What guests can have.', {
        cores: integer('Processor threads.', 1, 4096),
        memory: quantity('Memory that is left to guests.'),
      }),
      cpu: optional(
        object('Its processors.', {
          baseline: baseline('The highest level of CPU features that they have, as the x86-64 psABI names it.'),
        }),
      ),
      agentVersion: text('The agent that says so.', 64),
      bootedAt: time('When the host came up.'),
      bootID: optional(text('Another one at each boot.', 64)),
    }),
  ),
});

export type Host = ObjectOf<typeof spec, typeof status>;
export type HostPhase = NonNullable<Static<typeof status>['phase']>;
export type HostClaim = Static<typeof claim>;
export type HostBmc = Static<typeof bmc>;
export type HostFence = Static<typeof fence>;
export type HostMaintenance = Static<typeof maintenance>;
export type LostDatastore = Static<typeof lostDatastore>;
export type HostSwitchStatus = Static<typeof switchHere>;
export type HostInventory = NonNullable<Static<typeof status>['inventory']>;

const notAs = '.status.compliance[?(@.state=="NonCompliant")]';

export const Host: KindDefinition<Host> = {
  group,
  version,
  kind: 'Host',
  plural: 'hosts',
  singular: 'host',
  shortName: 'hshost',
  namespaced: false,
  description: 'A machine that runs VMs; pairs with the Node of the same name. It stays when the Node is deleted, and says so.',
  spec,
  status,
  columns: [
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    { name: 'Cores', type: 'integer', jsonPath: '.status.inventory.capacity.cores' },
    { name: 'Memory', type: 'string', jsonPath: '.status.inventory.capacity.memory' },
    { name: 'CPU', type: 'string', jsonPath: '.status.inventory.cpu.baseline', priority: 1 },
    { name: 'Evacuated', type: 'string', jsonPath: '.status.conditions[?(@.type=="Evacuated")].reason', priority: 1 },
    { name: 'Not-As', type: 'string', jsonPath: `${notAs}.profile`, priority: 1, description: 'The first profile that it is not as.' },
    { name: 'Since', type: 'date', jsonPath: `${notAs}.since`, priority: 1 },
    { name: 'Why', type: 'string', jsonPath: `${notAs}.message`, priority: 1 },
    {
      name: 'Lost',
      type: 'string',
      jsonPath: '.status.lostDatastores[*].name',
      priority: 1,
      description: 'Datastores that it does not reach.',
    },
    { name: 'Agent', type: 'string', jsonPath: '.status.inventory.agentVersion', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
};

/** The Lease, in the system namespace, that the agent of a host renews. */
export function agentLeaseName(host: string): string {
  return `agent-${host}`;
}

/** Whether whatever ran on the host is dead for certain, and nothing is started there before its fence is lifted. */
export function isProvedDead(host: Pick<Host, 'status'> | undefined): boolean {
  return host?.status.fence?.state === 'Fenced';
}

/** Condition type of a Host, there while it is not heard: its agent answers the direct heartbeat. */
export const responding = 'Responding';

/** Condition type of a Host, there while it does not reach a datastore. */
export const datastoresReached = 'DatastoresReached';

/** Condition type of a Host, there while somebody asks for it to be empty: no VM is on it. */
export const evacuated = 'Evacuated';

/** Names the host on its guard: the Pod, in the system namespace, that kubectl drain evicts and waits for. */
export const guardLabel = 'hypersphere.io/guard';
/** On a guard until its host is empty. */
export const guardFinalizer = 'hypersphere.io/evacuated';
/** On a guard whose drain was lifted before the host was empty: who waits for it goes on waiting, and it asks for nothing any more. */
export const liftedAnnotation = 'hypersphere.io/drain-lifted';

/** On a VirtualMachineMigration that was made to empty a host: which. */
export const evacuatesAnnotation = 'hypersphere.io/evacuates';
/** On such a one: the VirtualMachineInstance that is to leave, by uid, and for the how manieth time that is tried. */
export const leavesAnnotation = 'hypersphere.io/leaves';
export const attemptAnnotation = 'hypersphere.io/attempt';
