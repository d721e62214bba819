/** Manifests of networks that no control plane may take. */

type Bad = readonly [what: string, object: object, field: string, code?: 400 | 422];
type BadChange = readonly [what: string, before: object, object: object, field: string];

const of = (kind: string, spec: object, metadata: object = {}): object => ({
  apiVersion: 'hypersphere.io/v1alpha1',
  kind,
  metadata: { name: 'bad', ...metadata },
  spec,
});
const dvs = (spec: object, metadata: object = {}): object => of('DistributedSwitch', { hostSelector: {}, ...spec }, metadata);
const group = (spec: object): object => of('PortGroup', { switch: 'prod', vlan: { id: 10 }, ...spec });
const vm = (networks: unknown): object => of('VirtualMachine', { memory: { size: '1Gi' }, networks }, { namespace: 'default' });
const port = (spec: object): object =>
  of('SwitchPort', { virtualMachine: 'x', network: 'eth0', switch: 'prod', portGroup: 'web', ...spec }, { namespace: 'default' });
const claim = (spec: object): object =>
  of('AddressClaim', { switch: 'prod', portGroup: 'web', port: { namespace: 'shop', name: 'web-1.eth0', uid: 'u' }, ...spec });
const host = (spec: object): object => of('Host', spec);
const nic = (more: object): object => ({
  name: 'eth0',
  port: 'x.eth0',
  switch: 'prod',
  portGroup: 'web',
  macAddress: '02:00:00:00:00:01',
  addresses: [],
  blocked: false,
  ...more,
});
const instance = (networks: unknown): object =>
  of(
    'VirtualMachineInstance',
    {
      virtualMachine: 'x',
      virtualMachineUID: 'u',
      incarnation: 1,
      hostCluster: 'main',
      nodeName: 'nowhere',
      powerState: 'PoweredOn',
      arbiter: { lease: 'l' },
      cpu: { cores: 1 },
      memory: { size: '1Gi' },
      networks,
    },
    { namespace: 'default' },
  );
const shaping = (ingress: object): object => dvs({ policy: { shaping: { ingress } } });
const privateVlan = (secondary: number, type: string, primary = 100): object => ({ primary, secondary, type });
const mirror = (more: object): object => ({
  name: 'ids',
  from: { portGroup: 'web' },
  direction: 'Both',
  to: { virtualMachine: { namespace: 'shop', name: 'ids' }, network: 'eth1' },
  ...more,
});
const pool = (more: object, rest: object = {}): object => group({ addresses: { pool: '10.0.10.0/24', ...more }, ...rest });
const wall = (...rules: object[]): object => group({ firewall: rules });
const rule = (more: object): object => ({ name: 'a', direction: 'Ingress', ...more });

export const badNetworks: readonly Bad[] = [
  ['a switch without hosts', of('DistributedSwitch', {}), 'spec.hostSelector'],
  ['a switch of hosts whose labels are none', dvs({ hostSelector: { matchLabels: { 'a b': 'x' } } }), 'spec.hostSelector.matchLabels'],
  ['a switch whose name is too long for its claims', dvs({}, { name: 'a'.repeat(64) }), 'metadata.name'],
  ['an engine that is a path', dvs({ engine: '../ovs' }), 'spec.engine'],
  ['frames smaller than IPv6 takes', dvs({ mtu: 576 }), 'spec.mtu'],
  ['frames larger than any', dvs({ mtu: 65536 }), 'spec.mtu'],
  ['frames in words', dvs({ mtu: 'jumbo' }), 'spec.mtu'],
  ['uplinks that have no names', dvs({ uplinks: { ports: [] } }), 'spec.uplinks.ports'],
  ['an uplink twice', dvs({ uplinks: { ports: ['a', 'a'] } }), 'spec.uplinks.ports'],
  ['an uplink that is an interface of tricks', dvs({ uplinks: { ports: ['eth0; reboot'] } }), 'spec.uplinks.ports[0]'],
  ['more uplinks than a host has', dvs({ uplinks: { ports: Array.from('abcdefghi') } }), 'spec.uplinks.ports'],
  ['teaming by chance', dvs({ uplinks: { ports: ['a'], teaming: 'Random' } }), 'spec.uplinks.teaming'],
  ['an overlay that there is not', dvs({ overlay: 'STT' }), 'spec.overlay'],
  [
    'two private VLANs of one number',
    dvs({ privateVLANs: [privateVlan(101, 'Isolated'), privateVlan(101, 'Community')] }),
    'spec.privateVLANs[1]',
  ],
  ['two isolated VLANs in one', dvs({ privateVLANs: [privateVlan(101, 'Isolated'), privateVlan(102, 'Isolated')] }), 'spec.privateVLANs'],
  [
    'a private VLAN within one',
    dvs({ privateVLANs: [privateVlan(101, 'Community'), privateVlan(102, 'Isolated', 101)] }),
    'spec.privateVLANs',
  ],
  ['a promiscuous VLAN beside its primary', dvs({ privateVLANs: [privateVlan(101, 'Promiscuous')] }), 'spec.privateVLANs[0].secondary'],
  ['an isolated VLAN that is its primary', dvs({ privateVLANs: [privateVlan(100, 'Isolated')] }), 'spec.privateVLANs[0].secondary'],
  ['a private VLAN beyond the last', dvs({ privateVLANs: [privateVlan(4095, 'Isolated')] }), 'spec.privateVLANs[0].secondary'],
  ['bandwidth in words', shaping({ average: 'fast' }), 'spec.policy.shaping.ingress.average'],
  ['no bandwidth', shaping({ average: '0' }), 'spec.policy.shaping.ingress.average'],
  ['bandwidth of a bit', shaping({ average: 1 }), 'spec.policy.shaping.ingress.average'],
  ['half a bit/s', shaping({ average: '8000500m' }), 'spec.policy.shaping.ingress.average'],
  ['bandwidth beyond any wire', shaping({ average: '1P' }), 'spec.policy.shaping.ingress.average'],
  ['a peak below the average', shaping({ average: '100M', peak: '50M' }), 'spec.policy.shaping.ingress.peak'],
  ['a peak without bounds to keep', shaping({ average: 'Unlimited', peak: '50M' }), 'spec.policy.shaping.ingress.peak'],
  ['a burst smaller than a frame', shaping({ average: '100M', burst: '1k' }), 'spec.policy.shaping.ingress.burst'],
  ['a burst without bounds', shaping({ burst: 'Unlimited' }), 'spec.policy.shaping.ingress.burst'],
  ['shaping in a direction that there is not', dvs({ policy: { shaping: { inbound: {} } } }), 'spec.policy.shaping.inbound', 400],
  ['promiscuous in words', dvs({ policy: { security: { promiscuous: 'Accept' } } }), 'spec.policy.security.promiscuous'],
  ['a mirror of nobody', dvs({ mirrors: [mirror({ from: {} })] }), 'spec.mirrors[0].from'],
  [
    'a mirror of two',
    dvs({ mirrors: [mirror({ from: { portGroup: 'web', virtualMachine: { namespace: 'shop', name: 'a' } } })] }),
    'spec.mirrors[0].from',
  ],
  [
    'a mirror of a network of a group',
    dvs({ mirrors: [mirror({ from: { portGroup: 'web', network: 'eth0' } })] }),
    'spec.mirrors[0].from.network',
  ],
  [
    'a mirror into itself',
    dvs({ mirrors: [mirror({ from: { virtualMachine: { namespace: 'shop', name: 'ids' }, network: 'eth1' } })] }),
    'spec.mirrors[0].to',
  ],
  ['a mirror to nowhere', dvs({ mirrors: [{ name: 'ids', from: { portGroup: 'web' }, direction: 'Both' }] }), 'spec.mirrors[0].to'],
  ['two mirrors of one name', dvs({ mirrors: [mirror({}), mirror({ direction: 'Ingress' })] }), 'spec.mirrors[1]'],
  ['a collector without a port', dvs({ flowExport: { collector: '192.0.2.10' } }), 'spec.flowExport.collector'],
  ['a collector that is no address', dvs({ flowExport: { collector: '192.0.2.300:4739' } }), 'spec.flowExport.collector'],
  ['a collector at a port beyond the last', dvs({ flowExport: { collector: '192.0.2.10:70000' } }), 'spec.flowExport.collector'],
  ['a sample of nothing', dvs({ flowExport: { collector: '192.0.2.10:4739', sampling: 0 } }), 'spec.flowExport.sampling'],
  [
    'a protocol of flows that has not landed',
    dvs({ flowExport: { protocol: 'sFlow', collector: '192.0.2.10:4739' } }),
    'spec.flowExport.protocol',
  ],
  ['a look at the wire all the time', dvs({ healthCheck: { interval: '1ms' } }), 'spec.healthCheck.interval'],
  ['a rollback before anybody could answer', dvs({ rollback: { after: '0s' } }), 'spec.rollback.after'],
  ['a group of no switch', of('PortGroup', { vlan: { id: 10 } }), 'spec.switch'],
  ['a group in no VLAN', of('PortGroup', { switch: 'prod' }), 'spec.vlan'],
  ['a group whose VLAN is not said', group({ vlan: {} }), 'spec.vlan'],
  ['a group in two ways', group({ vlan: { id: 10, private: 101 } }), 'spec.vlan'],
  ['a VLAN beyond the last', group({ vlan: { id: 4095 } }), 'spec.vlan.id'],
  ['a negative VLAN', group({ vlan: { id: -1 } }), 'spec.vlan.id'],
  ['a trunk of nothing', group({ vlan: { trunk: [] } }), 'spec.vlan.trunk'],
  ['a trunk whose ranges overlap', group({ vlan: { trunk: ['1-100', '50-60'] } }), 'spec.vlan.trunk'],
  ['a trunk that names a VLAN twice', group({ vlan: { trunk: ['7', '7'] } }), 'spec.vlan.trunk'],
  ['a trunk that goes backwards', group({ vlan: { trunk: ['100-1'] } }), 'spec.vlan.trunk'],
  ['a trunk beyond the last VLAN', group({ vlan: { trunk: ['4000-5000'] } }), 'spec.vlan.trunk'],
  ['a trunk of no tag', group({ vlan: { trunk: ['0-5'] } }), 'spec.vlan.trunk'],
  ['a trunk in words', group({ vlan: { trunk: ['all'] } }), 'spec.vlan.trunk[0]'],
  ['a binding that there is not', group({ binding: 'Loose' }), 'spec.binding'],
  ['no ports', group({ ports: 0 }), 'spec.ports'],
  ['a count of ports that are not counted', group({ binding: 'Ephemeral', ports: 8 }), 'spec.ports'],
  ['more of ports that are not counted', group({ binding: 'Ephemeral', autoExpand: true }), 'spec.autoExpand'],
  ['a pool that is none', pool({ pool: '10.0.10.0' }), 'spec.addresses.pool'],
  ['a pool whose network has more bits', pool({ pool: '10.0.10.7/24' }), 'spec.addresses.pool'],
  ['a pool of one address', pool({ pool: '10.0.10.0/32' }), 'spec.addresses.pool'],
  ['a pool of everybody', pool({ pool: '0.0.0.0/0' }), 'spec.addresses.pool'],
  ['a pool of IPv6 of one address', pool({ pool: 'fd00:10::/128' }), 'spec.addresses.pool'],
  ['a gateway elsewhere', pool({ gateway: '10.0.11.1' }), 'spec.addresses.gateway'],
  ['a gateway of the other family', pool({ gateway: 'fd00:10::1' }), 'spec.addresses.gateway'],
  ['a gateway that is the network', pool({ gateway: '10.0.10.0' }), 'spec.addresses.gateway'],
  ['a gateway in words', pool({ gateway: 'router' }), 'spec.addresses.gateway'],
  ['a pool smaller than the ports', pool({ pool: '10.0.10.0/28' }, { ports: 15, autoExpand: false }), 'spec.addresses.pool'],
  [
    'a pool that its gateway makes too small',
    pool({ pool: '10.0.10.0/28', gateway: '10.0.10.1' }, { ports: 14, autoExpand: false }),
    'spec.addresses.pool',
  ],
  ['a pool smaller than the ports that there are by default', pool({ pool: '10.0.10.0/25' }, { autoExpand: false }), 'spec.addresses.pool'],
  ['addresses that do not rest', pool({ rest: '0s' }), 'spec.addresses.rest'],
  ['a rest in words', pool({ rest: 'long' }), 'spec.addresses.rest'],
  ['a firewall rule that says nothing', wall(rule({})), 'spec.firewall[0]'],
  ['a rule that says both', wall(rule({ allow: { protocol: 'Any' }, deny: { protocol: 'Any' } })), 'spec.firewall[0]'],
  ['a rule without a protocol', wall(rule({ allow: {} })), 'spec.firewall[0].allow.protocol'],
  ['a rule without a direction', wall({ name: 'a', allow: { protocol: 'Any' } }), 'spec.firewall[0].direction'],
  ['ports of what has none', wall(rule({ allow: { protocol: 'ICMP', ports: ['80'] } })), 'spec.firewall[0].allow.ports'],
  ['a port beyond the last', wall(rule({ allow: { protocol: 'TCP', ports: ['65536'] } })), 'spec.firewall[0].allow.ports'],
  ['ports that go backwards', wall(rule({ deny: { protocol: 'UDP', ports: ['90-80'] } })), 'spec.firewall[0].deny.ports'],
  ['a port as a number', wall(rule({ allow: { protocol: 'TCP', ports: [80] } })), 'spec.firewall[0].allow.ports[0]'],
  ['a peer that is no network', wall(rule({ allow: { protocol: 'TCP', peers: ['web'] } })), 'spec.firewall[0].allow.peers[0]'],
  [
    'two rules of one name',
    wall(rule({ allow: { protocol: 'TCP' } }), rule({ direction: 'Egress', deny: { protocol: 'TCP' } })),
    'spec.firewall',
  ],
  [
    'a firewall before copies of frames',
    group({ mirrorDestination: true, firewall: [rule({ allow: { protocol: 'Any' } })] }),
    'spec.firewall',
  ],
  ['namespaces whose labels are none', group({ namespaceSelector: { matchLabels: { 'a b': 'x' } } }), 'spec.namespaceSelector.matchLabels'],
  ['a NIC without a name', vm([{ portGroup: 'web' }]), 'spec.networks[0].name'],
  ['a NIC in no group', vm([{ name: 'eth0' }]), 'spec.networks[0].portGroup'],
  [
    'two NICs of one name',
    vm([
      { name: 'a', portGroup: 'web' },
      { name: 'a', portGroup: 'db' },
    ]),
    'spec.networks[1]',
  ],
  ['a NIC whose name is too long', vm([{ name: 'a'.repeat(16), portGroup: 'web' }]), 'spec.networks[0].name'],
  ['a NIC whose port might be of another VM', vm([{ name: 'a.b', portGroup: 'web' }]), 'spec.networks[0].name'],
  ['a NIC that asks for a MAC', vm([{ name: 'a', portGroup: 'web', macAddress: '02:00:00:00:00:01' }]), 'spec.networks[0].macAddress', 400],
  ['more NICs than a VM has', vm(Array.from('abcdefghijk', (name) => ({ name, portGroup: 'web' }))), 'spec.networks'],
  [
    'a NIC whose peak is below its average',
    vm([{ name: 'a', portGroup: 'web', policy: { shaping: { egress: { average: '10M', peak: '1M' } } } }]),
    'spec.networks[0].policy.shaping.egress.peak',
  ],
  ['a port with the MAC of a group', port({ macAddress: '03:00:00:00:00:01' }), 'spec.macAddress'],
  ['a port with an address that is none', port({ addresses: ['10.0.0.256'] }), 'spec.addresses[0]'],
  ['a claim of nothing', claim({}), 'spec'],
  ['a claim of two things', claim({ address: '10.0.0.1', macAddress: '02:00:00:00:00:01' }), 'spec'],
  ['an interface that is a path', host({ answers: { uplink1: '../eth0' } }), 'spec.answers.uplink1'],
  ['an answer with a name that is none', host({ answers: { 'Uplink 1': 'eth0' } }), 'spec.answers'],
];

export const badNetworkChanges: readonly BadChange[] = [
  ['a switch that changes its engine', dvs({}), dvs({ engine: 'Other' }), 'spec.engine'],
  ['a group that changes its switch', group({}), group({ switch: 'lab' }), 'spec.switch'],
  ['a port that changes its MAC', port({ macAddress: '02:00:00:00:00:01' }), port({ macAddress: '02:00:00:00:00:02' }), 'spec.macAddress'],
  ['a port that loses its addresses', port({ addresses: ['10.0.0.1'] }), port({}), 'spec.addresses'],
  ['a port that changes its group', port({}), port({ portGroup: 'db' }), 'spec.portGroup'],
  [
    'a claim that changes hands',
    claim({ address: '10.0.0.1' }),
    claim({ address: '10.0.0.1', port: { namespace: 'shop', name: 'web-2.eth0', uid: 'v' } }),
    'spec.port',
  ],
  [
    'a NIC that changes its MAC while it lives',
    instance([nic({})]),
    instance([nic({ macAddress: '02:00:00:00:00:02' })]),
    'spec.networks[0]',
  ],
  [
    'a NIC that comes while its guest lives',
    instance([nic({})]),
    instance([nic({}), nic({ name: 'eth1', port: 'x.eth1' })]),
    'spec.networks',
  ],
];
