import { group, statusOf, version } from './common.ts';
import type { KindDefinition, ObjectOf } from './kind.ts';
import { choice, defaulted, duration, durationWithin, integer, labels, name, object, optional, text, time, type Static } from './schema.ts';

export const protectionMode = choice(
  'Checkpoint: what the VM has changed goes to its shadow at an interval; any number of processors. Lockstep: what comes to the VM from outside goes to its shadow, which does the same with it; one processor.',
  'Checkpoint',
  'Lockstep',
);

const spec = object(
  'Which VM has a shadow, and how that keeps in step.',
  {
    virtualMachine: name('The VM, in the same namespace; also the name of the FTPair.', 253),
    mode: defaulted(protectionMode, 'Checkpoint'),
    checkpoint: defaulted(
      object('In the mode Checkpoint.', {
        interval: defaulted(
          durationWithin('From one checkpoint to the next, while the network keeps up: what is said waits as long.', '10ms', '10s'),
          '50ms',
        ),
      }),
      {},
    ),
    placement: optional(
      object('Where the shadow may be, besides what the VM itself asks for.', {
        nodeSelector: optional(labels('Labels that its Node must have.')),
      }),
    ),
    testFailover: optional(
      object('Has the original die, as a test, once.', {
        epoch: integer('It happens only while status.epoch is this.', 1, Number.MAX_SAFE_INTEGER),
      }),
    ),
  },
  [
    {
      rule: 'self.virtualMachine == oldSelf.virtualMachine',
      message: 'a pair is of one VM: make another for another',
      fieldPath: '.virtualMachine',
    },
  ],
);

const side = (description: string) =>
  object(description, { instance: text('Its VirtualMachineInstance.', 253), nodeName: text('Its host.', 253) });

const status = statusOf('Who is the VM, who its shadow, and whether that could take over now.', {
  primary: optional(side('The one that the world sees.')),
  shadow: optional(side('The one that stands by.')),
  epoch: optional(
    integer('Grows by one with each failover. It mirrors what the arbiter decided, and decides nothing.', 1, Number.MAX_SAFE_INTEGER),
  ),
  lastFailover: optional(
    object('The last time that a shadow took over.', {
      at: time('When that was seen.'),
      reason: text(
        'HostDead; Unheard: its shadow heard nothing of the original, and nobody knows that its host is dead; Maintenance; or Test.',
        64,
      ),
      blackout: optional(duration('From the last state that it goes on from until it went on.')),
    }),
  ),
  shadows: optional(integer('How many shadows were made for it: each has a name of its own.', 0, Number.MAX_SAFE_INTEGER)),
});

export type FTPair = ObjectOf<typeof spec, typeof status>;
export type FTPairSpec = Static<typeof spec>;
export type FTPairStatus = Static<typeof status>;

/** Condition types: the policy is accepted and the VM eligible; a shadow could go on for it now. */
export const enabled = 'Enabled';
export const protects = 'Protected';

export const FTPair: KindDefinition<FTPair> = {
  group,
  version,
  kind: 'FTPair',
  plural: 'ftpairs',
  singular: 'ftpair',
  shortName: 'hsft',
  namespaced: true,
  description: 'Keeps a shadow of a running VM on another host, in step with it: where the original dies, the shadow is the VM.',
  spec,
  status,
  rules: [
    {
      rule: 'self.metadata.name == self.spec.virtualMachine',
      message: "a pair has its VM's name: metadata.name and spec.virtualMachine must be equal",
      fieldPath: '.spec.virtualMachine',
    },
  ],
  columns: [
    { name: 'Mode', type: 'string', jsonPath: '.spec.mode' },
    { name: 'Protected', type: 'string', jsonPath: '.status.conditions[?(@.type=="Protected")].status' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Protected")].reason' },
    { name: 'Primary', type: 'string', jsonPath: '.status.primary.nodeName' },
    { name: 'Shadow', type: 'string', jsonPath: '.status.shadow.nodeName' },
    { name: 'Epoch', type: 'integer', jsonPath: '.status.epoch' },
    { name: 'Blackout', type: 'string', jsonPath: '.status.lastFailover.blackout', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
};
