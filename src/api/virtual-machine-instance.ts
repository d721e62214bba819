import { ipAddress, macAddress, nicName } from './address.ts';
import { baseline } from './cpu.ts';
import { group, isolationResponses, statusOf, storageLosses, version } from './common.ts';
import type { KindDefinition, ObjectOf } from './kind.ts';
import { portCounters, portPolicy } from './port-policy.ts';
import {
  boolean,
  byteQuantity,
  choice,
  duration,
  integer,
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
import { protectionMode } from './ft-pair.ts';
import { moveMode } from './virtual-machine-migration.ts';

const volume = object('One disk of the VM, its datastore resolved.', {
  name: name('Its name within the VM.', 32),
  datastore: name('Where it is.'),
  size: quantity('How large it should be; the agent grows it.'),
});

const network = object(
  'One NIC: who it is, and what its own port adds to the policy of switch and group.',
  {
    name: nicName('Its name within the VM.'),
    port: name('Its SwitchPort, in the same namespace.', 253),
    switch: name('The DistributedSwitch.', 63),
    portGroup: name('The PortGroup.', 253),
    macAddress: macAddress('What it is called.'),
    addresses: setOf('What it was given.', ipAddress('An address.'), 4),
    blocked: boolean('Nothing passes, either way: its group does not admit the namespace.'),
    policy: optional(portPolicy('What differs from the group, field by field.')),
    counters: optional(object('What its port counted where it was before; it goes on from there.', portCounters)),
  },
  [
    {
      rule: 'self.port == oldSelf.port && self.switch == oldSelf.switch && self.portGroup == oldSelf.portGroup && self.macAddress == oldSelf.macAddress && self.addresses == oldSelf.addresses',
      message: 'a NIC keeps its identity while it lives',
    },
  ],
);

const spec = object(
  'One life of a VM on one host. Written by the operator alone; the agent of the host carries it out.',
  {
    virtualMachine: text('The VM, in the same namespace.', 253),
    virtualMachineUID: text("The VM's uid: what starts under a new VM of an old name is another's.", 64),
    incarnation: integer('Counts the lives of the VM.', 1, Number.MAX_SAFE_INTEGER),
    hostCluster: name('The HostCluster whose datastores are meant.', 253),
    nodeName: text('The host.', 253),
    powerState: choice(
      'What the guest should be doing. To power it off the instance is deleted. Released: it runs no more, or never did, and the agent only carries out removeDisks.',
      'PoweredOn',
      'Suspended',
      'Released',
    ),
    arbiter: object(
      'Who decides that this VM may live: exactly one.',
      {
        datastore: optional(name('The lease on this shared datastore, on which all its disks are.')),
        lease: optional(text('The Lease of this name, in the same namespace.', 253)),
      },
      [{ rule: 'has(self.datastore) != has(self.lease)', message: 'exactly one of datastore and lease' }],
    ),
    cpu: object('Processors.', {
      cores: integer('How many.', 1, 512),
      reservation: optional(quantity('What is kept free.')),
      baseline: optional(baseline('The CPU features that the guest sees. Absent: those of its host.')),
    }),
    memory: object('Memory.', { size: quantity('What the guest sees.'), reservation: optional(quantity('What is never shared.')) }),
    disks: optional(mapOf('Disks, by name.', volume, ['name'], 32)),
    networks: optional(mapOf('NICs, by name.', network, ['name'], 10)),
    origin: optional(
      object(
        "It takes the VM over from a life that runs: its guest is made of that one's memory, and it is given the arbiter, never takes it.",
        {
          migration: text('The VirtualMachineMigration, in the same namespace.', 253),
          instance: text('The instance that it takes over from.', 253),
          instanceUID: text("That instance's uid.", 64),
          since: optional(time('When the life that it goes on with began.')),
        },
      ),
    ),
    responses: optional(
      object('What its agent does with it by itself when the host is cut off, also without the API.', {
        isolation: optional(
          choice('When the host hears no other, and none of isolationAddresses answers. Absent: LeaveOn.', ...isolationResponses),
        ),
        isolationAddresses: optional(setOf('What answers as long as the host is not cut off.', ipAddress('An address.'), 10)),
        storageLoss: optional(choice('When the host does not reach a datastore of its disks. Absent: PowerOff.', ...storageLosses)),
      }),
    ),
    guestMonitoring: optional(
      object('When its agent resets its guest, as the VM asks. Absent: never.', {
        interval: duration('How long nothing is to be seen of it.'),
        minimumUptime: duration('How long it has been watched at least since its start.'),
        maxResets: integer('How often it is reset within resetWindow.', 1, 10),
        resetWindow: duration('Within which resets count.'),
      }),
    ),
    replaces: optional(
      setOf(
        'Instances (uid) that died with their hosts, as fencing has proved: who of them holds the arbiter gives it up to this one.',
        text('A uid.', 64),
        32,
      ),
    ),
    wakes: optional(
      boolean(
        'Its guest goes on from the memory file that one of those whom it replaces left, once; where there is none for certain, from its disks.',
      ),
    ),
    shadowOf: optional(
      object('It stands by for a life that runs: its guest is kept in step with that one, and takes the VM over when that one dies.', {
        pair: text('The FTPair, in the same namespace.', 253),
        instance: text('The instance that it stands by for.', 253),
        instanceUID: text("That instance's uid.", 64),
        since: optional(time('When the life that it goes on with began.')),
      }),
    ),
    shadow: optional(
      object('The one that stands by for it. Taken away: it goes on alone.', {
        pair: text('The FTPair, in the same namespace.', 253),
        instance: text('The instance that stands by.', 253),
        instanceUID: text("That instance's uid.", 64),
        nodeName: text('The host of that instance.', 253),
        endpoint: text('Where its state is to be sent.', 1024),
        mode: protectionMode,
        interval: duration('From one checkpoint to the next.'),
        yield: optional(boolean('It is to die, as a test.')),
      }),
    ),
    moveTo: optional(
      object('Where its guest is to go. Taken away: it stays, unless it was handed over by then.', {
        migration: text('The VirtualMachineMigration, in the same namespace.', 253),
        instance: text('The instance that takes over.', 253),
        instanceUID: text("That instance's uid.", 64),
        nodeName: text('The host of that instance.', 253),
        endpoint: text('Where its memory is to be sent.', 1024),
        mode: moveMode,
        bandwidth: optional(quantity('At most so many bit/s.')),
      }),
    ),
    removeDisks: optional(
      setOf('Disks to be removed, data and all, of an instance that is Released: `datastore/name`.', text('`datastore/name`.', 96), 64),
    ),
  },
  [
    {
      rule: 'self.virtualMachine == oldSelf.virtualMachine && self.virtualMachineUID == oldSelf.virtualMachineUID && self.incarnation == oldSelf.incarnation',
      message: 'an instance is one life of one VM',
      fieldPath: '.virtualMachine',
    },
    {
      rule: 'has(self.origin) == has(oldSelf.origin) && (!has(self.origin) || self.origin == oldSelf.origin)',
      message: 'an instance keeps its origin',
      fieldPath: '.origin',
    },
    {
      rule: 'has(self.replaces) == has(oldSelf.replaces) && (!has(self.replaces) || self.replaces == oldSelf.replaces)',
      message: 'whom it replaces was proved before it was made',
      fieldPath: '.replaces',
    },
    {
      rule: 'has(self.wakes) == has(oldSelf.wakes) && (!has(self.wakes) || self.wakes == oldSelf.wakes)',
      message: 'what it began from was known before it was made',
      fieldPath: '.wakes',
    },
    {
      rule: 'has(self.shadowOf) == has(oldSelf.shadowOf) && (!has(self.shadowOf) || self.shadowOf == oldSelf.shadowOf)',
      message: 'an instance keeps whom it stands by for',
      fieldPath: '.shadowOf',
    },
    { rule: 'self.nodeName == oldSelf.nodeName', message: 'an instance stays on its host', fieldPath: '.nodeName' },
    { rule: 'self.arbiter == oldSelf.arbiter', message: 'an instance keeps its arbiter', fieldPath: '.arbiter' },
    {
      rule: 'self.cpu.cores == oldSelf.cpu.cores && has(self.cpu.baseline) == has(oldSelf.cpu.baseline) && (!has(self.cpu.baseline) || self.cpu.baseline == oldSelf.cpu.baseline)',
      message: 'needs another instance',
      fieldPath: '.cpu',
    },
    {
      rule: 'has(self.networks) == has(oldSelf.networks) && (!has(self.networks) || (self.networks.size() == oldSelf.networks.size() && self.networks.all(one, oldSelf.networks.exists(old, old.name == one.name))))',
      message: 'needs another instance',
      fieldPath: '.networks',
    },
    { rule: 'string(self.memory.size) == string(oldSelf.memory.size)', message: 'needs another instance', fieldPath: '.memory' },
  ],
);

const status = statusOf('What the guest is, as its agent says.', {
  phase: optional(
    choice(
      'For people, in a word. Incoming: its memory arrives. Shadow: it stands by for another instance. Moved: its guest was handed over to another instance.',
      'Pending',
      'Incoming',
      'Shadow',
      'Starting',
      'Running',
      'Moved',
      'Suspending',
      'Suspended',
      'Stopping',
      'Stopped',
      'Released',
    ),
  ),
  endpoint: optional(text('Where its memory may be sent, while it is Incoming.', 1024)),
  transfer: optional(
    object('How far its guest has gone to spec.moveTo.', {
      instanceUID: text('The instance that it goes to.', 64),
      stage: choice(
        'Copying: it runs here. SwitchingOver: it stands still. Arriving: it runs there, and its memory follows. Done: nothing is needed here any more. Failed: it goes on here, or, where message says so, nowhere.',
        'Copying',
        'SwitchingOver',
        'Arriving',
        'Done',
        'Failed',
      ),
      percent: integer('Of what has to be sent, as known now.', 0, 100),
      remaining: byteQuantity('What is left to be sent, rounded.', '0', '64Ti'),
      estimated: optional(duration('How long that takes at the present rates. Absent: it does not come nearer.')),
      postCopy: optional(boolean('It was switched over before its memory was sent.')),
      downtime: optional(duration('How long it stood still.')),
      reason: optional(text('Why it failed, as one word for programs.', 64)),
      message: optional(text('Why it failed, in words for people.', 1024)),
    }),
  ),
  protection: optional(
    object('How it stands with its shadow, or with the one that it stands by for.', {
      instanceUID: text('The other one.', 64),
      stage: choice(
        'Synchronising: its memory is sent. InStep: the shadow could go on. Alone: the other one is gone, or not wanted any more, and this one has the VM. Live: it stood by, and has the VM now. Refused: it stood by, and the other one has the VM for good.',
        'Synchronising',
        'InStep',
        'Alone',
        'Live',
        'Refused',
      ),
      blackout: optional(duration('From the last state that it went on from until it did.')),
    }),
  ),
  startedAt: optional(time('When the guest was last started or resumed.')),
  resets: optional(listOf('When its guest was reset because it hung, the latest ones.', time('A reset.'), 10)),
  networks: optional(
    mapOf(
      'What its ports had counted when it stopped or moved.',
      object('One NIC.', { name: text('Its name within the VM.', 15), ...portCounters }),
      ['name'],
      10,
    ),
  ),
});

export type VirtualMachineInstance = ObjectOf<typeof spec, typeof status>;
export type VirtualMachineInstanceSpec = Static<typeof spec>;
export type VirtualMachineInstanceStatus = Static<typeof status>;
export type GuestMonitoring = NonNullable<VirtualMachineInstanceSpec['guestMonitoring']>;
export type Responses = NonNullable<VirtualMachineInstanceSpec['responses']>;
export type InstanceNetwork = Static<typeof network>;

export const VirtualMachineInstance: KindDefinition<VirtualMachineInstance> = {
  group,
  version,
  kind: 'VirtualMachineInstance',
  plural: 'virtualmachineinstances',
  singular: 'virtualmachineinstance',
  shortName: 'hsvmi',
  namespaced: true,
  description: 'One incarnation of a VirtualMachine on one host. Made and removed by the operator, carried out by the agent of the host.',
  spec,
  status,
  columns: [
    { name: 'VM', type: 'string', jsonPath: '.spec.virtualMachine' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Host', type: 'string', jsonPath: '.spec.nodeName' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  selectableFields: ['.spec.nodeName', '.spec.virtualMachine'],
};

/** On an instance from its creation until its agent knows that the guest is dead and its arbiter free. */
export const guestFinalizer = 'hypersphere.io/guest';

/**
 * On an instance of a VM with disks that are to be removed some day, until the operator knows that none is now, or that they are gone. It
 * keeps the instance as the place where the removal is asked for: in a namespace that is being deleted nothing else can be made for it.
 */
export const disksFinalizer = 'hypersphere.io/disks';

/** Reason of an instance's Ready: its host does not reach a datastore that it needs, and its agent has ended its guest, or cannot give up its arbiter. */
export const storageLost = 'StorageLost';
