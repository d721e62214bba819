/** What a flow goes through, and at most how fast by itself. */
export interface Demand {
  /** Keys of the links that it goes through, one at least. */
  readonly links: readonly string[];
  /** Bytes a second; absent: what the links give. */
  readonly cap?: number;
}

interface Link {
  /** What those have not taken whose rates are known. */
  left: number;
  /** Those whose rates are not known yet. */
  readonly users: Set<number>;
}

/**
 * Shares links among flows, max-min fairly: nobody can have more without taking it from one that has no more. The link with the smallest even
 * share decides first, for all on it (Bertsekas and Gallager, Data Networks, 6.5.2); whoever may have less than that at most has that.
 * @param capacity bytes a second of a link.
 * @returns the rate of each, in their order.
 */
export function maxMinShares(demands: readonly Demand[], capacity: (link: string) => number): number[] {
  const rates = demands.map(() => 0);
  const links = linksOf(demands, capacity);
  const capped = [...demands.entries()].filter(([, { cap }]) => cap !== undefined).sort(([, one], [, other]) => capOf(one) - capOf(other));
  const known = new Set<number>();
  const give = (index: number, rate: number): void => {
    known.add(index);
    rates[index] = rate;
    for (const key of demands[index]?.links ?? []) {
      const link = links.get(key);
      if (link?.users.delete(index) === true) link.left -= rate;
    }
  };
  let next = 0;
  while (known.size < demands.length) {
    const { level, users } = tightest(links.values());
    while (known.has(capped[next]?.[0] ?? -1)) next++;
    const [index, demand] = capped[next] ?? [];
    if (index !== undefined && demand !== undefined && capOf(demand) <= level) give(index, capOf(demand));
    else for (const user of [...users]) give(user, level);
  }
  return rates;
}

function capOf({ cap = Infinity }: Demand): number {
  return cap;
}

function linksOf(demands: readonly Demand[], capacity: (link: string) => number): Map<string, Link> {
  const links = new Map<string, Link>();
  for (const [index, demand] of demands.entries()) {
    for (const key of demand.links) {
      const link = links.get(key) ?? { left: capacity(key), users: new Set() };
      link.users.add(index);
      links.set(key, link);
    }
  }
  return links;
}

/** The link of those in use with the smallest even share. */
function tightest(links: Iterable<Link>): { level: number; users: ReadonlySet<number> } {
  let found: { level: number; users: ReadonlySet<number> } = { level: Infinity, users: new Set() };
  for (const { left, users } of links) {
    const level = Math.max(0, left) / users.size;
    if (users.size > 0 && level < found.level) found = { level, users };
  }
  return found;
}
