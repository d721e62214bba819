import { group, statusOf, version } from './common.ts';
import type { KindDefinition, ObjectOf } from './kind.ts';
import {
  byteQuantity,
  choice,
  defaulted,
  duration,
  durationWithin,
  integer,
  name,
  object,
  optional,
  quantity,
  ruled,
  text,
  time,
  type Static,
} from './schema.ts';

export const moveMode = choice(
  'PreCopy: memory is copied while the VM runs at its source, until little is left; fails when the VM writes faster than that. PostCopy: the VM goes on at its target at once and its memory follows; a host that dies meanwhile takes the VM with it. Auto: PreCopy, and PostCopy when that does not come to an end.',
  'Auto',
  'PreCopy',
  'PostCopy',
);

const spec = ruled(
  object('One move. It is not changed once made.', {
    virtualMachine: name('The VM, in the same namespace.', 253),
    target: optional(object('Where to. Absent: the host that placement would choose.', { nodeName: name('The host.', 253) })),
    mode: defaulted(moveMode, 'Auto'),
    bandwidth: optional(quantity('At most so many bit/s, such as 1G. Absent: what the network gives.')),
    timeout: defaulted(
      durationWithin(
        'How long it may take once room is booked at the target; then it fails and the VM goes on at its source.',
        '1s',
        '168h',
      ),
      '30m',
    ),
    priority: defaulted(
      choice(
        'User: a person waits for it. System: housekeeping, such as the evacuation of a host. Neither starves the other.',
        'User',
        'System',
      ),
      'User',
    ),
  }),
  { rule: 'self == oldSelf', message: 'a migration is not changed once made: make another' },
);

const status = statusOf('How far it has come, and what came of it.', {
  phase: optional(
    choice(
      'For people, in a word. Pending: it waits its turn. Preparing: room is made at the target. Transferring: memory is copied. SwitchingOver: the VM stands still for a moment. Arriving: it runs at the target, and its memory follows.',
      'Pending',
      'Preparing',
      'Transferring',
      'SwitchingOver',
      'Arriving',
      'Succeeded',
      'Failed',
    ),
  ),
  virtualMachineUID: optional(text("The VM's uid when it was admitted: another VM of the name is not moved by it.", 64)),
  source: optional(text('The host that it leaves.', 253)),
  target: optional(text('The host that it goes to.', 253)),
  sourceInstance: optional(text('The VirtualMachineInstance that it leaves.', 253)),
  targetInstance: optional(text('The VirtualMachineInstance that it becomes.', 253)),
  startedAt: optional(time('When room was booked at the target.')),
  completedAt: optional(time('When it ended, well or not.')),
  progress: optional(
    object('The transfer, rounded; at most one write in five seconds.', {
      percent: integer('Of what has to be sent, as known now.', 0, 100),
      remaining: byteQuantity('What is left to be sent.', '0', '64Ti'),
      estimated: optional(duration('How long that takes at the present rates. Absent: it does not come nearer.')),
    }),
  ),
  mechanism: optional(choice('How it was switched over.', 'PreCopy', 'PostCopy')),
  downtime: optional(duration('How long the VM stood still.')),
  duration: optional(duration('From the booking of room to the end.')),
});

export type VirtualMachineMigration = ObjectOf<typeof spec, typeof status>;
export type VirtualMachineMigrationSpec = Static<typeof spec>;
export type VirtualMachineMigrationStatus = Static<typeof status>;

export const VirtualMachineMigration: KindDefinition<VirtualMachineMigration> = {
  group,
  version,
  kind: 'VirtualMachineMigration',
  plural: 'virtualmachinemigrations',
  singular: 'virtualmachinemigration',
  shortName: 'hsvmm',
  namespaced: true,
  description: 'One move of a running VM to another host. Deleted before the switch-over: cancelled, the VM goes on at its source.',
  spec,
  status,
  columns: [
    { name: 'VM', type: 'string', jsonPath: '.spec.virtualMachine' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Source', type: 'string', jsonPath: '.status.source' },
    { name: 'Target', type: 'string', jsonPath: '.status.target' },
    { name: 'Percent', type: 'integer', jsonPath: '.status.progress.percent' },
    { name: 'Remaining', type: 'string', jsonPath: '.status.progress.remaining', priority: 1 },
    { name: 'Downtime', type: 'string', jsonPath: '.status.downtime', priority: 1 },
    { name: 'Duration', type: 'string', jsonPath: '.status.duration' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  selectableFields: ['.spec.virtualMachine'],
};

/** On a migration from before room is booked until nothing of it is left to be undone. */
export const migrationFinalizer = 'hypersphere.io/migration';
