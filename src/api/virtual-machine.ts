import { ipAddress, macAddress, nicName } from './address.ts';
import { baseline } from './cpu.ts';
import { group, isolationResponses, labelSelector, statusOf, storageLosses, toleration, version } from './common.ts';
import type { KindDefinition, ObjectOf } from './kind.ts';
import { portPolicy } from './port-policy.ts';
import {
  boolean,
  byteQuantity,
  choice,
  defaulted,
  durationWithin,
  integer,
  labelKey,
  labels,
  listOf,
  mapOf,
  name,
  object,
  optional,
  quantity,
  setOf,
  text,
  time,
  type Static,
} from './schema.ts';

const affinityTerm = (description: string) =>
  object(description, {
    labelSelector: labelSelector('Which VMs of the same namespace it speaks of, by their labels.'),
    topologyKey: labelKey('The Node label whose equal values make one place, such as kubernetes.io/hostname.'),
    required: boolean('True: a host that breaks it is no target. False: a host that keeps it is preferred.'),
  });
export type AffinityTerm = Static<ReturnType<typeof affinityTerm>>;

const disk = object(
  'One disk. It is made at the first start and found again by its name whenever the VM is.',
  {
    name: name('Unique within the VM.', 32),
    size: byteQuantity('How large; it may only grow, which takes effect at once.', '1Mi', '64Ti'),
    datastore: optional(name('One of the host cluster. Absent: its first.')),
    whenRemoved: optional(
      choice('What becomes of the data when the disk leaves the VM, or the VM goes. Absent: Retain.', 'Retain', 'Delete'),
    ),
  },
  [
    {
      rule: 'has(self.datastore) == has(oldSelf.datastore) && (!has(self.datastore) || self.datastore == oldSelf.datastore)',
      message: 'a disk stays on its datastore',
      fieldPath: '.datastore',
    },
    {
      rule: 'quantity(string(self.size)).compareTo(quantity(string(oldSelf.size))) >= 0',
      message: 'a disk may only grow',
      fieldPath: '.size',
    },
  ],
);

const network = object('One NIC. Its MAC and its addresses are assigned, and stay the same for life: status.networks.', {
  name: nicName('Unique within the VM.'),
  portGroup: name('The PortGroup that its port is of; it must admit the namespace.', 253),
  policy: optional(portPolicy('What differs from the group, field by field.')),
});

export const placementSchema = object('Where the VM may run, as the words of a Pod mean it, over Nodes.', {
  nodeSelector: optional(labels('Labels that the Node must have.')),
  affinity: optional(listOf('VMs to be near to.', affinityTerm('A group of VMs to be near to.'), 16)),
  antiAffinity: optional(listOf('VMs to be away from.', affinityTerm('A group of VMs to be away from.'), 16)),
  tolerations: optional(listOf('Taints of the host that the VM puts up with.', toleration, 32)),
});

const startAfter = object('A VM to wait for at each start.', {
  virtualMachine: name('Its name, in the same namespace.', 52),
  until: optional(
    choice('PoweredOn: its processors run. GuestAlive: its guest has shown a heartbeat. Absent: GuestAlive.', 'PoweredOn', 'GuestAlive'),
  ),
  timeout: optional(
    durationWithin('How long it is waited for; then the VM starts without it, and an event says so. Absent: 5m.', '1s', '24h'),
  ),
});

const availability = object('What may be done to the VM for the sake of its host.', {
  restartPriority: optional(
    choice(
      'When its host has died: those of higher priority are placed and started first. Disabled: it waits until its host is back. Absent: Medium.',
      'Disabled',
      'Lowest',
      'Low',
      'Medium',
      'High',
      'Highest',
    ),
  ),
  startAfter: optional(
    mapOf(
      'VMs that start before this one, by name: it waits for them at each of its starts, whoever asked for it. One that runs never stops for it. VMs that wait for each other start never: Stalled says StartCycle.',
      startAfter,
      ['virtualMachine'],
      16,
    ),
  ),
  isolationResponse: optional(
    choice(
      "What its host does with it when that is isolated; see the HostCluster's spec.availability.isolationResponse, which holds where this is absent.",
      ...isolationResponses,
    ),
  ),
  storageLoss: optional(
    choice(
      "What its host does with it when that has lost a datastore of its disks; see the HostCluster's spec.availability.storageLoss, which holds where this is absent.",
      ...storageLosses,
    ),
  ),
  guestMonitoring: optional(
    object(
      'Resets its guest when it hangs: when for an interval it shows no heartbeat, sends nothing, and none of its disk requests is done. Absent: it is not watched.',
      {
        interval: optional(durationWithin('How long nothing is to be seen of it. Absent: 30s.', '15s', '1h')),
        minimumUptime: optional(durationWithin('How long it has been watched at least since its start. Absent: 120s.', '0s', '24h')),
        maxResets: optional(
          integer('How often it is reset within resetWindow; then it is left as it is, and GuestAlive says so. Absent: 3.', 1, 10),
        ),
        resetWindow: optional(durationWithin('Absent: 1h.', '1m', '168h')),
      },
    ),
  ),
  evacuation: defaulted(
    choice(
      'When its host is to be empty. LiveMigrate: it moves while it runs. PowerOff: it is powered off and starts on another host. Block: it stays, and the host says so.',
      'LiveMigrate',
      'PowerOff',
      'Block',
    ),
    'LiveMigrate',
  ),
});

const spec = object('What the VM should be.', {
  hostCluster: optional(
    name(
      'The HostCluster it belongs to. May be left out where there is exactly one. Fixed once the VM is placed: to run elsewhere, make another.',
      253,
    ),
  ),
  powerState: defaulted(choice('What it should be doing.', 'PoweredOn', 'PoweredOff', 'Suspended'), 'PoweredOn'),
  nextRestartTime: optional(time('Restarts the VM once, at this time or, when it has passed, now. Set a later time for another restart.')),
  cpu: defaulted(
    object('Processors.', {
      cores: defaulted(integer('Virtual processors. A change needs a restart.', 1, 512), 1),
      reservation: optional(quantity('How much of a processor is kept free for it on its host, such as 500m.')),
      baseline: optional(
        baseline(
          'The CPU features that the guest may see: a host that lacks them is no target. Absent: the highest level that all hosts of its HostCluster have when it starts. A change needs a restart.',
        ),
      ),
    }),
    {},
  ),
  memory: object(
    'Memory.',
    {
      size: byteQuantity('What the guest sees. A change needs a restart.', '1Mi', '64Ti'),
      reservation: optional(byteQuantity('How much of it is never shared. Memory is counted in full all the same.', '1', '64Ti')),
    },
    [
      {
        rule: '!has(self.reservation) || quantity(string(self.reservation)).compareTo(quantity(string(self.size))) <= 0',
        message: 'no more can be reserved than there is: lower it, or raise size',
        fieldPath: '.reservation',
      },
    ],
  ),
  disks: optional(
    mapOf(
      'Disks, by name. One that comes or goes while the VM runs waits for a restart, and RestartRequired says so; what becomes of the data of one that goes, its whenRemoved says.',
      disk,
      ['name'],
      32,
    ),
  ),
  networks: optional(
    mapOf(
      'NICs, by name. One that comes, goes or changes its group while the VM runs waits for a restart, and RestartRequired says so; a policy is in force at once.',
      network,
      ['name'],
      10,
    ),
  ),
  placement: optional(placementSchema),
  availability: optional(defaulted(availability, {})),
});

const status = statusOf('What the VM is.', {
  phase: optional(
    choice(
      'For people, in a word.',
      'Pending',
      'Starting',
      'Running',
      'Suspending',
      'Suspended',
      'Stopping',
      'PoweredOff',
      'Unknown',
      'Deleting',
    ),
  ),
  nodeName: optional(text('The host that it runs or is suspended on.', 253)),
  instance: optional(text('Its VirtualMachineInstance.', 253)),
  hostCluster: optional(text('The HostCluster that it was placed in.', 253)),
  arbiter: optional(
    object('Who decides that it may live, from its first start on: the lease on its shared datastore, or a Lease of the API.', {
      datastore: optional(text('The shared datastore.', 63)),
      lease: optional(text('The Lease, in the same namespace.', 253)),
    }),
  ),
  incarnation: optional(integer('How many instances it has had.', 0, Number.MAX_SAFE_INTEGER)),
  startWaitsSince: optional(time('Since when it has waited for the VMs of spec.availability.startAfter; there until it starts.')),
  lastRestartTime: optional(time('The nextRestartTime that was last carried out.')),
  lastGuestReset: optional(time('When its guest was last reset because it hung.')),
  disks: optional(
    mapOf(
      'Disks that have been made, those that left the spec and wait to be deleted included.',
      object('One disk.', {
        name: text('Its name.', 32),
        datastore: text('Where it is.', 63),
        nodeName: optional(text('The host that has it, when the datastore is local.', 253)),
        size: quantity('How large it is.'),
        whenRemoved: choice('What becomes of it.', 'Retain', 'Delete'),
      }),
      ['name'],
      64,
    ),
  ),
  networks: optional(
    mapOf(
      'Its NICs, as assigned.',
      object('One NIC.', {
        name: text('Its name.', 15),
        port: text('Its SwitchPort, in the same namespace.', 253),
        macAddress: macAddress('What it is called, for life.'),
        addresses: setOf('What it was given, for life.', ipAddress('An address.'), 4),
      }),
      ['name'],
      10,
    ),
  ),
});

export type VirtualMachine = ObjectOf<typeof spec, typeof status>;
export type VirtualMachineSpec = Static<typeof spec>;
export type VirtualMachineStatus = Static<typeof status>;
export type Disk = Static<typeof disk>;
export type Network = Static<typeof network>;
export type PlacementSpec = Static<typeof placementSchema>;

export const VirtualMachine: KindDefinition<VirtualMachine> = {
  group,
  version,
  kind: 'VirtualMachine',
  plural: 'virtualmachines',
  singular: 'virtualmachine',
  shortName: 'hsvm',
  namespaced: true,
  description: 'A virtual machine.',
  spec,
  status,
  maxNameLength: 52,
  rules: [
    {
      rule: '!has(self.spec.hostCluster) || !has(oldSelf.status) || !has(oldSelf.status.hostCluster) || self.spec.hostCluster == oldSelf.status.hostCluster || (has(oldSelf.spec.hostCluster) && self.spec.hostCluster == oldSelf.spec.hostCluster)',
      message: 'a VM stays in the HostCluster that it was placed in (status.hostCluster): make another VM to run elsewhere',
      fieldPath: '.spec.hostCluster',
    },
  ],
  columns: [
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Host', type: 'string', jsonPath: '.status.nodeName' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', priority: 1 },
    { name: 'Cores', type: 'integer', jsonPath: '.spec.cpu.cores', priority: 1 },
    { name: 'Memory', type: 'string', jsonPath: '.spec.memory.size', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  selectableFields: ['.spec.hostCluster', '.status.nodeName'],
};

/** On a VM from before its first instance until its last is gone, so that a delete waits for them. */
export const virtualMachineFinalizer = 'hypersphere.io/virtual-machine';

/** Condition types of a VirtualMachine, besides Ready and Stalled. */
export const placed = 'Placed';
export const guestAlive = 'GuestAlive';
export const restartRequired = 'RestartRequired';
/** There on a VM that has networks, and on none else. */
export const networkReady = 'NetworkReady';

/** `whenRemoved`, its default filled in. */
export function whenRemovedOf(item: Disk): 'Retain' | 'Delete' {
  return item.whenRemoved ?? 'Retain';
}

export type RestartPriority = NonNullable<Static<typeof availability>['restartPriority']>;

/** What comes first when a host has died, its default filled in. */
export function restartPriorityOf({ spec: { availability: said } }: Pick<VirtualMachine, 'spec'>): RestartPriority {
  return said?.restartPriority ?? 'Medium';
}

export type Evacuation = Static<typeof availability>['evacuation'];

/** How it leaves a host that is to be empty, its default filled in. */
export function evacuationOf({ spec: { availability: said } }: Pick<VirtualMachine, 'spec'>): Evacuation {
  return said?.evacuation ?? 'LiveMigrate';
}

export type StartAfter = Static<typeof startAfter>;

/** Whom it waits for at each start. */
export function startAfterOf({ spec: { availability: said } }: Pick<VirtualMachine, 'spec'>): readonly StartAfter[] {
  return said?.startAfter ?? [];
}
