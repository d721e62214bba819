import { group, statusOf, version } from './common.ts';
import type { KindDefinition, ObjectOf } from './kind.ts';
import { integer, object, optional, quantity, text, time, type Static } from './schema.ts';

const spec = object('What the host should be. Its fields come with the capabilities that they steer.', {});

const status = statusOf('What the host is. The agent writes inventory; the operator writes conditions and nodeUID.', {
  nodeUID: optional(text('The Node that it was last paired with.', 64)),
  inventory: optional(
    object('What the agent found.', {
      capacity: object('What guests can have.', {
        cores: integer('Processor threads.', 1, 4096),
        memory: quantity('Memory that is left to guests.'),
      }),
      agentVersion: text('The agent that says so.', 64),
      bootedAt: time('When the host came up.'),
    }),
  ),
});

export type Host = ObjectOf<typeof spec, typeof status>;
export type HostInventory = NonNullable<Static<typeof status>['inventory']>;

export const Host: KindDefinition<Host> = {
  group,
  version,
  kind: 'Host',
  plural: 'hosts',
  singular: 'host',
  shortName: 'hshost',
  namespaced: false,
  description: 'A machine that runs VMs; pairs with the Node of the same name. It stays when the Node is deleted, and says so.',
  spec,
  status,
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    { name: 'Cores', type: 'integer', jsonPath: '.status.inventory.capacity.cores' },
    { name: 'Memory', type: 'string', jsonPath: '.status.inventory.capacity.memory' },
    { name: 'Agent', type: 'string', jsonPath: '.status.inventory.agentVersion', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
};

/** The Lease, in the system namespace, that the agent of a host renews. */
export function agentLeaseName(host: string): string {
  return `agent-${host}`;
}
