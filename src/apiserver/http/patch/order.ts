import { isFields } from '../values.ts';

/**
 * `items` in the order that a patch asks for. Items that the order doesn't name keep their place behind the item they stood behind.
 * `order` holds the values of primitives, or objects with just the merge key.
 */
export function orderItems(items: readonly unknown[], order: readonly unknown[], key: string | undefined): unknown[] {
  const idOf = (item: unknown): unknown => (key !== undefined && isFields(item) ? item[key] : item);
  const ranks = new Map(order.map((item, rank) => [idOf(item), rank]));
  const named = items.filter((item) => ranks.has(idOf(item))).sort((a, b) => (ranks.get(idOf(a)) ?? 0) - (ranks.get(idOf(b)) ?? 0));
  const result: unknown[] = [];
  const followers = followersOf(items, (item) => ranks.has(idOf(item)));
  result.push(...(followers.get(undefined) ?? []));
  for (const item of named) result.push(item, ...(followers.get(item) ?? []));
  return result;
}

/** For each named item the unnamed ones that stand right behind it; under undefined, those before the first. */
function followersOf(items: readonly unknown[], isNamed: (item: unknown) => boolean): Map<unknown, unknown[]> {
  const followers = new Map<unknown, unknown[]>();
  let leader: unknown;
  for (const item of items) {
    if (isNamed(item)) leader = item;
    else followers.set(leader, [...(followers.get(leader) ?? []), item]);
  }
  return followers;
}
