/** What goes wrong, in an order that a seed decides: cards of a deck that is shuffled anew each time it has been played. */
import type { Clock } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import type { FaultProxy } from './fault-proxy.ts';
import type { Failure } from './line.ts';
import type { Plane } from './plane.ts';
import type { Refusal } from './relay.ts';

export interface Sky {
  readonly plane: Plane;
  readonly proxy: FaultProxy;
  readonly clock: Clock;
  readonly random: Random;
}

interface Card {
  readonly name: string;
  readonly copies: number;
  /** Plays it. @returns how many connections or requests it struck, or 1 where there is nothing to count. */
  readonly play: (sky: Sky) => Promise<number>;
}

const refusals: Readonly<Record<string, Refusal>> = {
  '429 with a time': { code: 429, reason: 'TooManyRequests', retryAfter: 1, share: 0.7 },
  '429 without': { code: 429, reason: 'TooManyRequests', share: 0.7 },
  '500': { code: 500, reason: 'InternalError', share: 0.7 },
  '502 of a proxy': { code: 502, reason: 'Unknown', page: true, share: 0.7 },
  '503 with a time': { code: 503, reason: 'ServiceUnavailable', retryAfter: 1, share: 0.7 },
  '504': { code: 504, reason: 'Timeout', share: 1 },
};

const longestRefusal = 600;
/** Somebody asks within this time, or nobody is left to ask. */
const longestWait = 3_000;
const longestHole = 1_000;
const longestPause = 300;
/** Longer than a stream must live to count as a good one. */
const calm = 6_000;

const failing =
  (how: Failure, which: 'one' | 'all') =>
  async ({ proxy }: Sky): Promise<number> =>
    proxy.fail(how, which);

const refusing =
  (refusal: Refusal) =>
  async ({ proxy, clock, random }: Sky): Promise<number> => {
    const before = proxy.refused();
    proxy.refuse(refusal);
    // Who has a connection and a watch on it asks for nothing.
    proxy.fail('reset', 'all');
    const began = clock.monotonic();
    await clock.sleep(100 + random.integer(longestRefusal));
    while (proxy.refused() === before && clock.monotonic() - began < longestWait) await clock.sleep(50);
    proxy.refuse(undefined);
    return proxy.refused() - before;
  };

const deck: readonly Card[] = [
  { name: 'reset', copies: 4, play: failing('reset', 'one') },
  { name: 'end', copies: 4, play: failing('end', 'one') },
  { name: 'freeze', copies: 4, play: failing('freeze', 'one') },
  { name: 'reset of all', copies: 1, play: failing('reset', 'all') },
  { name: 'freeze of all', copies: 1, play: failing('freeze', 'all') },
  {
    name: 'black hole',
    copies: 1,
    play: async ({ proxy, clock, random }) => {
      proxy.blackHole(true);
      const cut = proxy.fail('reset', 'all');
      await clock.sleep(random.integer(longestHole));
      proxy.blackHole(false);
      return cut;
    },
  },
  {
    // Whoever is frozen can't know what has been forgotten meanwhile.
    name: 'compaction',
    copies: 2,
    play: async ({ proxy, plane, clock }) => {
      proxy.fail('freeze', 'all');
      await clock.sleep(500);
      await plane.compact();
      return 1;
    },
  },
  {
    name: 'restart',
    copies: 1,
    play: async ({ proxy, plane, clock }) => {
      // kube-apiserver remembers nothing of before its start; again, whoever is frozen can't know.
      proxy.fail('freeze', 'all');
      await clock.sleep(500);
      await plane.restart();
      return 1;
    },
  },
  ...Object.entries(refusals).map(([name, refusal]) => ({ name, copies: 1, play: refusing(refusal) })),
];

/**
 * Plays for so many seconds, and until each card has struck something. Each kind once comes first; then come whole decks, each after a calm in
 * which clients find back to the patience of good times.
 */
export async function weather(sky: Sky, seconds: number): Promise<Map<string, number>> {
  const { clock, random } = sky;
  const struck = new Map(deck.map(({ name }) => [name, 0]));
  const end = clock.monotonic() + seconds * 1000;
  await playAll(sky, shuffled(deck, random), struck);
  for (;;) {
    const missing = deck.filter(({ name }) => struck.get(name) === 0);
    if (clock.monotonic() > end && missing.length === 0) return struck;
    await clock.sleep(calm);
    const whole = deck.flatMap((card) => Array.from({ length: card.copies }, () => card));
    await playAll(sky, shuffled(clock.monotonic() > end ? missing : whole, random), struck);
  }
}

async function playAll(sky: Sky, cards: readonly Card[], struck: Map<string, number>): Promise<void> {
  for (const { name, play } of cards) {
    await sky.clock.sleep(sky.random.integer(longestPause));
    struck.set(name, (struck.get(name) ?? 0) + (await play(sky)));
  }
}

function shuffled<T>(from: readonly T[], random: Random): T[] {
  const left = [...from];
  const out: T[] = [];
  while (left.length > 0) out.push(...left.splice(random.integer(left.length), 1));
  return out;
}
