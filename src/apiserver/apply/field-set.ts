/**
 * A set of fields, as a tree in the very form of FieldsV1: an element of a path (`f:name`, `k:{…}`, `v:…`, `i:0`) leads to what is below it.
 * A node is itself in the set when it is empty or has the element `.`; a root never is. Elements stand in order, keys are canonical, so that
 * equal sets print equally. Never changed in place: every function shares what it can with its arguments, and returns the very argument
 * when nothing had to change.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** Elements from the root to a field. */
export type Path = readonly string[];

/** A node that is in the set and has nothing below it; as a root, the set of nothing. */
export const leaf: FieldSet = Object.freeze({});
export const emptySet: FieldSet = leaf;

export function isEmpty(set: FieldSet): boolean {
  return set === leaf || Object.keys(set).length === 0;
}

/** Whether the node itself is in the set. */
export function isMember(node: FieldSet): boolean {
  return node['.'] !== undefined || isEmpty(node);
}

/** Whether something below the node is in the set. */
export function hasChildren(node: FieldSet): boolean {
  for (const element in node) {
    if (element !== '.') return true;
  }
  return false;
}

/** The node with itself in the set. */
export function asMember(node: FieldSet): FieldSet {
  return isMember(node) ? node : { '.': leaf, ...node };
}

/** The same node with its elements in order. */
export function ordered(node: FieldSet): FieldSet {
  const elements = Object.keys(node);
  if (isSorted(elements)) return node;
  const result: Record<string, FieldSet> = {};
  for (const element of elements.sort()) result[element] = node[element] ?? leaf;
  return result;
}

function isSorted(elements: readonly string[]): boolean {
  for (let i = 1; i < elements.length; i++) {
    if ((elements[i - 1] ?? '') > (elements[i] ?? '')) return false;
  }
  return true;
}

export function hasPath(set: FieldSet, path: Path): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) {
    node = node[element];
    if (node === undefined) return false;
  }
  return path.length > 0 && isMember(node);
}

/** Every field in the set, parents before children. */
export function pathsOf(set: FieldSet): Path[] {
  const paths: Path[] = [];
  const walk = (node: FieldSet, path: Path): void => {
    for (const element in node) {
      const child = node[element];
      if (element === '.' || child === undefined) continue;
      const here = [...path, element];
      if (isMember(child)) paths.push(here);
      walk(child, here);
    }
  };
  walk(set, []);
  return paths;
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  const elements = Object.keys(a);
  if (elements.length !== Object.keys(b).length) return false;
  return elements.every((element) => {
    const mine = a[element];
    const theirs = b[element];
    return mine !== undefined && theirs !== undefined && equalSets(mine, theirs);
  });
}

/** The members that have no members below them. */
export function leavesOf(set: FieldSet): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const element in set) {
    const node = set[element];
    if (element === '.' || node === undefined) continue;
    result[element] = hasChildren(node) ? leavesOf(node) : leaf;
  }
  return result;
}
