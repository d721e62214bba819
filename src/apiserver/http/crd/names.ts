import type { Definition, Names } from './definition.ts';

/** A name that somebody in the group has already, and the reason of the condition that says so. */
export interface NameConflict {
  readonly reason: string;
  readonly message: string;
}

export interface NameDecision {
  /** The names that the definition has from now on: those that are free, and what it had in place of the others. */
  readonly acceptedNames: Partial<Names>;
  /** The last one that is taken; undefined: none is. */
  readonly conflict: NameConflict | undefined;
}

/** Which of its names a definition gets, as the naming controller of apiextensions-apiserver decides. `all`: the definitions that there are. */
export function decideNames(definition: Definition, all: readonly Definition[]): NameDecision {
  const { names } = definition.spec;
  const had: Partial<Names> = definition.status?.acceptedNames ?? {};
  const taken = takenNames(definition.spec.group, all);
  const next: Partial<Names> = { plural: '', kind: '', ...had };
  let conflict: NameConflict | undefined;
  const isFree = (reason: string, wanted: readonly string[], mine: readonly string[], others: ReadonlySet<string>): boolean => {
    const used = wanted.filter((name) => !mine.includes(name) && others.has(name));
    if (used.length > 0) conflict = { reason, message: inUse(used) };
    return used.length === 0;
  };
  const decide = (
    field: 'plural' | 'singular' | 'kind' | 'listKind',
    reason: string,
    wanted: string,
    others: ReadonlySet<string>,
  ): void => {
    if (isFree(reason, [wanted], [had[field] ?? ''], others)) next[field] = wanted;
  };
  decide('plural', 'PluralConflict', names.plural, taken.resources);
  decide('singular', 'SingularConflict', singular(names), taken.resources);
  if (isFree('ShortNamesConflict', names.shortNames ?? [], had.shortNames ?? [], taken.resources)) setOf(next, 'shortNames', names);
  decide('kind', 'KindConflict', names.kind, taken.kinds);
  decide('listKind', 'ListKindConflict', listKind(names), taken.kinds);
  setOf(next, 'categories', names);
  return { acceptedNames: next, conflict };
}

function setOf(next: Partial<Names>, field: 'shortNames' | 'categories', { [field]: wanted }: Names): void {
  if (wanted === undefined) delete next[field];
  else next[field] = wanted;
}

/** The words of an aggregate of errors of Go. */
function inUse(used: readonly string[]): string {
  const words = [...new Set(used)].map((name) => `${JSON.stringify(name)} is already in use`);
  return words.length === 1 ? words.join() : `[${words.join(', ')}]`;
}

function takenNames(
  group: string,
  all: readonly Definition[],
): { readonly resources: ReadonlySet<string>; readonly kinds: ReadonlySet<string> } {
  const accepted = all.filter((other) => other.spec.group === group).map((other): Partial<Names> => other.status?.acceptedNames ?? {});
  const given = (names: readonly (string | undefined)[]): string[] => names.filter((name) => name !== undefined);
  return {
    resources: new Set(accepted.flatMap((names) => given([names.plural, names.singular, ...(names.shortNames ?? [])]))),
    kinds: new Set(accepted.flatMap((names) => given([names.kind, names.listKind]))),
  };
}

/** The names that a definition is served by. */
export function servedNames({ spec, status }: Definition): Names {
  const { plural = '', kind = '', ...others } = status?.acceptedNames ?? {};
  return plural === '' || kind === '' ? spec.names : { plural, kind, ...others };
}

export function singular({ singular: given, kind }: Names): string {
  return given ?? kind.toLowerCase();
}

export function listKind({ listKind: given, kind }: Names): string {
  return given ?? (kind === '' ? '' : `${kind}List`);
}
