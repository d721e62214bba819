import { group, labelSelector, statusOf, version } from './common.ts';
import { hostSettings } from './host-settings.ts';
import type { KindDefinition, ObjectOf } from './kind.ts';
import {
  boolean,
  choice,
  countOrPercent,
  defaulted,
  durationWithin,
  integer,
  listOf,
  object,
  optional,
  text,
  time,
  type Static,
} from './schema.ts';

const rollout = object(
  'How a change goes over the hosts. Before the first of them changes, all that answer have said what it would do to them.',
  {
    canary: defaulted(
      integer('So many hosts get it first, and must be well with it; one that is not ends the roll-out. 0: none.', 0, 100),
      1,
    ),
    soak: defaulted(durationWithin('How long the first must be well with it before others get it.', '0s', '24h'), '10s'),
    maxUnavailable: defaulted(
      countOrPercent('Hosts that may be away or at work at once: a number, or a share of those selected, rounded down; at least one.'),
      '10%',
    ),
    pauseOnFailure: defaulted(
      boolean(
        'Whether it stops at the first sign of harm: a host that refused it, undid it, or does not answer any more. Else that host is left out.',
      ),
      true,
    ),
  },
);

const spec = object('Which hosts, and how they are to be.', {
  hostSelector: labelSelector('Its hosts, by the labels of their Nodes. Empty: all.'),
  priority: defaulted(
    integer(
      'Of profiles that want a setting of one host to be different the one of the highest priority counts; of equal ones the first by name.',
      0,
      1000,
    ),
    0,
  ),
  settings: hostSettings,
  enforcement: defaulted(choice('Report: what differs is said. Remediate: and mended.', 'Report', 'Remediate'), 'Report'),
  rollback: defaulted(
    object('What a host does by itself.', {
      after: defaulted(durationWithin('A host that does not reach its manager for so long after a change undoes it.', '5s', '1h'), '30s'),
    }),
    {},
  ),
  rollout: defaulted(rollout, {}),
});

const count = (description: string) => integer(description, 0, 100_000);

const status = statusOf('What has become of it.', {
  hosts: optional(
    object('Its hosts.', {
      total: count('Nodes that it selects.'),
      compliant: count('As it says.'),
      nonCompliant: count('Not as it says.'),
      unknown: count('Nobody can say: they do not answer, or have not looked yet.'),
    }),
  ),
  plan: optional(
    object('What is left to change, by what it does to hosts.', {
      none: count('Hosts that are changed as they run.'),
      maintenance: count('Hosts that are emptied for it.'),
      reboot: count('Hosts that are emptied and booted anew.'),
      refused: count('Hosts that cannot be changed so.'),
    }),
  ),
  rollout: optional(
    object('The change that is going over the hosts, or went last.', {
      settings: text('A hash of the settings: other settings are another roll-out.', 16),
      canaries: listOf('The hosts that get it first.', text('A host.', 253), 100),
      canaryPassed: boolean('Whether they were well with it.'),
    }),
  ),
  notCompliant: optional(
    listOf(
      'The first of those that are not as it says, by name.',
      object('One host.', {
        host: text('Which.', 253),
        state: choice('What is known of it.', 'NonCompliant', 'Unknown'),
        since: optional(time('Since when.')),
        message: text('Why.', 1024),
      }),
      10,
    ),
  ),
});

export type HostProfile = ObjectOf<typeof spec, typeof status>;
export type HostProfileSpec = Static<typeof spec>;
export type HostProfileStatus = Static<typeof status>;

/** Condition type of a HostProfile: others want the same settings of the same hosts to be different. */
export const conflicting = 'Conflicting';

/** On a Host: asks its agent to write down as a profile what differs from how it came; another value asks again. */
export const extractAnnotation = 'hypersphere.io/extract';
/** Labels the ConfigMap that it is written to: the Host. */
export const extractedLabel = 'hypersphere.io/extracted-from';

const first = '.status.notCompliant[0]';

export const HostProfile: KindDefinition<HostProfile> = {
  group,
  version,
  kind: 'HostProfile',
  plural: 'hostprofiles',
  singular: 'hostprofile',
  shortName: 'hsprofile',
  namespaced: false,
  maxNameLength: 63,
  description: 'How hosts are to be set up: who may write one is root on the hosts that it selects.',
  spec,
  status,
  columns: [
    { name: 'Hosts', type: 'integer', jsonPath: '.status.hosts.total' },
    { name: 'Compliant', type: 'integer', jsonPath: '.status.hosts.compliant' },
    { name: 'Not-Compliant', type: 'integer', jsonPath: '.status.hosts.nonCompliant' },
    { name: 'Unknown', type: 'integer', jsonPath: '.status.hosts.unknown' },
    { name: 'Enforcement', type: 'string', jsonPath: '.spec.enforcement' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    { name: 'First', type: 'string', jsonPath: `${first}.host`, priority: 1, description: 'The first host that is not as it says.' },
    { name: 'Since', type: 'date', jsonPath: `${first}.since`, priority: 1 },
    { name: 'Why', type: 'string', jsonPath: `${first}.message`, priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
};
