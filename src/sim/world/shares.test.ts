import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import { maxMinShares, type Demand } from './shares.ts';

const through = (...links: string[]): Demand => ({ links });

describe('max-min fair shares', () => {
  const cases: [string, Demand[], number[]][] = [
    ['one has a link alone', [through('a')], [100]],
    ['two share it', [through('a'), through('a')], [50, 50]],
    ['what one cannot take, others have', [{ ...through('a'), cap: 10 }, through('a'), through('a')], [10, 45, 45]],
    ['who is held up elsewhere leaves the rest', [through('a', 'narrow'), through('a')], [30, 70]],
    ['a link that is cut holds nobody else up', [through('a', 'cut'), through('a')], [0, 100]],
    ['there and back on one host are two links', [through('a out', 'b in'), through('b out', 'a in')], [100, 100]],
    ['nobody', [], []],
  ];
  for (const [name, demands, rates] of cases) {
    test(name, () => {
      assert.deepEqual(
        maxMinShares(demands, (link) => (link === 'narrow' ? 30 : link === 'cut' ? 0 : 100)),
        rates,
      );
    });
  }

  test('no link has more than it can take, and each flow is held up by a full link on which nobody has more, or by its cap', () => {
    const random = seededRandom(5);
    for (let round = 0; round < 200; round++) {
      const demands = Array.from({ length: 1 + random.integer(12) }, (): Demand => {
        const links = [`${String(random.integer(4))} out`, `${String(random.integer(4))} in`];
        return random.integer(3) === 0 ? { links, cap: 1 + random.integer(80) } : { links };
      });
      const capacity = (link: string): number => 20 + 40 * Number(link[0]);
      const rates = maxMinShares(demands, capacity);
      const on = (link: string): number[] => rates.filter((_, index) => demands[index]?.links.includes(link));
      const used = (link: string): number => on(link).reduce((sum, rate) => sum + rate, 0);
      for (const [index, { cap = Infinity, links }] of demands.entries()) {
        const rate = rates[index] ?? 0;
        for (const link of links) assert.ok(used(link) <= capacity(link) + 1e-3);
        const isHeldUp = links.some((link) => used(link) >= capacity(link) - 1e-3 && Math.max(...on(link)) <= rate + 1e-3);
        assert.ok(rate >= cap - 1e-3 || isHeldUp, JSON.stringify({ demands, rates }));
      }
    }
  });
});
