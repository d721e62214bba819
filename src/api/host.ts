import { baseline } from './cpu.ts';
import { group, statusOf, version } from './common.ts';
import type { KindDefinition, ObjectOf } from './kind.ts';
import { boolean, choice, defaulted, duration, integer, object, optional, quantity, text, time, type Static } from './schema.ts';

const maintenance = object('Whether the host is to be empty, as kubectl drain asks for it, but kept in Git.', {
  mode: defaulted(
    choice(
      'Maintenance: each VM leaves by its spec.availability.evacuation, and none comes, until it is Normal again.',
      'Normal',
      'Maintenance',
    ),
    'Normal',
  ),
  timeout: optional(duration('How long VMs may take to leave, from status.claim.since on. Absent: as long as it takes.')),
  onTimeout: defaulted(
    choice(
      'What becomes of those that have not left by then. Wait: they stay, and the Evacuated condition names them. PowerOff: they are powered off and start on other hosts; one that says Block stays all the same.',
      'Wait',
      'PowerOff',
    ),
    'Wait',
  ),
});

const spec = object('What the host should be. Its fields come with the capabilities that they steer.', {
  maintenance: optional(defaulted(maintenance, {})),
});

const claim = object('Who has the host for a planned change: one at a time, the first wins. A claimed host receives no VMs.', {
  by: choice('What the change is.', 'Maintenance'),
  since: time('When it was claimed.'),
  drain: optional(boolean('A kubectl drain was seen: it holds until the Node is uncordoned.')),
});

const status = statusOf('What the host is. The agent writes inventory; the operator writes all else.', {
  phase: optional(
    choice(
      'For people, in a word. Evacuating: VMs are leaving, or should. Maintenance: it is empty, and is kept so.',
      'Pending',
      'Available',
      'NotReady',
      'Unknown',
      'Evacuating',
      'Maintenance',
    ),
  ),
  claim: optional(claim),
  nodeUID: optional(text('The Node that it was last paired with.', 64)),
  inventory: optional(
    object('What the agent found.', {
      capacity: object('What guests can have.', {
        cores: integer('Processor threads.', 1, 4096),
        memory: quantity('Memory that is left to guests.'),
      }),
      cpu: optional(
        object('Its processors.', {
          baseline: baseline('The highest level of CPU features that they have, as the x86-64 psABI names it.'),
        }),
      ),
      agentVersion: text('The agent that says so.', 64),
      bootedAt: time('When the host came up.'),
    }),
  ),
});

export type Host = ObjectOf<typeof spec, typeof status>;
export type HostPhase = NonNullable<Static<typeof status>['phase']>;
export type HostClaim = Static<typeof claim>;
export type HostMaintenance = Static<typeof maintenance>;
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
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    { name: 'Cores', type: 'integer', jsonPath: '.status.inventory.capacity.cores' },
    { name: 'Memory', type: 'string', jsonPath: '.status.inventory.capacity.memory' },
    { name: 'CPU', type: 'string', jsonPath: '.status.inventory.cpu.baseline', priority: 1 },
    { name: 'Evacuated', type: 'string', jsonPath: '.status.conditions[?(@.type=="Evacuated")].reason', priority: 1 },
    { name: 'Agent', type: 'string', jsonPath: '.status.inventory.agentVersion', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
};

/** The Lease, in the system namespace, that the agent of a host renews. */
export function agentLeaseName(host: string): string {
  return `agent-${host}`;
}

/** Condition type of a Host, there while somebody asks for it to be empty: no VM is on it. */
export const evacuated = 'Evacuated';

/** Names the host on its guard: the Pod, in the system namespace, that kubectl drain evicts and waits for. */
export const guardLabel = 'hypersphere.io/guard';
/** On a guard until its host is empty. */
export const guardFinalizer = 'hypersphere.io/evacuated';
/** On a guard whose drain was lifted before the host was empty: who waits for it goes on waiting, and it asks for nothing any more. */
export const liftedAnnotation = 'hypersphere.io/drain-lifted';

/** On a VirtualMachineMigration that was made to empty a host: which. */
export const evacuatesAnnotation = 'hypersphere.io/evacuates';
/** On such a one: the VirtualMachineInstance that is to leave, by uid, and for the how manieth time that is tried. */
export const leavesAnnotation = 'hypersphere.io/leaves';
export const attemptAnnotation = 'hypersphere.io/attempt';
