import { bounds, cidr, ifRanges, ipAddress, range } from './address.ts';
import { group, labelSelector, statusOf, version } from './common.ts';
import type { KindDefinition, ObjectOf } from './kind.ts';
import { portPolicy } from './port-policy.ts';
import {
  boolean,
  choice,
  defaulted,
  durationWithin,
  integer,
  listOf,
  name,
  object,
  optional,
  ruled,
  type Rule,
  type Static,
} from './schema.ts';

const [one, other] = [bounds('one'), bounds('other')];

const vlan = object(
  'Where its frames are: exactly one of id, trunk and private.',
  {
    id: optional(integer('A VLAN; 0: frames carry no tag on the wire either.', 0, 4094)),
    trunk: optional(
      ruled(
        listOf('The guest tags its frames itself, within these.', range('A VLAN or a range of them: 10, 100-199.', 4), 32),
        { rule: 'self.size() > 0', message: 'must name at least one VLAN' },
        {
          rule: ifRanges(`self.all(one, ${one.first} >= 1 && ${one.first} <= ${one.last} && ${one.last} <= 4094)`),
          message: 'ranges go from a lower VLAN to a higher one, within 1 to 4094',
        },
        {
          rule: ifRanges(`self.all(one, self.exists_one(other, ${one.first} <= ${other.last} && ${other.first} <= ${one.last}))`),
          message: 'ranges must not overlap',
        },
      ),
    ),
    private: optional(integer('A private VLAN of the switch, by its secondary; the primary: promiscuous.', 1, 4094)),
  },
  [
    {
      rule: '[has(self.id), has(self.trunk), has(self.private)].filter(there, there).size() == 1',
      message: 'exactly one of id, trunk and private',
    },
  ],
);

const matched = (description: string) =>
  object(
    description,
    {
      protocol: choice('Any: every one, also what is no IP.', 'TCP', 'UDP', 'ICMP', 'Any'),
      ports: optional(
        ruled(listOf('Of the destination; absent: all.', range('A port or a range of them: 443, 8000-8099.', 5), 16), {
          rule: ifRanges(`self.all(one, ${one.first} >= 1 && ${one.first} <= ${one.last} && ${one.last} <= 65535)`),
          message: 'ranges go from a lower port to a higher one, within 1 to 65535',
        }),
      ),
      peers: optional(listOf('The other side; absent: everybody.', cidr('Its network.'), 16)),
    },
    [
      {
        rule: "!has(self.ports) || self.protocol == 'TCP' || self.protocol == 'UDP'",
        message: 'only TCP and UDP have ports',
        fieldPath: '.ports',
      },
    ],
  );

const firewallRule = object(
  'One rule: exactly one of allow and deny.',
  {
    name: name('Unique within the group.', 63),
    direction: choice("The guest's: Ingress comes to it, Egress leaves it.", 'Ingress', 'Egress'),
    allow: optional(matched('What passes.')),
    deny: optional(matched('What does not.')),
  },
  [{ rule: 'has(self.allow) != has(self.deny)', message: 'exactly one of allow and deny' }],
);

/** CEL: how many bits of the pool tell its addresses apart. */
const hostBits = '((cidr(self.pool).ip().family() == 4 ? 32 : 128) - cidr(self.pool).prefixLength())';

const addresses = object(
  'Addresses that its ports are given, for life.',
  {
    pool: ruled(cidr('The network that they are of. Network and broadcast address are not given.'), {
      rule: '!isCIDR(self) || cidr(self) == cidr(self).masked()',
      message: 'must be a network: the bits behind its prefix are 0, as in 10.0.10.0/24',
    }),
    gateway: optional(ipAddress('An address of the pool that is not given.')),
    rest: defaulted(
      durationWithin('How long a freed address is given to nobody but the port of the name that had it.', '30s', '720h'),
      '10m',
    ),
  },
  [
    {
      rule: '!isCIDR(self.pool) || (cidr(self.pool).ip().family() == 4 ? cidr(self.pool).prefixLength() >= 8 && cidr(self.pool).prefixLength() <= 30 : cidr(self.pool).prefixLength() >= 32 && cidr(self.pool).prefixLength() <= 126)',
      message: 'must be as large as a /30 and no larger than a /8, or of IPv6 from a /126 to a /32',
      fieldPath: '.pool',
    },
    {
      rule: '!has(self.gateway) || !isCIDR(self.pool) || !isIP(self.gateway) || cidr(self.pool).containsIP(self.gateway)',
      message: 'must be an address of the pool',
      fieldPath: '.gateway',
    },
    {
      rule: "!has(self.gateway) || !self.pool.startsWith(self.gateway + '/')",
      message: 'the first address of a pool is the network itself',
      fieldPath: '.gateway',
    },
  ],
);

const sizes = `[${Array.from({ length: 15 }, (_, bits) => String(2 ** bits)).join(', ')}]`;

/** Ports that there are when spec.ports is left out. */
export const defaultPorts = 128;

const rules: readonly Rule[] = [
  { rule: 'self.switch == oldSelf.switch', message: 'a group stays on its switch: make another', fieldPath: '.switch' },
  {
    rule: "self.binding != 'Ephemeral' || !has(self.ports)",
    message: 'Ephemeral ports are not counted: leave ports out',
    fieldPath: '.ports',
  },
  {
    rule: "self.binding != 'Ephemeral' || !has(self.autoExpand)",
    message: 'Ephemeral ports are not counted: leave autoExpand out',
    fieldPath: '.autoExpand',
  },
  {
    rule: `self.binding == 'Ephemeral' || !has(self.autoExpand) || self.autoExpand || !has(self.addresses) || !isCIDR(self.addresses.pool) || ${hostBits.replaceAll('self.pool', 'self.addresses.pool')} > 14 || ${hostBits.replaceAll('self.pool', 'self.addresses.pool')} < 2 || ${sizes}[${hostBits.replaceAll('self.pool', 'self.addresses.pool')}] - 2 - (has(self.addresses.gateway) ? 1 : 0) >= (has(self.ports) ? self.ports : ${String(defaultPorts)})`,
    message: 'the pool has fewer addresses than there are ports: make it larger, lower ports, or let autoExpand be true',
    fieldPath: '.addresses.pool',
  },
  {
    rule: '!has(self.mirrorDestination) || !self.mirrorDestination || !has(self.firewall) || self.firewall.size() == 0',
    message: 'a group for copies of frames has no firewall',
    fieldPath: '.firewall',
  },
];

const spec = object(
  'What its ports do, and who may have one.',
  {
    switch: name('The DistributedSwitch.', 63),
    namespaceSelector: optional(labelSelector('Namespaces whose VMs may have a port, by their labels. Absent: none. Empty: all.')),
    vlan,
    binding: defaulted(
      choice(
        'When a NIC has a port. Static: from its first to its last day. Dynamic: while its VM is to run. Ephemeral: as Dynamic, and not counted.',
        'Static',
        'Dynamic',
        'Ephemeral',
      ),
      'Static',
    ),
    ports: optional(integer(`How many there are. Absent: ${String(defaultPorts)}.`, 1, 10_000)),
    autoExpand: optional(boolean('Whether there are more when they are used up. Absent: true.')),
    addresses: optional(addresses),
    mirrorDestination: defaulted(boolean("Its ports may be given copies of others' frames, and send none."), false),
    firewall: optional(
      ruled(
        listOf(
          'In order, the first that matches decides. A direction without rules lets all pass; one with rules denies what matches none. What belongs to a connection that was let through passes.',
          firewallRule,
          64,
        ),
        {
          rule: 'self.all(one, self.exists_one(other, other.name == one.name))',
          message: 'names must be unique',
          reason: 'FieldValueDuplicate',
        },
      ),
    ),
    policy: optional(portPolicy('What differs from the switch, field by field; ports inherit it.')),
  },
  rules,
);

const status = statusOf('What it is.', {
  ports: optional(
    object('Its ports.', {
      used: integer('SwitchPorts; counted at most twice a minute.', 0, 10_000_000),
      total: optional(integer('How many there are, those that autoExpand added included. Absent: they are not counted.', 0, 10_000_000)),
    }),
  ),
  addresses: optional(
    object('Its addresses.', {
      used: integer('Given to ports; counted at most twice a minute.', 0, 10_000_000),
      resting: integer('Freed, and not given yet.', 0, 10_000_000),
      total: integer('How many the pool can give.', 0, Number.MAX_SAFE_INTEGER),
    }),
  ),
});

export type PortGroup = ObjectOf<typeof spec, typeof status>;
export type PortGroupSpec = Static<typeof spec>;
export type PortGroupStatus = Static<typeof status>;
export type PortGroupVlan = Static<typeof vlan>;
export type PortGroupRule = Static<typeof firewallRule>;
export type PoolSpec = Static<typeof addresses>;

export const PortGroup: KindDefinition<PortGroup> = {
  group,
  version,
  kind: 'PortGroup',
  plural: 'portgroups',
  singular: 'portgroup',
  shortName: 'hspg',
  namespaced: false,
  description: 'Ports of a switch that do the same: in which VLAN, with which addresses, for whom.',
  spec,
  status,
  columns: [
    { name: 'Switch', type: 'string', jsonPath: '.spec.switch' },
    { name: 'Used', type: 'integer', jsonPath: '.status.ports.used' },
    { name: 'Ports', type: 'integer', jsonPath: '.status.ports.total' },
    { name: 'Pool', type: 'string', jsonPath: '.spec.addresses.pool' },
    { name: 'Binding', type: 'string', jsonPath: '.spec.binding', priority: 1 },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  selectableFields: ['.spec.switch'],
};

/** On a PortGroup while it has ports, so that a delete waits for them. */
export const portGroupFinalizer = 'hypersphere.io/port-group';
