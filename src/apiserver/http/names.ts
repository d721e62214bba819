import type { Random } from '../../base/random.ts';

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;
const maxName = 63;

/** A name from `metadata.generateName`: the prefix, cut so that it fits, and five characters by chance. */
export function generatedName(prefix: string, random: Random): string {
  let name = prefix.slice(0, maxName - suffixLength);
  for (let i = 0; i < suffixLength; i++) name += alphabet.charAt(random.integer(alphabet.length));
  return name;
}
