import type { Difference } from './compare.ts';

/** A difference that is meant, or that is not worth its mending. */
export interface KnownDifference {
  readonly group: string;
  /** The scenario's name; `*` stands for any text. */
  readonly scenario: string;
  /** A pointer into its steps; `*` stands for any text. */
  readonly at: string;
  readonly why: string;
}

const emptyFields = 'an Event of Go shows fields that nobody wrote, as null or an empty text; kubectl shows both alike';

/** Of definitions. */
const decided =
  'a real server decides about names a moment after the write, with a manager of its own; the embedded one does so within the write itself';
/** The one cause of a rule that is refused, and the message that repeats it. */
const rule = '/0/body/*message';

/** As few as possible: each is a lie that a user may be told. One that no longer occurs must go. */
export const knownDifferences: readonly KnownDifference[] = [
  {
    group: 'widget',
    scenario: 'scale: update, dry run and nothing',
    at: '*',
    why: 'a real server takes the field of the replicas from its owner when the scale is written as it was, and stores that; of our kinds only HostPool has a scale',
  },
  {
    group: 'widget',
    scenario: 'scale: apply',
    at: '*',
    why: 'a real server can not apply the scale of a custom resource: it answers 500 where it should, and conflicts with fields that nobody else owns; this one says at once that it does not',
  },
  {
    group: 'apply',
    scenario: 'after a scale',
    at: '*',
    why: 'a real server lets an applier take replicas from who wrote the scale of a custom resource without a conflict; of our kinds only HostPool has a scale',
  },
  { group: 'kinds', scenario: 'Event*', at: '/*/body/eventTime', why: emptyFields },
  { group: 'kinds', scenario: 'Event*', at: '/*/body/reportingComponent', why: emptyFields },
  { group: 'kinds', scenario: 'Event*', at: '/*/body/reportingInstance', why: emptyFields },
  { group: 'kinds', scenario: 'Event*', at: '/*/body/deprecated*', why: emptyFields },
  {
    group: 'kinds',
    scenario: 'Event*: nothing but its name',
    at: '*',
    why: 'what is wrong with an Event of events.k8s.io is told in the words of the older form, and by the first rule that fails',
  },
  {
    group: 'kinds',
    scenario: 'Pod: without a service account',
    at: '*',
    why: 'the admission plugin ServiceAccount refuses Pods until a controller has made the account; here nobody runs Pods, and no account gives them rights',
  },
  {
    group: 'around',
    scenario: 'discovery: *',
    at: '*/storageVersionHash',
    why: 'the hash is for migrations of what is stored in several versions, which the embedded server does by itself',
  },
  {
    group: 'around',
    scenario: 'may I',
    at: '/0/body/~1metadata/managedFields',
    why: 'a review is stored nowhere, so nobody owns its fields',
  },
  {
    group: 'around',
    scenario: 'who am I',
    at: '*',
    why: 'a review has no spec of which to warn, and no time, as it is stored nowhere',
  },
  {
    group: 'around',
    scenario: 'without a token',
    at: '/0/headers',
    why: 'RFC 9110 wants the header with each 401; clients do not mind it',
  },
  {
    group: 'around',
    scenario: 'a warning of each*',
    at: '/0/headers/warning/*',
    why: 'the order of warnings: a field that stands twice comes before unknown ones, where a real server goes by their places in the text',
  },
  {
    group: 'node',
    scenario: 'create: *',
    at: '/*/body/spec/taints',
    why: 'the admission plugin TaintNodesByCondition taints each new Node as not ready until a controller of the cluster has seen it; beside the embedded server no controller would take the taint away',
  },
  {
    group: 'node',
    scenario: '*update*',
    at: '/*/body/message',
    why: 'a message of the store has the key of the object in it, and Nodes are still stored as minions',
  },
  {
    group: 'watch',
    scenario: '*: starts in the future',
    at: '/2/events/0',
    why: 'a server that has lost the end of its history would leave its watchers waiting, so it says that they must list anew; a real one is silent until its versions get there',
  },
  {
    group: 'ending',
    scenario: '*: its deletion is taken back, or put off',
    at: '/4/body/~1metadata~1resourceVersion',
    why: 'a write that only asks for another deletionTimestamp is taken and changes nothing, on both; a real server counts it as a version all the same',
  },
  { group: 'crd', scenario: 'a definition as it is made', at: '/0/body/status/*', why: decided },
  { group: 'crd', scenario: 'a definition as it is made', at: '/1/body/metadata/managedFields/1', why: decided },
  { group: 'crd', scenario: 'a definition as it is made', at: '/1/body/metadata/resourceVersion', why: decided },
  { group: 'crd', scenario: 'a definition of every option', at: '/0/body/status/*', why: decided },
  { group: 'crd', scenario: 'a definition, dry run', at: '/0/body/status/*', why: decided },
  { group: 'crd', scenario: 'a definition with a status of its own', at: '/0/body/~1status/*', why: decided },
  {
    group: 'crd',
    scenario: 'a second version',
    at: '/7/body/~1metadata~1managedFields/1',
    why: 'a real server can not tell who changed a field that the version of an earlier manager does not have, and leaves all managers as they were; this one names who did',
  },
  { group: 'crd', scenario: 'what cannot be changed', at: '/6/body/~1status~1acceptedNames/shortNames', why: decided },
  {
    group: 'crd',
    scenario: 'not valid: a rule that cannot be read',
    at: rule,
    why: 'what a rule lacks is told in the words of the parser of rules, which are its own',
  },
  {
    group: 'crd',
    scenario: 'not valid: a rule that compares types',
    at: rule,
    why: 'the parser of rules remembers where an expression begins, a real one where its operator stands: that place is told',
  },
  {
    group: 'crd',
    scenario: 'not valid: a rule of a function that there is not',
    at: rule,
    why: 'a function that there is not is told like one that does not take its arguments, and at the place where the expression begins',
  },
  {
    group: 'crd',
    scenario: 'not valid: a rule that costs too much',
    at: '/0/*',
    why: 'what a rule may cost at most is not estimated: nobody but the owner of this server teaches it kinds, and the rules of its own kinds are cheap',
  },
];

export function isKnown(known: KnownDifference, group: string, { scenario, at }: Difference): boolean {
  return known.group === group && matches(known.scenario, scenario) && matches(known.at, at);
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}
