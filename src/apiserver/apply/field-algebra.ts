import type { FieldSet, Path } from './field-set.ts';
import { emptySet, hasChildren, isEmpty, isMember, leaf, ordered } from './field-set.ts';

const self: FieldSet = Object.freeze({ '.': leaf });

export function fieldSet(...paths: readonly Path[]): FieldSet {
  return paths.reduce((set, path) => union(set, single(path)), emptySet);
}

function single(path: Path): FieldSet {
  return path.reduceRight<FieldSet>((node, element) => ({ [element]: node }), leaf);
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  return join(a, b, unionOfNodes);
}

function unionOfNodes(a: FieldSet, b: FieldSet): FieldSet {
  const mine = opened(a);
  const both = union(mine, opened(b));
  return both === mine ? a : both;
}

/**
 * As `union`, and where `b` has nothing below a member, nothing stays below it: `b` are fields that changed as a whole, so that ownership of
 * their parts is of the past (a list that became atomic, for example).
 */
export function absorb(a: FieldSet, b: FieldSet): FieldSet {
  return join(a, b, (mine, theirs) => {
    if (isEmpty(theirs)) return hasChildren(mine) ? leaf : mine;
    const own = opened(mine);
    const both = absorb(own, theirs);
    return both === own ? mine : both;
  });
}

/** What is in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const element in a) {
    const mine = a[element];
    const theirs = b[element];
    if (mine === undefined || theirs === undefined) continue;
    const both = element === '.' ? leaf : closed(intersection(opened(mine), opened(theirs)));
    if (both !== undefined) result[element] = both;
  }
  return result;
}

/** What is in `a` and not in `b`. Parents and children are fields of their own: taking away a parent leaves its children. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, (mine, theirs) => {
    const own = opened(mine);
    const rest = difference(own, opened(theirs));
    return rest === own ? mine : closed(rest);
  });
}

/** As `difference`, and whatever is below a member of `b` goes too. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, (mine, theirs) => {
    if (isMember(theirs)) return undefined;
    const rest = recursiveDifference(mine, theirs);
    return rest === mine ? mine : closed(rest);
  });
}

/** As `difference`, and where `b` has nothing below a member, what `a` has below it goes too (see `absorb`). */
export function withdraw(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, (mine, theirs) => {
    if (isEmpty(theirs)) return undefined;
    const own = opened(mine);
    const rest = withdraw(own, theirs);
    return rest === own ? mine : closed(rest);
  });
}

/** A leaf is a node with nothing but itself: every node in the longer one of its two forms, so that the algebra knows one form only. */
function opened(node: FieldSet): FieldSet {
  return isEmpty(node) ? self : node;
}

/** Back to the shorter form; undefined when nothing is left. */
function closed(node: FieldSet): FieldSet | undefined {
  if (isEmpty(node)) return undefined;
  return node['.'] !== undefined && !hasChildren(node) ? leaf : node;
}

function join(a: FieldSet, b: FieldSet, step: (mine: FieldSet, theirs: FieldSet) => FieldSet): FieldSet {
  let result: Record<string, FieldSet> | undefined;
  let grown = false;
  for (const element in b) {
    const mine = a[element];
    const theirs = b[element];
    if (theirs === undefined || mine === theirs || (mine !== undefined && element === '.')) continue;
    const both = mine === undefined ? theirs : step(mine, theirs);
    if (both === mine) continue;
    result ??= { ...a };
    result[element] = both;
    grown ||= mine === undefined;
  }
  if (result === undefined) return a;
  return grown ? ordered(result) : result;
}

type Step = (mine: FieldSet, theirs: FieldSet) => FieldSet | undefined;

/** Goes over the elements of `b`, the small one where this must be fast. */
function subtract(a: FieldSet, b: FieldSet, step: Step): FieldSet {
  let replaced: Map<string, FieldSet | undefined> | undefined;
  for (const element in b) {
    const mine = a[element];
    const theirs = b[element];
    if (mine === undefined || theirs === undefined) continue;
    const rest = element === '.' ? undefined : step(mine, theirs);
    if (rest !== mine) (replaced ??= new Map<string, FieldSet | undefined>()).set(element, rest);
  }
  return replaced === undefined ? a : replace(a, replaced);
}

function replace(set: FieldSet, replaced: ReadonlyMap<string, FieldSet | undefined>): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const element in set) {
    const node = replaced.has(element) ? replaced.get(element) : set[element];
    if (node !== undefined) result[element] = node;
  }
  return result;
}
