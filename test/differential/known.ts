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
export const knownDifferences: readonly KnownDifference[] = [];

export function isKnown(known: KnownDifference, group: string, { scenario, at }: Difference): boolean {
  return known.group === group && matches(known.scenario, scenario) && matches(known.at, at);
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}
