import type { Json } from '../../meta/objects.ts';
import { deepEqual, isArray, isObject } from './json.ts';
import { findByKeys } from './list-types.ts';
import { childOf, type SchemaNode } from './structural.ts';
import type { Steps } from './validation-errors.ts';

/** A value and what it was before the update, with the schema of both. */
export interface Pair {
  readonly node: SchemaNode;
  readonly value: Json;
  readonly old: Json;
}

/**
 * The pair one step further in; undefined when nothing before the update corresponds. Fields and map entries correspond by name,
 * items by their keys in lists of type map only.
 */
export function stepInto(pair: Pair, step: string | number): Pair | undefined {
  const { node, value, old } = pair;
  if (typeof step === 'number') return stepIntoItem(pair, step);
  const child = childOf(node, step);
  if (child === undefined || !isObject(value) || !isObject(old)) return undefined;
  if (!Object.hasOwn(value, step) || !Object.hasOwn(old, step)) return undefined;
  return { node: child, value: value[step] ?? null, old: old[step] ?? null };
}

function stepIntoItem({ node, value, old }: Pair, index: number): Pair | undefined {
  if (node.items === undefined || node.listType !== 'map' || !isArray(value) || !isArray(old)) return undefined;
  const item = value[index];
  if (item === undefined) return undefined;
  const before = findByKeys(old, item, node.listKeys);
  return before === undefined ? undefined : { node: node.items, value: item, old: before };
}

/**
 * Whether the value at `at` is as it was before the update, by itself or within something larger that is. Its faults are then not told:
 * a schema that became stricter must not stop changes elsewhere in an object.
 */
export function isUnchanged(root: Pair, at: Steps): boolean {
  // What kind an object is cannot have changed, so it says nothing about being as before.
  if (at[0] === 'apiVersion' || at[0] === 'kind') return false;
  let pair = root;
  for (const step of at) {
    const next = stepInto(pair, step);
    if (next === undefined) break;
    pair = next;
  }
  return deepEqual(pair.value, pair.old);
}
