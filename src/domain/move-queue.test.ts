import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { mayBegin, type Caps, type Mover, type Priority } from './move-queue.ts';

const caps = (perHost: number, perCluster: number): Caps => ({ perHost: () => perHost, perCluster: () => perCluster });
let count = 0;
const mover = (priority: Priority, source: string, target: string, age = 0): Mover => {
  count += 1;
  return {
    key: `m${String(count).padStart(6, '0')}`,
    priority,
    cluster: 'main',
    source,
    target,
    since: `2026-03-01T12:00:${String(age).padStart(2, '0')}Z`,
  };
};
const keys = (...movers: readonly Mover[]): string[] => movers.map(({ key }) => key).sort();
const begin = (waiting: readonly Mover[], moving: readonly Mover[], of: Caps): string[] => [...mayBegin(waiting, moving, of)].sort();

const anyMover = fc
  .tuple(fc.constantFrom<Priority>('User', 'System'), fc.constantFrom('a', 'b', 'c'), fc.constantFrom('d', 'e', 'f'), fc.nat(20))
  .map(([priority, source, target, age]) => mover(priority, source, target, age));
const anyMovers = fc.array(anyMover, { maxLength: 24 });
const anyCaps = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 8 })).map(([host, cluster]) => caps(host, cluster));

describe('whose turn it is to move', () => {
  it('a person comes before housekeeping, the older before the younger', () => {
    const [old, young, system] = [mover('User', 'a', 'd', 1), mover('User', 'a', 'e', 2), mover('System', 'a', 'f', 0)];
    assert.deepEqual(begin([system, young, old], [mover('System', 'a', 'd')], caps(2, 8)), keys(old));
  });

  it('a drain that has every slot but one leaves that to a person, and the reverse', () => {
    for (const [many, one] of [
      ['System', 'User'],
      ['User', 'System'],
    ] as const) {
      const waiting = [1, 2, 3, 4, 5, 6].map((age) => mover(many, 'a', 'd', age));
      const rival = mover(one, 'a', 'e', 30);
      const first = begin([...waiting, rival], [], caps(4, 8));
      assert.ok(first.includes(rival.key), `${one} begins beside ${many}`);
      assert.equal(first.length, 4);
    }
  });

  it('no cap is ever broken', () => {
    fc.assert(
      fc.property(anyMovers, anyCaps, (waiting, of) => {
        const chosen = mayBegin(waiting, [], of);
        const begun = waiting.filter(({ key }) => chosen.has(key));
        const most = (by: 'cluster' | 'source' | 'target'): number =>
          Math.max(0, ...begun.map((one) => begun.filter((other) => other[by] === one[by]).length));
        assert.ok(most('cluster') <= of.perCluster('main') && most('source') <= of.perHost('main') && most('target') <= of.perHost('main'));
      }),
    );
  });

  it('somebody begins while nobody moves: no queue stands still', () => {
    fc.assert(
      fc.property(anyMovers, anyCaps, (waiting, of) => {
        assert.equal(mayBegin(waiting, [], of).size > 0, waiting.length > 0);
      }),
    );
  });

  it('nobody starves: whoever waits has begun by the time that a bounded number of others has ended, however many come', () => {
    fc.assert(
      fc.property(anyMovers, anyMover, fc.array(anyMover, { minLength: 60, maxLength: 60 }), anyCaps, (before, mine, after, of) => {
        const me: Mover = { ...mine, since: '2026-03-01T12:00:21Z' };
        const later = after.map((one) => ({ ...one, since: '2026-03-01T12:00:22Z' }));
        let waiting = [...before, me];
        let moving: Mover[] = [];
        for (let round = 0; round <= before.length + 60; round++) {
          const chosen = mayBegin(waiting, moving, of);
          if (chosen.has(me.key)) return;
          moving = [...moving, ...waiting.filter(({ key }) => chosen.has(key))];
          const next = later[round];
          waiting = [...waiting.filter(({ key }) => !chosen.has(key)), ...(next === undefined ? [] : [next])];
          moving.shift();
        }
        assert.fail('it never began');
      }),
    );
  });
});
