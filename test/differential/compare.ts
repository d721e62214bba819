import type { ScenarioShape } from './normalise.ts';

/** One place where two servers disagree. */
export interface Difference {
  readonly scenario: string;
  /** A JSON pointer into the scenario's steps: `/2/body/metadata/generation`. */
  readonly at: string;
  readonly real: unknown;
  readonly embedded: unknown;
}

const absent = '(absent)';

/** Where `embedded` is not what `real` is. */
export function differences(real: ScenarioShape, embedded: ScenarioShape): Difference[] {
  return unequal(real.steps, embedded.steps, '').map((found) => ({ scenario: real.scenario, ...found }));
}

function unequal(real: unknown, embedded: unknown, at: string): Omit<Difference, 'scenario'>[] {
  if (!isNode(real) || !isNode(embedded) || Array.isArray(real) !== Array.isArray(embedded))
    return real === embedded ? [] : [{ at, real, embedded }];
  const keys = new Set([...Object.keys(real), ...Object.keys(embedded)]);
  return [...keys].flatMap((key) => {
    const below = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return unequal(Object.hasOwn(real, key) ? real[key] : absent, Object.hasOwn(embedded, key) ? embedded[key] : absent, below);
  });
}

function isNode(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

export function toldOf({ at, real, embedded }: Difference): string {
  return `${at}\n    real      ${JSON.stringify(real)}\n    embedded  ${JSON.stringify(embedded)}`;
}
