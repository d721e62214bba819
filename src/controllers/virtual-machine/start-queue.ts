import { keyOf, type ObjectRef } from '../../meta/objects.ts';

interface Place {
  readonly ref: ObjectRef;
  readonly rank: number;
  /** How often it was its turn in vain. */
  readonly tries: number;
}

/**
 * VMs that wait until others have started. One is called for each that has, since all together would look at the whole fleet each time: of those that
 * were called least often the one with the lowest rank, and of these the one that came first. So one that finds no room holds up nobody.
 */
export class StartQueue {
  readonly #places = new Map<string, Place>();

  /** Lets `ref` wait, where it waits already. */
  add(ref: ObjectRef, rank: number): void {
    const key = keyOf(ref);
    this.#places.set(key, { ref, rank, tries: this.#places.get(key)?.tries ?? 0 });
  }

  remove(key: string): void {
    this.#places.delete(key);
  }

  /** Whose turn it is; it goes on waiting until it is removed. */
  call(): ObjectRef | undefined {
    let first: Place | undefined;
    for (const place of this.#places.values()) if (first === undefined || isBefore(place, first)) first = place;
    if (first === undefined) return undefined;
    this.#places.set(keyOf(first.ref), { ...first, tries: first.tries + 1 });
    return first.ref;
  }
}

function isBefore(a: Place, b: Place): boolean {
  return a.tries === b.tries ? a.rank < b.rank : a.tries < b.tries;
}
