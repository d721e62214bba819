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

/** As few as possible: each is a lie that a user may be told. One that no longer occurs must go. */
export const knownDifferences: readonly KnownDifference[] = [
  {
    group: 'widget',
    scenario: 'scale: update, dry run and nothing',
    at: '*',
    why: 'a real server takes the field of the replicas from its owner when the scale is written as it was, and stores that; none of our kinds has a scale',
  },
  {
    group: 'widget',
    scenario: 'scale: apply',
    at: '*',
    why: 'a real server can not apply the scale of a custom resource: it answers 500 where it should, and conflicts with fields that nobody else owns; this one says at once that it does not',
  },
  {
    group: 'node',
    scenario: 'create: *',
    at: '/*/body/spec/taints',
    why: 'the admission plugin TaintNodesByCondition taints each new Node as not ready until a controller of the cluster has seen it; beside the embedded server no controller would take the taint away',
  },
  {
    group: 'node',
    scenario: '*',
    at: '/*/body/message',
    why: 'a message of the store has the key of the object in it, and Nodes are still stored as minions',
  },
];

export function isKnown(known: KnownDifference, group: string, { scenario, at }: Difference): boolean {
  return known.group === group && matches(known.scenario, scenario) && matches(known.at, at);
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}
