import type { StoreKey } from '../../journal.ts';
import { storeName } from '../state.ts';

/** What a block says. What is put there is never changed. */
export type Block = unknown;

/** What is on the volumes of all datastores, by datastore and volume, as far as a guest has written to them: by number of block. */
export type Contents = Map<string, Map<number, Block>>;

/** What is on a volume, for everybody who attaches it. */
export function contentOf(contents: Contents, store: StoreKey, volume: string): Map<number, Block> {
  const key = keyOf(store, volume);
  const there = contents.get(key);
  if (there !== undefined) return there;
  const made = new Map<number, Block>();
  contents.set(key, made);
  return made;
}

export function forgetContent(contents: Contents, store: StoreKey, volume: string): void {
  contents.delete(keyOf(store, volume));
}

/** No name has a slash, but for the parts of a volume's. */
function keyOf(store: StoreKey, volume: string): string {
  return `${storeName(store)} ${volume}`;
}
