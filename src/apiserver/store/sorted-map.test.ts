import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../base/random.ts';
import { sortedMap } from './sorted-map.ts';

/** By UTF-16 code units, as `<` does. */
const inOrder = (model: Map<string, number>, start: string): number[] =>
  [...model]
    .filter(([key]) => key >= start)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => value);

test('a sorted map is a map that can be walked in order from anywhere', () => {
  const key = fc.oneof(fc.stringMatching(/^[ab/]{0,3}$/), fc.string({ unit: 'binary', maxLength: 3 }));
  const step = fc.record({ key, value: fc.nat(), add: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), key, (steps, start) => {
      const map = sortedMap<number>();
      const model = new Map<string, number>();
      for (const { key, value, add } of steps) {
        if (add) map.set(key, value);
        else map.delete(key);
        if (add) model.set(key, value);
        else model.delete(key);
        assert.equal(map.get(key), model.get(key));
      }
      assert.equal(map.size, model.size);
      assert.deepEqual([...map.from('')], inOrder(model, ''));
      assert.deepEqual([...map.from(start)], inOrder(model, start));
    }),
  );
});

test('it stays so when it grows over many leaves and shrinks to nothing', () => {
  const random = seededRandom(7);
  const map = sortedMap<number>();
  const model = new Map<string, number>();
  for (let i = 0; i < 20_000; i++) {
    const key = String(random.integer(5000));
    // Grows first, shrinks later.
    if (random.next() < (i < 10_000 ? 0.8 : 0.2)) {
      map.set(key, i);
      model.set(key, i);
    } else {
      map.delete(key);
      model.delete(key);
    }
    if (i % 4000 === 0) assert.deepEqual([...map.from('3')], inOrder(model, '3'));
  }
  for (const key of [...model.keys()]) map.delete(key);
  assert.equal(map.size, 0);
  assert.deepEqual([...map.from('')], []);
  map.set('a', 1);
  assert.deepEqual([...map.from('')], [1]);
});
