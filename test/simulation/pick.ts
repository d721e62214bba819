import type { Random } from '../../src/base/random.ts';

export function pick<T>(random: Random, from: readonly T[]): T {
  const chosen = from[random.integer(from.length)];
  if (chosen === undefined) throw new RangeError('nothing to choose from');
  return chosen;
}
