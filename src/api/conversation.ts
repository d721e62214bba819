import { simGroup, statusOf, version } from './common.ts';
import type { KindDefinition, ObjectOf } from './kind.ts';
import { defaulted, duration, durationWithin, integer, name, object, optional, text, time } from './schema.ts';

const spec = object(
  'With whom, and how long.',
  {
    virtualMachine: name('The VM, in the same namespace. It keeps a ledger on its first disk.', 253),
    network: optional(text('By which of its networks (spec.networks[].name). Absent: the first.', 63)),
    duration: defaulted(durationWithin('How long; then it is Complete.', '1s', '1h'), '10m'),
  },
  [{ rule: 'self == oldSelf', message: 'a conversation is not changed once begun: make another' }],
);

const status = statusOf('What the client has seen.', {
  startedAt: optional(time('When the client began.')),
  nodeName: optional(text('Where the VM runs, as the simulated world knows it.', 253)),
  answers: optional(integer('Answers so far.', 0, Number.MAX_SAFE_INTEGER)),
  longestGap: optional(duration('The longest time without an answer.')),
  contradictions: optional(
    integer(
      'Answers that cannot be true together: with each other, or with what is on the disk. Always 0, or something is broken.',
      0,
      Number.MAX_SAFE_INTEGER,
    ),
  ),
});

export type Conversation = ObjectOf<typeof spec, typeof status>;

export const Conversation: KindDefinition<Conversation> = {
  group: simGroup,
  version,
  kind: 'Conversation',
  plural: 'conversations',
  singular: 'conversation',
  shortName: 'hstalk',
  namespaced: true,
  description:
    'A client outside that talks with a VM, and notes when it was not answered and whether it was told the truth. Only where hosts are simulated.',
  spec,
  status,
  columns: [
    { name: 'VM', type: 'string', jsonPath: '.spec.virtualMachine' },
    { name: 'Host', type: 'string', jsonPath: '.status.nodeName' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    { name: 'Answers', type: 'integer', jsonPath: '.status.answers' },
    { name: 'Longest gap', type: 'string', jsonPath: '.status.longestGap' },
    { name: 'Contradictions', type: 'integer', jsonPath: '.status.contradictions' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
};
