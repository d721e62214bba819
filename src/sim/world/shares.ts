/** What a flow goes through, and at most how fast by itself. */
export interface Demand {
  /** Keys of the links that it goes through. */
  readonly links: readonly string[];
  /** Bytes a second; absent: what the links give. */
  readonly cap?: number;
}

/**
 * Shares links among flows, max-min fairly: nobody can have more without taking it from one that has no more. By progressive filling
 * (Bertsekas and Gallager, Data Networks, 6.5.2): all rates grow alike; who comes to a cap or a full link stays there.
 * @param capacity bytes a second of a link.
 * @returns the rate of each, in their order.
 */
export function maxMinShares(demands: readonly Demand[], capacity: (link: string) => number): number[] {
  const rates = demands.map(() => 0);
  const growing = new Set(demands.keys());
  const left = new Map(demands.flatMap(({ links }) => links.map((link) => [link, capacity(link)])));
  while (growing.size > 0) {
    const step = stepOf(demands, rates, growing, left);
    for (const index of growing) {
      rates[index] = (rates[index] ?? 0) + step;
      for (const link of linksOf(demands[index])) left.set(link, (left.get(link) ?? 0) - step);
    }
    freeze(demands, rates, growing, left);
  }
  return rates;
}

function linksOf(demand: Demand | undefined): ReadonlySet<string> {
  return new Set(demand?.links ?? []);
}

/** How far all that grow can grow until the first is stopped. */
function stepOf(
  demands: readonly Demand[],
  rates: readonly number[],
  growing: ReadonlySet<number>,
  left: ReadonlyMap<string, number>,
): number {
  const users = new Map<string, number>();
  for (const index of growing) for (const link of linksOf(demands[index])) users.set(link, (users.get(link) ?? 0) + 1);
  const shares = [...users].map(([link, count]) => (left.get(link) ?? 0) / count);
  const caps = [...growing].map((index) => (demands[index]?.cap ?? Infinity) - (rates[index] ?? 0));
  return Math.max(0, Math.min(...shares, ...caps));
}

/** Parts of a link that are lost to rounding. */
const rounding = 1e-6;

function freeze(demands: readonly Demand[], rates: readonly number[], growing: Set<number>, left: ReadonlyMap<string, number>): void {
  for (const index of [...growing]) {
    const demand = demands[index];
    const isFull = [...linksOf(demand)].some((link) => (left.get(link) ?? 0) <= rounding);
    if (isFull || (rates[index] ?? 0) >= (demand?.cap ?? Infinity) - rounding) growing.delete(index);
  }
}
