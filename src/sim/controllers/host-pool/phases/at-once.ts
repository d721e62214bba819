/** Of hundreds of hosts each would wait for all before it, and a request is a moment of waiting. */
const atOnce = 8;

/** Works on so many at once, the first first. What fails ends it, once those that were begun with it have ended. @returns what came of each. */
export async function someAtOnce<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += atOnce) {
    const ends = await Promise.allSettled(items.slice(from, from + atOnce).map(work));
    for (const end of ends) {
      if (end.status === 'rejected') throw end.reason;
      results.push(end.value);
    }
  }
  return results;
}
