import { randomFillSync, randomUUID } from 'node:crypto';
import type { Random } from '../base/random.ts';

/** Chance from the machine's generator. A seeded one would do for jitter, but 32 bits of seed are too few for identities that must never meet. */
export function systemRandom(): Random {
  const pool = new Uint32Array(256);
  let left = 0;
  const next = (): number => {
    if (left === 0) {
      randomFillSync(pool);
      left = pool.length;
    }
    left--;
    return (pool[left] ?? 0) / 0x1_0000_0000;
  };
  return { next, integer: (below) => Math.floor(next() * below), uuid: () => randomUUID() };
}
