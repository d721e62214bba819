import type { Definition, Names } from './definition.ts';
import { hasCondition } from './definition.ts';

/** A name that somebody else in the group has already, and the reason of the condition that says so. */
export interface NameConflict {
  readonly reason: string;
  readonly message: string;
}

/** The first name of `definition` that another accepted one of its group has. */
export function nameConflict(definition: Definition, others: readonly Definition[]): NameConflict | undefined {
  const taken = others.filter(
    (other) =>
      other.metadata.name !== definition.metadata.name &&
      other.spec.group === definition.spec.group &&
      hasCondition(other, 'NamesAccepted'),
  );
  const resources = new Set(taken.flatMap((other) => resourceNames(other.spec.names)));
  const kinds = new Set(taken.flatMap((other) => [other.spec.names.kind, listKind(other.spec.names)]));
  const { names } = definition.spec;
  const wanted: readonly (readonly [reason: string, name: string, taken: ReadonlySet<string>])[] = [
    ['PluralConflict', names.plural, resources],
    ['SingularConflict', singular(names), resources],
    ...(names.shortNames ?? []).map((name) => ['ShortNamesConflict', name, resources] as const),
    ['KindConflict', names.kind, kinds],
    ['ListKindConflict', listKind(names), kinds],
  ];
  const found = wanted.find(([, name, set]) => set.has(name));
  return found === undefined ? undefined : { reason: found[0], message: `${JSON.stringify(found[1])} is already in use` };
}

function resourceNames(names: Names): string[] {
  return [names.plural, singular(names), ...(names.shortNames ?? [])];
}

export function singular({ singular: given, kind }: Names): string {
  return given ?? kind.toLowerCase();
}

export function listKind({ listKind: given, kind }: Names): string {
  return given ?? (kind === '' ? '' : `${kind}List`);
}
