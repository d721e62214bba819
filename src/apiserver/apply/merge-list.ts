import type { Json } from '../../meta/objects.ts';
import { must } from '../../base/errors.ts';
import { itemElement } from './list-items.ts';
import type { ListShape, Type } from './type.ts';

type MergeValues = (type: Type, live: Json, patch: Json) => Json;

/**
 * Two lists whose items have elements, as one: in the order of the patch, items that only the live list has standing where they stood among
 * those that both have. An item that stands more than once in the live list is replaced when the patch has it, else left as it is.
 * Undefined when an item has no element.
 */
export function mergeItems(shape: ListShape, live: readonly Json[], patch: readonly Json[], mergeValues: MergeValues): Json[] | undefined {
  const mine = index(shape, live);
  const theirs = index(shape, patch);
  return mine === undefined || theirs === undefined ? undefined : new Weaving(shape.item, mine, theirs, mergeValues).result();
}

interface Indexed {
  readonly items: readonly Json[];
  readonly elements: readonly string[];
  /** The item of an element; null where several share it. */
  readonly byElement: ReadonlyMap<string, Json>;
}

function index(shape: ListShape, items: readonly Json[]): Indexed | undefined {
  const elements: string[] = [];
  const byElement = new Map<string, Json>();
  for (const item of items) {
    const element = itemElement(shape, item);
    if (element === undefined) return undefined;
    elements.push(element);
    byElement.set(element, byElement.has(element) ? null : item);
  }
  return { items, elements, byElement };
}

/** One walk over both lists at once. */
class Weaving {
  private readonly type: Type;
  private readonly live: Indexed;
  private readonly patch: Indexed;
  private readonly mergeValues: MergeValues;
  private readonly taken = new Set<string>();
  private readonly woven: Json[] = [];
  /** The items that both have, in the patch's order, and how many of them are taken. */
  private readonly shared: readonly string[];
  private sharedTaken = 0;
  private left = 0;
  private right = 0;

  constructor(type: Type, live: Indexed, patch: Indexed, mergeValues: MergeValues) {
    this.type = type;
    this.live = live;
    this.patch = patch;
    this.mergeValues = mergeValues;
    this.shared = patch.elements.filter((element) => live.byElement.has(element));
  }

  result(): Json[] {
    while (this.left < this.live.elements.length || this.right < this.patch.elements.length) this.step();
    return this.woven;
  }

  private step(): void {
    const mine = this.live.elements[this.left];
    const theirs = this.patch.elements[this.right];
    if (mine === undefined) return this.takePatch(must(theirs, 'an item that is left'));
    if (mine === theirs) {
      this.left++;
      return this.takePatch(theirs);
    }
    if (!this.patch.byElement.has(mine)) return this.takeLive();
    // Both have it, so it stands where the patch has it: pass over it once it is taken, or when another shared one comes first.
    const next = this.shared[this.sharedTaken];
    const later = theirs !== undefined && next !== undefined && next !== mine;
    if (later || this.taken.has(mine)) this.left++;
    if (!later && theirs !== undefined) this.takePatch(theirs);
  }

  private takeLive(): void {
    this.woven.push(must(this.live.items[this.left], 'an item of the live list'));
    this.left++;
  }

  private takePatch(element: string): void {
    const item = must(this.patch.items[this.right], 'an item of the patch');
    const before = this.live.byElement.get(element);
    this.woven.push(before === undefined || before === null ? item : this.mergeValues(this.type, before, item));
    this.taken.add(element);
    this.right++;
    if (this.shared[this.sharedTaken] === element) this.sharedTaken++;
  }
}
