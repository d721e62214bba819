import { nicName } from './address.ts';
import { group, labelSelector, statusOf, version } from './common.ts';
import type { KindDefinition, ObjectOf } from './kind.ts';
import { portPolicy } from './port-policy.ts';
import { choice, defaulted, durationWithin, integer, listOf, mapOf, name, object, optional, ruled, text, type Static } from './schema.ts';

const privateVlan = object(
  'One VLAN within another.',
  {
    primary: integer('The VLAN that it divides, as the wire knows it.', 1, 4094),
    secondary: integer('Its own number.', 1, 4094),
    type: choice(
      'Promiscuous: talks to all of the primary, and is it. Community: to its own kind and to the promiscuous. Isolated: to the promiscuous alone.',
      'Promiscuous',
      'Community',
      'Isolated',
    ),
  },
  [
    {
      rule: "(self.type == 'Promiscuous') == (self.primary == self.secondary)",
      message: 'the promiscuous VLAN is the primary itself, and only it is',
      fieldPath: '.secondary',
    },
  ],
);

const vmRef = (description: string) => object(description, { namespace: name('Its namespace.'), name: name('Its name.', 52) });

const mirror = object(
  'Copies of frames, for whoever watches.',
  {
    name: name('Unique within the switch.', 32),
    from: object(
      'Whose frames: exactly one of portGroup and virtualMachine.',
      {
        portGroup: optional(name('All ports of this group.', 253)),
        virtualMachine: optional(vmRef('All ports of this VM, or the one that network names.')),
        network: optional(nicName('Of the VM, this network alone.')),
      },
      [
        { rule: 'has(self.portGroup) != has(self.virtualMachine)', message: 'exactly one of portGroup and virtualMachine' },
        { rule: '!has(self.network) || has(self.virtualMachine)', message: 'a network is of a virtualMachine', fieldPath: '.network' },
      ],
    ),
    direction: choice("In the guest's directions.", 'Ingress', 'Egress', 'Both'),
    to: object('Where the copies go. The group of that port says mirrorDestination.', {
      virtualMachine: vmRef('The VM.'),
      network: nicName('Its network.'),
    }),
  },
  [
    {
      rule: '!has(self.from.virtualMachine) || self.from.virtualMachine.name != self.to.virtualMachine.name || self.from.virtualMachine.__namespace__ != self.to.virtualMachine.__namespace__ || (has(self.from.network) && self.from.network != self.to.network)',
      message: 'a port is not copied to itself',
      fieldPath: '.to',
    },
  ],
);

const spec = object('Which hosts have it, and what its ports inherit.', {
  hostSelector: labelSelector('Its Nodes, by their labels. Empty: all.'),
  engine: defaulted(
    ruled(text('Who switches: Default, or the name of a third party that the hosts know.', 63, '^[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?$'), {
      rule: 'self == oldSelf',
      message: 'a switch keeps its engine: make another',
    }),
    'Default',
  ),
  mtu: defaulted(integer('The largest frame without its Ethernet header, bytes.', 1280, 9216), 1500),
  uplinks: optional(
    object('Its ways out of a host. Absent: ports of a host talk among themselves.', {
      ports: ruled(
        listOf('Their names, in the order of preference. Host.spec.answers says which interface each is.', name('A name.', 63), 8),
        {
          rule: 'self.size() > 0 && self.all(one, self.exists_one(other, other == one))',
          message: 'must name at least one uplink, and each once',
        },
      ),
      teaming: defaulted(
        choice(
          'How several are used. ActiveStandby: the first that has a link. SourceMAC: by the MAC of who sends. LACP: as one, with the physical switch.',
          'ActiveStandby',
          'SourceMAC',
          'LACP',
        ),
        'ActiveStandby',
      ),
    }),
  ),
  overlay: defaulted(choice('How frames travel between hosts. None: as VLANs of the wire.', 'Geneve', 'VXLAN', 'None'), 'None'),
  privateVLANs: optional(
    ruled(
      mapOf('Private VLANs, by their secondary.', privateVlan, ['secondary'], 64),
      {
        rule: "self.all(one, one.type != 'Isolated' || self.exists_one(other, other.type == 'Isolated' && other.primary == one.primary))",
        message: 'a primary has at most one isolated VLAN',
      },
      {
        rule: 'self.all(one, one.primary == one.secondary || !self.exists(other, other.primary == one.secondary))',
        message: 'a VLAN is either a primary or a secondary of one',
      },
    ),
  ),
  policy: optional(portPolicy('What its groups inherit, and their ports from them, field by field.')),
  mirrors: optional(mapOf('Copies of frames, by name.', mirror, ['name'], 32)),
  flowExport: optional(
    object('Who is told of the flows.', {
      protocol: defaulted(choice('In which protocol.', 'IPFIX'), 'IPFIX'),
      collector: ruled(text('`address:port` of the collector.', 64, '^([0-9.]+|\\[[0-9a-f:.]+\\]):[1-9][0-9]{0,4}$'), {
        rule: "!self.matches(':[0-9]{1,5}$') || (isIP(self.substring(0, self.lastIndexOf(':')).replace('[', '').replace(']', '')) && int(self.substring(self.lastIndexOf(':') + 1)) <= 65535)",
        message: 'must be an address and a port, such as 192.0.2.10:4739',
      }),
      sampling: defaulted(integer('One frame in so many is looked at.', 1, 1_000_000), 1),
    }),
  ),
  healthCheck: optional(
    object('Looks at VLANs, MTU and teaming behind the uplinks. Absent: none.', {
      interval: defaulted(durationWithin('Between two looks.', '10s', '24h'), '1m'),
    }),
  ),
  rollback: defaulted(
    object('A host that a change cuts off goes back by itself to what it had.', {
      after: defaulted(durationWithin('How long it may be cut off.', '5s', '10m'), '30s'),
    }),
    {},
  ),
});

const status = statusOf('What it is.', {
  hosts: optional(
    object('Its hosts.', {
      desired: integer('Hosts whose Node hostSelector selects.', 0, 100_000),
      ready: integer('Of these, hosts that have it as it should be.', 0, 100_000),
    }),
  ),
  ports: optional(
    object('Its ports.', {
      used: integer('SwitchPorts; counted at most twice a minute.', 0, 10_000_000),
      total: integer('What its groups offer.', 0, 1_000_000_000),
    }),
  ),
});

export type DistributedSwitch = ObjectOf<typeof spec, typeof status>;
export type DistributedSwitchSpec = Static<typeof spec>;
export type DistributedSwitchStatus = Static<typeof status>;
export type Mirror = Static<typeof mirror>;
export type PrivateVlan = Static<typeof privateVlan>;

export const DistributedSwitch: KindDefinition<DistributedSwitch> = {
  group,
  version,
  kind: 'DistributedSwitch',
  plural: 'distributedswitches',
  singular: 'distributedswitch',
  shortName: 'hsdvs',
  namespaced: false,
  description: 'One virtual switch over many hosts: a port is the same on whichever of them its VM is.',
  spec,
  status,
  // Names of claims begin with it.
  maxNameLength: 63,
  columns: [
    { name: 'Hosts', type: 'integer', jsonPath: '.status.hosts.desired' },
    { name: 'Ready-Hosts', type: 'integer', jsonPath: '.status.hosts.ready' },
    { name: 'Ports', type: 'integer', jsonPath: '.status.ports.used' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
};

/** On a DistributedSwitch while it has groups, so that a delete waits for them. */
export const distributedSwitchFinalizer = 'hypersphere.io/distributed-switch';
