import { ipAddress, macAddress, nicName } from './address.ts';
import { group, statusOf, version } from './common.ts';
import type { KindDefinition, ObjectOf } from './kind.ts';
import { portCounters } from './port-policy.ts';
import { name, object, optional, setOf, text, time, type Static } from './schema.ts';

const spec = object(
  'One port for one NIC. Written by the operator alone.',
  {
    virtualMachine: name('The VM, in the same namespace.', 52),
    network: nicName("The NIC's name within the VM."),
    switch: name('The DistributedSwitch.', 63),
    portGroup: name('The PortGroup.', 253),
    macAddress: optional(macAddress('What the NIC is called, for life. Absent: not assigned yet.')),
    addresses: optional(setOf('What it was given, for life.', ipAddress('An address.'), 4)),
  },
  [
    {
      rule: 'self.virtualMachine == oldSelf.virtualMachine && self.network == oldSelf.network && self.switch == oldSelf.switch && self.portGroup == oldSelf.portGroup',
      message: 'a port is for one NIC in one group',
      fieldPath: '.portGroup',
    },
    {
      rule: '!has(oldSelf.macAddress) || (has(self.macAddress) && self.macAddress == oldSelf.macAddress)',
      message: 'a port keeps its MAC',
      fieldPath: '.macAddress',
    },
    {
      rule: '!has(oldSelf.addresses) || oldSelf.addresses.size() == 0 || (has(self.addresses) && self.addresses == oldSelf.addresses)',
      message: 'a port keeps its addresses',
      fieldPath: '.addresses',
    },
  ],
);

const status = statusOf('Where it is.', {
  nodeName: optional(text('The host on which its guest is, or was last.', 253)),
  instance: optional(text('The VirtualMachineInstance whose NIC it is.', 253)),
  counters: optional(object('As of the last stop, or of the last report before it moved, or its host was lost.', portCounters)),
  countedAt: optional(time('When they were so.')),
});

export type SwitchPort = ObjectOf<typeof spec, typeof status>;
export type SwitchPortSpec = Static<typeof spec>;
export type SwitchPortStatus = Static<typeof status>;

export const SwitchPort: KindDefinition<SwitchPort> = {
  group,
  version,
  kind: 'SwitchPort',
  plural: 'switchports',
  singular: 'switchport',
  shortName: 'hsport',
  namespaced: true,
  description: 'The port of one NIC of one VM: `<vm>.<nic>`. Its MAC and addresses are its own for life, on whichever host the VM is.',
  spec,
  status,
  columns: [
    { name: 'Group', type: 'string', jsonPath: '.spec.portGroup' },
    { name: 'MAC', type: 'string', jsonPath: '.spec.macAddress' },
    { name: 'Addresses', type: 'string', jsonPath: '.spec.addresses' },
    { name: 'Host', type: 'string', jsonPath: '.status.nodeName' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Switch', type: 'string', jsonPath: '.spec.switch', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  selectableFields: ['.spec.portGroup', '.spec.virtualMachine'],
};

/** On a SwitchPort until its claims are freed. */
export const switchPortFinalizer = 'hypersphere.io/switch-port';

/** The SwitchPort of a VM's NIC, in the VM's namespace. */
export function switchPortName(vm: string, network: string): string {
  return `${vm}.${network}`;
}
