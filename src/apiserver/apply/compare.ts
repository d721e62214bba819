import type { Json } from '../../meta/objects.ts';
import type { FieldSet } from './field-set.ts';
import { leaf, ordered } from './field-set.ts';
import { union } from './field-algebra.ts';
import { fieldElement } from './element.ts';
import type { JsonObject } from './json.ts';
import { equalJson, equalLists, isObject, member } from './json.ts';
import { groupItems, itemElement } from './list-items.ts';
import { insideOf, wholeOf } from './whole.ts';
import type { ListShape, MapShape, Type } from './type.ts';
import { listShapeOf, mapShapeOf, memberType } from './type.ts';

/** What one value has and another has not, as nodes of sets. */
export interface Change {
  /** Fields that are new, or have another value. */
  readonly changed: FieldSet | undefined;
  /** Fields that are no more. */
  readonly removed: FieldSet | undefined;
}

const leafChanged: Change = { changed: leaf, removed: undefined };

/**
 * The fields in which `after` differs from `before`; undefined when in none. A container that is new counts as a field of its own; one
 * that merely has other contents does not. The order of items that have keys is no difference.
 */
export function compare(type: Type, before: Json, after: Json): Change | undefined {
  if (before === after) return undefined;
  if (isObject(before) && isObject(after)) return compareMaps(mapShapeOf(type), before, after);
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(listShapeOf(type), before, after);
  return compareKinds(type, before, after);
}

/** Of a value that is of another kind now. Null and an empty container of any kind are leaves. */
function compareKinds(type: Type, before: Json, after: Json): Change {
  const removed = insideOf(type, before);
  if (after === null && removed !== undefined) return { changed: undefined, removed };
  const added = insideOf(type, after);
  if (added === undefined) return removed === undefined ? leafChanged : { changed: leaf, removed };
  return { changed: before === null ? added : { '.': leaf, ...added }, removed };
}

function compareMaps(shape: MapShape, before: JsonObject, after: JsonObject): Change | undefined {
  if (shape.atomic) return equalJson(before, after) ? undefined : leafChanged;
  const collected = new Collector();
  for (const key in after) {
    const mine = member(before, key);
    const theirs = after[key];
    if (mine === theirs || theirs === undefined || shape.untracked.has(key)) continue;
    const type = memberType(shape, key);
    if (mine === undefined) collected.add(fieldElement(key), wholeOf(type, theirs));
    else collected.take(fieldElement(key), compare(type, mine, theirs));
  }
  for (const key in before) {
    const mine = before[key];
    if (mine === undefined || shape.untracked.has(key) || member(after, key) !== undefined) continue;
    collected.remove(fieldElement(key), wholeOf(memberType(shape, key), mine));
  }
  return collected.result();
}

function compareLists(shape: ListShape, before: readonly Json[], after: readonly Json[]): Change | undefined {
  if (shape.atomic) return equalLists(before, after) ? undefined : leafChanged;
  const collected = new Collector();
  if (compareInPlace(shape, before, after, collected)) return collected.result();
  const mine = groupItems(shape, before);
  const theirs = groupItems(shape, after);
  if (mine === undefined || theirs === undefined) return leafChanged;
  for (const [element, items] of theirs) compareItems(shape.item, element, mine.get(element) ?? [], items, collected);
  for (const [element, items] of mine) {
    if (!theirs.has(element)) compareItems(shape.item, element, items, [], collected);
  }
  return collected.result();
}

/** The common case, where all items are where they were: spares the grouping. False when it is not that case. */
function compareInPlace(shape: ListShape, before: readonly Json[], after: readonly Json[], collected: Collector): boolean {
  if (before.length !== after.length) return false;
  const others = after.flatMap((item, i) => (equalJson(before[i] ?? null, item) ? [] : [i]));
  if (others.length === 0) return true;
  const elements = after.map((item) => itemElement(shape, item));
  if (new Set(elements).size < elements.length) return false;
  if (others.some((i) => elements[i] === undefined || itemElement(shape, before[i] ?? null) !== elements[i])) return false;
  for (const i of others) collected.take(elements[i] ?? '', compare(shape.item, before[i] ?? null, after[i] ?? null));
  return true;
}

/** Items that share one element are one field, of which the parts belong to nobody. */
function compareItems(type: Type, element: string, before: readonly Json[], after: readonly Json[], collected: Collector): void {
  const [mine] = before;
  const [theirs] = after;
  if (before.length > 1 && after.length > 1) {
    if (!equalLists(before, after)) collected.add(element, leaf);
    return;
  }
  if (before.length === 1 && after.length === 1 && mine !== undefined && theirs !== undefined) {
    collected.take(element, compare(type, mine, theirs));
    return;
  }
  if (mine !== undefined) collected.remove(element, before.length > 1 ? leaf : wholeOf(type, mine));
  if (theirs !== undefined) collected.add(element, after.length > 1 ? leaf : wholeOf(type, theirs));
}

/** Gathers what is below one node. Makes objects only when there is something to put in them. */
class Collector {
  private changed: Record<string, FieldSet> | undefined;
  private removed: Record<string, FieldSet> | undefined;

  add(element: string, node: FieldSet): void {
    (this.changed ??= {})[element] = node;
  }

  remove(element: string, node: FieldSet): void {
    (this.removed ??= {})[element] = node;
  }

  take(element: string, change: Change | undefined): void {
    if (change?.changed !== undefined) this.add(element, change.changed);
    if (change?.removed !== undefined) this.remove(element, change.removed);
  }

  result(): Change | undefined {
    if (this.changed === undefined && this.removed === undefined) return undefined;
    return { changed: this.changed && ordered(this.changed), removed: this.removed && ordered(this.removed) };
  }
}

/** All fields of a change, whichever way they changed. */
export function touched(change: Change | undefined): FieldSet {
  return union(change?.changed ?? {}, change?.removed ?? {});
}
