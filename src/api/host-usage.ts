import { group, statusOf, version } from './common.ts';
import type { KindDefinition, ObjectOf } from './kind.ts';
import { portCounters } from './port-policy.ts';
import { mapOf, object, optional, quantity, text, type Static } from './schema.ts';

const guestUsage = object('What one VM takes.', {
  namespace: text('Its namespace.', 63),
  name: text('Its name.', 253),
  cpu: quantity('Processors, such as 250m.'),
  memory: quantity('Memory that it touches.'),
});

const portUsage = object('What one port has counted.', {
  namespace: text('Its namespace.', 63),
  name: text('Its SwitchPort.', 253),
  ...portCounters,
});

const status = statusOf('What the host and its VMs take, rounded.', {
  cpu: optional(quantity('Processors, all VMs together.')),
  memory: optional(quantity('Memory, all VMs together.')),
  virtualMachines: optional(mapOf('Each VM.', guestUsage, ['namespace', 'name'], 2000)),
  ports: optional(mapOf('Each port.', portUsage, ['namespace', 'name'], 20_000)),
});

export type HostUsage = Omit<ObjectOf<typeof status, typeof status>, 'spec'>;
export type GuestUsage = Static<typeof guestUsage>;
export type PortUsage = Static<typeof portUsage>;

export const HostUsage: KindDefinition<HostUsage> = {
  group,
  version,
  kind: 'HostUsage',
  plural: 'hostusages',
  singular: 'hostusage',
  shortName: 'hsusage',
  namespaced: false,
  description: 'What a host and its VMs take. Named as the host; written by its agent, at most once a minute and only when it differs.',
  status,
  columns: [
    { name: 'CPU', type: 'string', jsonPath: '.status.cpu' },
    { name: 'Memory', type: 'string', jsonPath: '.status.memory' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
};
