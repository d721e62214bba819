/** Manifests that no control plane may take, each with the field that its refusal must name. */
import { badNetworkChanges, badNetworks } from './bad-networks.ts';
import { badPairs } from './bad-pairs.ts';
import { badProfiles } from './bad-profiles.ts';

export interface BadManifest {
  readonly what: string;
  readonly object: object;
  /** What stands there before; then `object` is an update of it. */
  readonly before?: object;
  /** The field, as the message names it. */
  readonly field: string;
  readonly code: 400 | 422;
}

const vm = (spec: object, metadata: object = {}): object => ({
  apiVersion: 'hypersphere.io/v1alpha1',
  kind: 'VirtualMachine',
  metadata: { name: 'bad', namespace: 'default', ...metadata },
  spec: { memory: { size: '1Gi' }, ...spec },
});
const of = (kind: string, spec: object, metadata: object = {}): object => ({
  apiVersion: `${kind === 'HostPool' || kind === 'Fault' ? 'sim.' : ''}hypersphere.io/v1alpha1`,
  kind,
  metadata: { name: 'bad', ...metadata },
  spec,
});
const cluster = (spec: object): object => of('HostCluster', { hostSelector: {}, ...spec });
const pool = (spec: object): object => of('HostPool', spec);
const fault = (spec: object): object => of('Fault', spec);
const host = (spec: object): object => of('Host', spec);
const maintenance = (more: object): object => host({ maintenance: more });
const disk = (more: object): object => ({ name: 'root', size: '1Gi', ...more });
const term = (more: object): object => ({ labelSelector: {}, topologyKey: 'kubernetes.io/hostname', required: true, ...more });
const instance = (spec: object): object => ({
  apiVersion: 'hypersphere.io/v1alpha1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'bad', namespace: 'default' },
  spec: {
    virtualMachine: 'x',
    virtualMachineUID: 'u',
    incarnation: 1,
    hostCluster: 'main',
    nodeName: 'nowhere',
    powerState: 'PoweredOn',
    arbiter: { lease: 'l' },
    cpu: { cores: 1 },
    memory: { size: '1Gi' },
    ...spec,
  },
});

const move = (spec: object): object => ({
  apiVersion: 'hypersphere.io/v1alpha1',
  kind: 'VirtualMachineMigration',
  metadata: { name: 'bad', namespace: 'default' },
  spec: { virtualMachine: 'x', ...spec },
});

const long = (length: number): string => 'a'.repeat(length);
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

const created: readonly [what: string, object: object, field: string, code?: 400 | 422][] = [
  [
    'no spec at all',
    { apiVersion: 'hypersphere.io/v1alpha1', kind: 'VirtualMachine', metadata: { name: 'bad', namespace: 'default' } },
    'spec',
  ],
  ['memory missing', { ...vm({}), spec: {} }, 'spec.memory'],
  ['memory size missing', vm({ memory: {} }), 'spec.memory.size'],
  ['memory size that is no quantity', vm({ memory: { size: 'lots' } }), 'spec.memory.size'],
  ['negative memory', vm({ memory: { size: '-1Gi' } }), 'spec.memory.size'],
  ['negative memory as a number', vm({ memory: { size: -5 } }), 'spec.memory.size'],
  ['zero memory', vm({ memory: { size: '0' } }), 'spec.memory.size'],
  ['zero memory as a number', vm({ memory: { size: 0 } }), 'spec.memory.size'],
  ['memory as a list', vm({ memory: ['1Gi'] }), 'spec.memory'],
  ['memory size as a boolean', vm({ memory: { size: true } }), 'spec.memory.size'],
  ['a quantity longer than any is', vm({ memory: { size: `${'1'.repeat(40)}Gi` } }), 'spec.memory.size'],
  ['memory reservation in words', vm({ memory: { size: '1Gi', reservation: 'half' } }), 'spec.memory.reservation'],
  ['memory of a byte', vm({ memory: { size: 1 } }), 'spec.memory.size'],
  ['memory of a byte as text', vm({ memory: { size: '1' } }), 'spec.memory.size'],
  ['memory in thousandths of a byte', vm({ memory: { size: '1500m' } }), 'spec.memory.size'],
  ['memory of a byte and a half', vm({ memory: { size: '1048577.5' } }), 'spec.memory.size'],
  ['memory beyond measure', vm({ memory: { size: '1Ei' } }), 'spec.memory.size'],
  ['memory beyond any number', vm({ memory: { size: '1e99' } }), 'spec.memory.size'],
  ['memory reservation in parts of a byte', vm({ memory: { size: '1Gi', reservation: '1500m' } }), 'spec.memory.reservation'],
  ['a reservation of more memory than there is', vm({ memory: { size: '1Gi', reservation: '2Gi' } }), 'spec.memory.reservation'],
  ['cores as text', vm({ cpu: { cores: '2' } }), 'spec.cpu.cores'],
  ['no cores', vm({ cpu: { cores: 0 } }), 'spec.cpu.cores'],
  ['negative cores', vm({ cpu: { cores: -1 } }), 'spec.cpu.cores'],
  ['half a core', vm({ cpu: { cores: 1.5 } }), 'spec.cpu.cores'],
  ['more cores than there are', vm({ cpu: { cores: 513 } }), 'spec.cpu.cores'],
  ['cpu as a number', vm({ cpu: 2 }), 'spec.cpu'],
  ['negative CPU reservation', vm({ cpu: { reservation: '-500m' } }), 'spec.cpu.reservation'],
  ['an unknown power state', vm({ powerState: 'On' }), 'spec.powerState'],
  ['a power state as a boolean', vm({ powerState: true }), 'spec.powerState'],
  ['a restart time that is none', vm({ nextRestartTime: 'tomorrow' }), 'spec.nextRestartTime'],
  ['an unknown field', vm({ memroy: { size: '1Gi' } }), 'spec.memroy', 400],
  ['an unknown field deep down', vm({ cpu: { cores: 1, sockets: 2 } }), 'spec.cpu.sockets', 400],
  ['an unknown field of a disk', vm({ disks: [disk({ path: '/etc' })] }), 'spec.disks[0].path', 400],
  ['a capability that has not landed', vm({ boot: {} }), 'spec.boot', 400],
  [
    'to start after one VM twice',
    vm({ availability: { startAfter: [{ virtualMachine: 'db' }, { virtualMachine: 'db' }] } }),
    'spec.availability.startAfter[1]',
  ],
  [
    'to wait for what is no state',
    vm({ availability: { startAfter: [{ virtualMachine: 'db', until: 'Later' }] } }),
    'spec.availability.startAfter[0].until',
  ],
  [
    'to wait for no time',
    vm({ availability: { startAfter: [{ virtualMachine: 'db', timeout: '0s' }] } }),
    'spec.availability.startAfter[0].timeout',
  ],
  ['to start after nobody', vm({ availability: { startAfter: [{}] } }), 'spec.availability.startAfter[0].virtualMachine'],
  ['an unknown restart priority', vm({ availability: { restartPriority: 'Urgent' } }), 'spec.availability.restartPriority'],
  [
    'a VM that is to be moved off a host that is isolated',
    vm({ availability: { isolationResponse: 'Migrate' } }),
    'spec.availability.isolationResponse',
  ],
  [
    'a guest that hangs after a moment of silence',
    vm({ availability: { guestMonitoring: { interval: '1s' } } }),
    'spec.availability.guestMonitoring.interval',
  ],
  [
    'a guest that is reset for ever',
    vm({ availability: { guestMonitoring: { maxResets: 11 } } }),
    'spec.availability.guestMonitoring.maxResets',
  ],
  ['a guest that is to shut down without its disks', vm({ availability: { storageLoss: 'ShutDown' } }), 'spec.availability.storageLoss'],
  ['two disks of one name', vm({ disks: [disk({}), disk({})] }), 'spec.disks[1]'],
  ['a disk without a name', vm({ disks: [{ size: '1Gi' }] }), 'spec.disks[0].name'],
  ['a disk without a size', vm({ disks: [{ name: 'root' }] }), 'spec.disks[0].size'],
  ['a disk of negative size', vm({ disks: [disk({ size: '-1Gi' })] }), 'spec.disks[0].size'],
  ['a disk of a byte', vm({ disks: [disk({ size: 1 })] }), 'spec.disks[0].size'],
  ['a disk in thousandths of a byte', vm({ disks: [disk({ size: '1500m' })] }), 'spec.disks[0].size'],
  ['a disk larger than any', vm({ disks: [disk({ size: '1Ei' })] }), 'spec.disks[0].size'],
  ['a disk whose name is a path', vm({ disks: [disk({ name: '../../etc/passwd' })] }), 'spec.disks[0].name'],
  ['a disk whose name is empty', vm({ disks: [disk({ name: '' })] }), 'spec.disks[0].name'],
  ['a disk name with capitals', vm({ disks: [disk({ name: 'Root' })] }), 'spec.disks[0].name'],
  ['a disk name that is too long', vm({ disks: [disk({ name: long(33) })] }), 'spec.disks[0].name'],
  ['a datastore that is a path', vm({ disks: [disk({ datastore: '/srv' })] }), 'spec.disks[0].datastore'],
  ['an unknown fate of a disk', vm({ disks: [disk({ whenRemoved: 'Burn' })] }), 'spec.disks[0].whenRemoved'],
  ['too many disks', vm({ disks: many(33, (index) => disk({ name: `d${String(index)}` })) }), 'spec.disks'],
  ['disks as an object', vm({ disks: { root: '1Gi' } }), 'spec.disks.root', 400],
  ['a host cluster that is no name', vm({ hostCluster: 'A B' }), 'spec.hostCluster'],
  ['a node selector that is a list', vm({ placement: { nodeSelector: ['zone'] } }), 'spec.placement.nodeSelector'],
  ['a node selector value that is a number', vm({ placement: { nodeSelector: { zone: 1 } } }), 'spec.placement.nodeSelector.zone'],
  [
    'a node selector value that is no label value',
    vm({ placement: { nodeSelector: { zone: 'a b' } } }),
    'spec.placement.nodeSelector.zone',
  ],
  ['a node selector whose key is no label', vm({ placement: { nodeSelector: { 'a b': 'x' } } }), 'spec.placement.nodeSelector'],
  ['a node selector without a key', vm({ placement: { nodeSelector: { '': 'x' } } }), 'spec.placement.nodeSelector'],
  ['a node selector whose key is too long', vm({ placement: { nodeSelector: { [long(64)]: 'x' } } }), 'spec.placement.nodeSelector'],
  ['a node selector whose key has two slashes', vm({ placement: { nodeSelector: { 'a/b/c': 'x' } } }), 'spec.placement.nodeSelector'],
  [
    'too many node labels',
    vm({ placement: { nodeSelector: Object.fromEntries(many(65, (index) => [`l${String(index)}`, 'x'])) } }),
    'spec.placement.nodeSelector',
  ],
  [
    'affinity to labels that are none',
    vm({ placement: { affinity: [term({ labelSelector: { matchLabels: { 'a b': 'x' } } })] } }),
    'spec.placement.affinity[0].labelSelector.matchLabels',
  ],
  [
    'affinity to a label that is none',
    vm({ placement: { affinity: [term({ labelSelector: { matchExpressions: [{ key: 'a b', operator: 'Exists' }] } })] } }),
    'spec.placement.affinity[0].labelSelector.matchExpressions[0].key',
  ],
  [
    'a topology key that is none',
    vm({ placement: { affinity: [term({ topologyKey: 'a b' })] } }),
    'spec.placement.affinity[0].topologyKey',
  ],
  [
    'affinity to one of no values',
    vm({ placement: { affinity: [term({ labelSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } })] } }),
    'spec.placement.affinity[0].labelSelector.matchExpressions[0].values',
  ],
  [
    'anti-affinity without a topology key',
    vm({ placement: { antiAffinity: [{ labelSelector: {}, required: true }] } }),
    'spec.placement.antiAffinity[0].topologyKey',
  ],
  [
    'anti-affinity that does not say whether it is required',
    vm({ placement: { antiAffinity: [{ labelSelector: {}, topologyKey: 'zone' }] } }),
    'spec.placement.antiAffinity[0].required',
  ],
  [
    'affinity with an unknown operator',
    vm({ placement: { affinity: [term({ labelSelector: { matchExpressions: [{ key: 'a', operator: 'Gt' }] } })] } }),
    'spec.placement.affinity[0].labelSelector.matchExpressions[0].operator',
  ],
  ['too many terms', vm({ placement: { affinity: many(17, () => term({})) } }), 'spec.placement.affinity'],
  [
    'a toleration with an unknown effect',
    vm({ placement: { tolerations: [{ effect: 'Never' }] } }),
    'spec.placement.tolerations[0].effect',
  ],
  [
    'a toleration with an unknown operator',
    vm({ placement: { tolerations: [{ key: 'a', operator: 'Like' }] } }),
    'spec.placement.tolerations[0].operator',
  ],
  ['a VM name that is too long', vm({}, { name: long(53) }), 'metadata.name'],
  ['a name with an underscore', vm({}, { name: 'a_b' }), 'metadata.name'],
  ['a name with capitals', vm({}, { name: 'Web' }), 'metadata.name'],
  ['a label value that is none', vm({}, { labels: { app: 'a b' } }), 'metadata.labels'],
  ['a label key that is none', vm({}, { labels: { 'a b': 'x' } }), 'metadata.labels'],
  ['a finalizer that names nobody', vm({}, { finalizers: ['mine!'] }), 'metadata.finalizers'],
  ['labels of numbers', vm({}, { labels: { app: 1 } }), 'ObjectMeta.labels', 400],
  ['a cluster without a selector', of('HostCluster', {}), 'spec.hostSelector'],
  [
    'a cluster of hosts with labels that are none',
    cluster({ hostSelector: { matchLabels: { '/a': 'x' } } }),
    'spec.hostSelector.matchLabels',
  ],
  [
    'a cluster of hosts that exist with a value',
    cluster({ hostSelector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['x'] }] } }),
    'spec.hostSelector.matchExpressions[0].values',
  ],
  ['two datastores of one name', cluster({ datastores: many(2, () => ({ name: 'a', type: 'Local', path: '/a' })) }), 'spec.datastores[1]'],
  ['a datastore with a relative path', cluster({ datastores: [{ name: 'a', type: 'Local', path: 'a' }] }), 'spec.datastores[0].path'],
  [
    'a datastore with a path of tricks',
    cluster({ datastores: [{ name: 'a', type: 'Local', path: '/a/$(reboot)' }] }),
    'spec.datastores[0].path',
  ],
  ['a datastore of an unknown type', cluster({ datastores: [{ name: 'a', type: 'Tape', path: '/a' }] }), 'spec.datastores[0].type'],
  ['a limit of no hosts', cluster({ limits: { hosts: 0 } }), 'spec.limits.hosts'],
  ['a limit in words', cluster({ limits: { virtualMachines: 'all' } }), 'spec.limits.virtualMachines'],
  ['a negative pool', pool({ replicas: -1 }), 'spec.replicas'],
  ['a pool beyond measure', pool({ replicas: 1001 }), 'spec.replicas'],
  ['pool hosts without cores', pool({ template: { cores: 0 } }), 'spec.template.cores'],
  ['pool hosts with negative memory', pool({ template: { memory: '-64Gi' } }), 'spec.template.memory'],
  ['pool hosts with parts of bytes', pool({ template: { memory: '1500m' } }), 'spec.template.memory'],
  ['pool hosts with next to no network', pool({ template: { nic: '1k' } }), 'spec.template.nic'],
  ['pool hosts with labels that are none', pool({ template: { labels: { 'a b': 'x' } } }), 'spec.template.labels'],
  ['a taint that is none', pool({ template: { taints: [{ key: 'a b', effect: 'NoSchedule' }] } }), 'spec.template.taints[0].key'],
  ['a boot time without a unit', pool({ template: { guestBootTime: '5' } }), 'spec.template.guestBootTime'],
  ['a taint without an effect', pool({ template: { taints: [{ key: 'a' }] } }), 'spec.template.taints[0].effect'],
  ['a pool name that is too long', of('HostPool', {}, { name: long(41) }), 'metadata.name'],
  ['a fault without a type', fault({ nodeName: 'host-1' }), 'spec.type'],
  ['a fault of an unknown type', fault({ type: 'Earthquake', nodeName: 'host-1' }), 'spec.type'],
  ['a fault of nobody', fault({ type: 'PowerLoss' }), 'spec'],
  ['a fault of two', fault({ type: 'PowerLoss', nodeName: 'a', virtualMachine: { namespace: 'a', name: 'b' } }), 'spec'],
  ['a power loss of a VM', fault({ type: 'PowerLoss', virtualMachine: { namespace: 'a', name: 'b' } }), 'spec.type'],
  ['a link that is down without a name', fault({ type: 'LinkDown', nodeName: 'a' }), 'spec.type'],
  ['a VLAN of a power loss', fault({ type: 'PowerLoss', nodeName: 'a', vlan: 10 }), 'spec.type'],
  ['a VLAN that is missing and not said', fault({ type: 'VLANMissing', nodeName: 'a' }), 'spec.type'],
  ['an MTU smaller than IP allows', fault({ type: 'SmallMTU', nodeName: 'a', mtu: 60 }), 'spec.mtu'],
  ['an MTU of a hang', fault({ type: 'HostHang', nodeName: 'a', mtu: 1500 }), 'spec.type'],
  ['guests that chatter too often', pool({ template: { guestChatter: { interval: '1ms' } } }), 'spec.template.guestChatter.interval'],
  ['a fault that lasts in words', fault({ type: 'PowerLoss', nodeName: 'a', duration: 'long' }), 'spec.duration'],
  ['no promise of four', cluster({ availability: { admission: {} } }), 'spec.availability.admission'],
  ['two promises', cluster({ availability: { admission: { none: {}, hostFailures: { number: 1 } } } }), 'spec.availability.admission'],
  [
    'a promise for no death',
    cluster({ availability: { admission: { hostFailures: { number: 0 } } } }),
    'spec.availability.admission.hostFailures.number',
  ],
  [
    'more than all kept free',
    cluster({ availability: { admission: { percentage: { cpu: 25, memory: 101 } } } }),
    'spec.availability.admission.percentage.memory',
  ],
  ['half a share', cluster({ availability: { admission: { percentage: { cpu: 25 } } } }), 'spec.availability.admission.percentage.memory'],
  ['a death within no time', cluster({ availability: { deadAfter: '1s' } }), 'spec.availability.deadAfter'],
  ['a death in words', cluster({ availability: { deadAfter: 'soon' } }), 'spec.availability.deadAfter'],
  ['more fencing than all hosts', cluster({ availability: { maxConcurrentFencing: '120%' } }), 'spec.availability.maxConcurrentFencing'],
  ['fencing of a number of hosts', cluster({ availability: { maxConcurrentFencing: 2 } }), 'spec.availability.maxConcurrentFencing'],
  [
    'VMs that are restarted where they are cut off',
    cluster({ availability: { isolationResponse: 'Restart' } }),
    'spec.availability.isolationResponse',
  ],
  [
    'VMs that are left on without disks, in other words',
    cluster({ availability: { storageLoss: 'Ignore' } }),
    'spec.availability.storageLoss',
  ],
  [
    'a router by its name',
    cluster({ networks: { heartbeat: { isolationAddresses: ['router.example'] } } }),
    'spec.networks.heartbeat.isolationAddresses[0]',
  ],
  [
    'the same router twice',
    cluster({ networks: { heartbeat: { isolationAddresses: ['192.0.2.1', '192.0.2.1'] } } }),
    'spec.networks.heartbeat.isolationAddresses[1]',
  ],
  ['a limit of no moves', cluster({ limits: { migrations: { perHost: 0 } } }), 'spec.limits.migrations.perHost'],
  ['a move of nobody', { ...move({}), spec: {} }, 'spec.virtualMachine'],
  ['a move of a VM without a name', move({ virtualMachine: '' }), 'spec.virtualMachine'],
  ['a move of a VM of another namespace', move({ virtualMachine: 'shop/web' }), 'spec.virtualMachine'],
  ['a move to no host', move({ target: {} }), 'spec.target.nodeName'],
  ['a move to a host that is no name', move({ target: { nodeName: '../host-1' } }), 'spec.target.nodeName'],
  ['a move to another datastore, which has not landed', move({ target: { nodeName: 'a', datastore: 'b' } }), 'spec.target.datastore', 400],
  ['a move in an unknown mode', move({ mode: 'Cold' }), 'spec.mode'],
  ['a move without bandwidth', move({ bandwidth: '0' }), 'spec.bandwidth'],
  ['a move with bandwidth in words', move({ bandwidth: 'fast' }), 'spec.bandwidth'],
  ['a move with a timeout in words', move({ timeout: 'soon' }), 'spec.timeout'],
  ['a move with a timeout without a unit', move({ timeout: '30' }), 'spec.timeout'],
  ['a move that may take no time', move({ timeout: '0s' }), 'spec.timeout'],
  ['a move of an unknown priority', move({ priority: 'High' }), 'spec.priority'],
  ['a move with an unknown field', move({ host: 'a' }), 'spec.host', 400],
  ['a move of two VMs', move({ virtualMachine: ['x', 'y'] }), 'spec.virtualMachine'],
  ['a move whose target is a word', move({ target: 'host-2' }), 'spec.target'],
  ['a move with negative bandwidth', move({ bandwidth: '-1G' }), 'spec.bandwidth'],
  ['a move with a negative timeout', move({ timeout: '-5m' }), 'spec.timeout'],
  ['a move with bandwidth for each host', move({ bandwidth: { 'host-1': '1G' } }), 'spec.bandwidth.host-1', 400],
  ['a host in an unknown mode', maintenance({ mode: 'Drain' }), 'spec.maintenance.mode'],
  ['a host whose mode is a boolean', maintenance({ mode: true }), 'spec.maintenance.mode'],
  ['a BMC without an address', host({ bmc: { protocol: 'Redfish', port: 443 } }), 'spec.bmc.address'],
  ['a BMC at an address that is none', host({ bmc: { protocol: 'Redfish', address: 'http://x/', port: 443 } }), 'spec.bmc.address'],
  ['a BMC of an unknown protocol', host({ bmc: { protocol: 'Telnet', address: 'a', port: 23 } }), 'spec.bmc.protocol'],
  ['a BMC at a port beyond the last', host({ bmc: { protocol: 'IPMI', address: 'a', port: 70000 } }), 'spec.bmc.port'],
  ['a host whose maintenance is a word', host({ maintenance: 'Maintenance' }), 'spec.maintenance'],
  ['a host that is emptied within words', maintenance({ mode: 'Maintenance', timeout: 'soon' }), 'spec.maintenance.timeout'],
  ['a host that is emptied within a number', maintenance({ mode: 'Maintenance', timeout: 30 }), 'spec.maintenance.timeout'],
  ['a host that is emptied in less than no time', maintenance({ mode: 'Maintenance', timeout: '-5m' }), 'spec.maintenance.timeout'],
  ['a host with an unknown end of its time', maintenance({ mode: 'Maintenance', onTimeout: 'Kill' }), 'spec.maintenance.onTimeout'],
  ['a host whose maintenance has an unknown field', maintenance({ mode: 'Maintenance', force: true }), 'spec.maintenance.force', 400],
  ['a host that is to be drained by an unknown field', host({ drain: true }), 'spec.drain', 400],
  ['an instance with two arbiters', instance({ arbiter: { lease: 'l', datastore: 'd' } }), 'spec.arbiter'],
  ['an instance without an arbiter', instance({ arbiter: {} }), 'spec.arbiter'],
];

const changed: readonly [what: string, before: object, object: object, field: string][] = [
  [
    'a disk that shrinks',
    vm({ powerState: 'PoweredOff', disks: [disk({ size: '2Gi' })] }),
    vm({ disks: [disk({ size: '1Gi' })] }),
    'spec.disks[0].size',
  ],
  [
    'a disk that moves to another datastore',
    vm({ powerState: 'PoweredOff', disks: [disk({ datastore: 'a' })] }),
    vm({ disks: [disk({ datastore: 'b' })] }),
    'spec.disks[0].datastore',
  ],
  [
    'a disk that loses its datastore',
    vm({ powerState: 'PoweredOff', disks: [disk({ datastore: 'a' })] }),
    vm({ disks: [disk({})] }),
    'spec.disks[0].datastore',
  ],
  [
    'a datastore that changes its type',
    cluster({ datastores: [{ name: 'a', type: 'Local', path: '/a' }] }),
    cluster({ datastores: [{ name: 'a', type: 'SharedDirectory', path: '/a' }] }),
    'spec.datastores[0].type',
  ],
  [
    'a datastore that moves, behind another',
    cluster({ datastores: [{ name: 'a', type: 'Local', path: '/a' }] }),
    cluster({
      datastores: [
        { name: 'b', type: 'Local', path: '/a' },
        { name: 'a', type: 'Local', path: '/b' },
      ],
    }),
    'spec.datastores[1].path',
  ],
  [
    'a fault that changes its host',
    fault({ type: 'PowerLoss', nodeName: 'nowhere' }),
    fault({ type: 'PowerLoss', nodeName: 'elsewhere' }),
    'spec',
  ],
  ['a move that changes its target', move({ target: { nodeName: 'a' } }), move({ target: { nodeName: 'b' } }), 'spec'],
  ['a move that changes its VM', move({}), move({ virtualMachine: 'y' }), 'spec'],
  ['an instance that changes its host', instance({}), instance({ nodeName: 'elsewhere' }), 'spec.nodeName'],
  ['an instance of another VM', instance({}), instance({ virtualMachine: 'y' }), 'spec.virtualMachine'],
  ['an instance that changes its arbiter', instance({}), instance({ arbiter: { lease: 'm' } }), 'spec.arbiter'],
  ['an instance that grows in its life', instance({}), instance({ memory: { size: '2Gi' } }), 'spec.memory'],
];

export const badManifests: readonly BadManifest[] = [
  ...badPairs,
  ...[...created, ...badNetworks, ...badProfiles].map(([what, object, field, code = 422]) => ({ what, object, field, code })),
  ...[...changed, ...badNetworkChanges].map(([what, before, object, field]) => ({ what, before, object, field, code: 422 as const })),
];
