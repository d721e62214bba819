import { simGroup, statusOf, version } from './common.ts';
import type { KindDefinition, ObjectOf } from './kind.ts';
import { choice, duration, integer, object, optional, ruled, text, time, type Static } from './schema.ts';

const spec = ruled(
  object('What happens to whom.', {
    type: choice(
      'PowerLoss: the host is without power. AgentCrash: its agent dies, the guests run on. ManagementPartition: its agent does not reach the API. MigrationPartition: no guest can move from it or to it. FTPartition: nothing goes between primaries and shadows on it and elsewhere. SlowLink: guests move from it and to it at a tenth of the speed. HostHang: everything on it stands still. StoragePartition: it does not reach shared datastores. BMCFailure: nobody reaches its BMC. LinkDown: the cable of one interface is pulled. VLANMissing: the physical network does not carry a VLAN to it. SmallMTU: nor frames larger than so. Drift: somebody changes vm.swappiness and the message of the day by hand; it does not end by itself. GuestHang: one VM stands still.',
      'PowerLoss',
      'AgentCrash',
      'ManagementPartition',
      'MigrationPartition',
      'FTPartition',
      'SlowLink',
      'HostHang',
      'StoragePartition',
      'BMCFailure',
      'LinkDown',
      'VLANMissing',
      'SmallMTU',
      'Drift',
      'GuestHang',
    ),
    nodeName: optional(text('The host.', 253)),
    virtualMachine: optional(object('The VM.', { namespace: text('Its namespace.', 63), name: text('Its name.', 253) })),
    nic: optional(text('Of LinkDown: the interface.', 64)),
    vlan: optional(integer('Of VLANMissing: the VLAN; 0: frames without a tag.', 0, 4094)),
    mtu: optional(integer('Of SmallMTU: the largest frame without its Ethernet header, bytes.', 68, 9216)),
    duration: optional(duration('How long; then it ends by itself. Absent: until the Fault is deleted.')),
  }),
  { rule: 'self == oldSelf', message: 'a fault is not changed once made: make another' },
  { rule: 'has(self.nodeName) != has(self.virtualMachine)', message: 'exactly one of nodeName and virtualMachine' },
  {
    rule: "(self.type == 'GuestHang') == has(self.virtualMachine)",
    message: 'GuestHang takes a virtualMachine, the others a nodeName',
    fieldPath: '.type',
  },
  { rule: "(self.type == 'LinkDown') == has(self.nic)", message: 'LinkDown takes a nic, and nothing else does', fieldPath: '.type' },
  {
    rule: "(self.type == 'VLANMissing') == has(self.vlan)",
    message: 'VLANMissing takes a vlan, and nothing else does',
    fieldPath: '.type',
  },
  { rule: "(self.type == 'SmallMTU') == has(self.mtu)", message: 'SmallMTU takes an mtu, and nothing else does', fieldPath: '.type' },
);

const status = statusOf('What came of it.', {
  startedAt: optional(time('When it began.')),
  endsAt: optional(time('When it ends by itself.')),
});

export type Fault = ObjectOf<typeof spec, typeof status>;
export type FaultType = Static<typeof spec>['type'];

export const Fault: KindDefinition<Fault> = {
  group: simGroup,
  version,
  kind: 'Fault',
  plural: 'faults',
  singular: 'fault',
  shortName: 'hsfault',
  namespaced: false,
  description: 'What a person would do to a rack. Once ended it stays, as Complete. Only where hosts are simulated.',
  spec,
  status,
  columns: [
    { name: 'Type', type: 'string', jsonPath: '.spec.type' },
    { name: 'Host', type: 'string', jsonPath: '.spec.nodeName' },
    { name: 'VM', type: 'string', jsonPath: '.spec.virtualMachine.name' },
    { name: 'Complete', type: 'string', jsonPath: '.status.conditions[?(@.type=="Complete")].status' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Complete")].reason' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
};

/** On a Fault until what it did is undone. */
export const faultFinalizer = 'sim.hypersphere.io/fault';
