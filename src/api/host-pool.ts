import { baseline } from './cpu.ts';
import { simGroup, statusOf, taint, version } from './common.ts';
import type { KindDefinition, ObjectOf } from './kind.ts';
import {
  byteQuantity,
  defaulted,
  duration,
  durationWithin,
  integer,
  labels,
  listOf,
  object,
  optional,
  quantity,
  ruled,
  type Static,
} from './schema.ts';

const nic = ruled(quantity('bit/s at which guests move from it, and at the same time to it; those that move at once share it.'), {
  rule: "quantity(string(self)).compareTo(quantity('1M')) >= 0 && quantity(string(self)).compareTo(quantity('1T')) <= 0",
  message: 'must be from 1M to 1T bit/s, such as 10G',
});

const template = object('What each host is. A change applies to hosts that are made from now on.', {
  labels: optional(labels('Labels of its Node.')),
  taints: optional(listOf('Taints of its Node, besides hypersphere.io/simulated.', taint, 16)),
  cores: defaulted(integer('Processor threads.', 1, 1024), 16),
  baselines: defaulted(
    listOf('Levels of CPU features that its hosts have, by turns: a mixed pool has several.', baseline('A level.'), 16),
    ['x86-64-v3'],
  ),
  memory: defaulted(byteQuantity('Memory for guests.', '1Mi', '64Ti'), '64Gi'),
  guestBootTime: defaulted(duration('How long a guest takes from its start to its first heartbeat.'), '4s'),
  nic: defaulted(nic, '10G'),
  guestChatter: optional(
    object('What its guests say by themselves, so that ports have something to count. Absent: nothing.', {
      interval: defaulted(
        durationWithin('How often each network interface says something to one of those of whom it has heard.', '10ms', '1h'),
        '1s',
      ),
      bytes: defaulted(integer('How much.', 0, 1400), 100),
    }),
  ),
});

const spec = object('Simulated hosts, as many as one likes.', {
  replicas: defaulted(integer('How many.', 0, 1000), 1),
  template: defaulted(template, {}),
});

const status = statusOf('What there is of it.', {
  replicas: optional(integer('Hosts that exist.', 0, 100_000)),
  readyReplicas: optional(integer('Hosts whose agent answers, of those that should be there.', 0, 100_000)),
});

export type HostPool = ObjectOf<typeof spec, typeof status>;
export type HostTemplate = Static<typeof template>;

export const HostPool: KindDefinition<HostPool> = {
  group: simGroup,
  version,
  kind: 'HostPool',
  plural: 'hostpools',
  singular: 'hostpool',
  shortName: 'hspool',
  namespaced: false,
  description: 'A rack of simulated hosts, named <pool>-1, <pool>-2, … Only where hosts are simulated. A host with VMs is not taken away.',
  spec,
  status,
  maxNameLength: 40,
  columns: [
    { name: 'Desired', type: 'integer', jsonPath: '.spec.replicas' },
    { name: 'Hosts', type: 'integer', jsonPath: '.status.replicas' },
    { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
};

/** On a pool until its hosts are gone. */
export const hostPoolFinalizer = 'sim.hypersphere.io/host-pool';
/** On a Node that a pool made: the pool's name. */
export const hostPoolLabel = 'sim.hypersphere.io/pool';
