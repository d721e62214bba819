import { ipAddress, macAddress } from './address.ts';
import { group, statusOf, version } from './common.ts';
import type { KindDefinition, ObjectOf } from './kind.ts';
import { name, object, optional, text, time, type Static } from './schema.ts';

const spec = object(
  'Whose a MAC or an address is on a switch. Written by the operator alone; that it could be made is the proof that nobody else has it.',
  {
    switch: name('The DistributedSwitch.', 63),
    portGroup: name('The PortGroup that gave it.', 253),
    macAddress: optional(macAddress('What is claimed.')),
    address: optional(ipAddress('What is claimed.')),
    port: object('The SwitchPort that has it, or had it last.', {
      namespace: name('Its namespace.'),
      name: name('Its name.', 253),
      uid: text('Its uid: another port of the name takes it over by saying its own.', 64),
    }),
    freedAt: optional(time('Since when it rests: only a port of that very name may have it back. Absent: it is used.')),
  },
  [
    { rule: 'has(self.macAddress) != has(self.address)', message: 'exactly one of macAddress and address' },
    {
      rule: 'self.switch == oldSelf.switch && self.port.__namespace__ == oldSelf.port.__namespace__ && self.port.name == oldSelf.port.name',
      message: 'a claim is for ports of one name: it is removed before another has what it claims',
      fieldPath: '.port',
    },
  ],
);

const status = statusOf('Nothing more is known of it.', {});

export type AddressClaim = ObjectOf<typeof spec, typeof status>;
export type AddressClaimSpec = Static<typeof spec>;

export const AddressClaim: KindDefinition<AddressClaim> = {
  group,
  version,
  kind: 'AddressClaim',
  plural: 'addressclaims',
  singular: 'addressclaim',
  shortName: 'hsclaim',
  namespaced: false,
  description: 'A MAC or an address that is taken on a switch: `<switch>.<mac or address>`.',
  spec,
  status,
  columns: [
    { name: 'Switch', type: 'string', jsonPath: '.spec.switch' },
    { name: 'MAC', type: 'string', jsonPath: '.spec.macAddress' },
    { name: 'Address', type: 'string', jsonPath: '.spec.address' },
    { name: 'Namespace', type: 'string', jsonPath: '.spec.port.namespace' },
    { name: 'Port', type: 'string', jsonPath: '.spec.port.name' },
    { name: 'Freed', type: 'date', jsonPath: '.spec.freedAt' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
};
