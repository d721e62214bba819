import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../../meta/objects.ts';
import { compare, touched } from './compare.ts';
import { compileType } from './compile-type.ts';
import { gadgetSchema, printFields } from './test-support.ts';

const gadget = compileType(gadgetSchema);

function changes(before: Json, after: Json): string {
  const change = compare(gadget, before, after);
  return `+ ${printFields(change?.changed)} - ${printFields(change?.removed)}`;
}

suite('in what two values differ', () => {
  const table: [what: string, before: Json, after: Json, expected: string][] = [
    ['a scalar', { size: 1 }, { size: 2 }, '+ .size - '],
    ['a new container is a field', {}, { part: { inner: { d: 'x' } } }, '+ .part .part.inner .part.inner.d - '],
    ['and so is one that is gone', { labels: { a: 'b' } }, {}, '+  - .labels .labels.a'],
    ['one of other contents is not', { labels: { a: 'b' } }, { labels: { c: 'd' } }, '+ .labels.c - .labels.a'],
    ['nor one that is filled', { labels: {} }, { labels: { a: 'b' } }, '+ .labels.a - '],
    ['nor one that is emptied', { labels: { a: 'b' } }, { labels: {} }, '+  - .labels.a'],
    ['null is as empty as empty', { labels: { a: 'b' } }, { labels: null }, '+  - .labels.a'],
    ['from either side', { tags: null }, { tags: ['a'] }, '+ .tags[="a"] - '],
    ['but they are told apart', { labels: {} }, { labels: null }, '+ .labels - '],
    ['a map that is no map any more', { anything: { a: 1 } }, { anything: 1 }, '+ .anything - .anything.a'],
    ['a map that was none', { anything: [1] }, { anything: { a: 1 } }, '+ .anything .anything.a - '],
    ['an atomic map', { selector: { a: 'b' } }, { selector: { a: 'c' } }, '+ .selector - '],
    ['an atomic map that is null', { selector: { a: 'b' } }, { selector: null }, '+ .selector - '],
    [
      'items',
      { disks: [{ name: 'a', size: 1 }, { name: 'b' }] },
      { disks: [{ name: 'c' }, { name: 'a', size: 2 }] },
      '+ .disks[name="a"].size .disks[name="c"] .disks[name="c"].name - .disks[name="b"] .disks[name="b"].name',
    ],
    [
      'a key in place of another',
      { disks: [{ name: 'a' }] },
      { disks: [{ name: 'b' }] },
      '+ .disks[name="b"] .disks[name="b"].name - .disks[name="a"] .disks[name="a"].name',
    ],
    ['a list whose items have no keys is one field', { disks: [{ size: 1 }] }, { disks: [{ size: 2 }] }, '+ .disks - '],
    ['one item without is enough', { disks: [{ name: 'a' }] }, { disks: [{ name: 'a' }, { size: 2 }] }, '+ .disks - '],
    [
      'repeats at their place',
      {
        disks: [
          { name: 'a', size: 1 },
          { name: 'a', size: 2 },
        ],
      },
      {
        disks: [
          { name: 'a', size: 1 },
          { name: 'a', size: 3 },
        ],
      },
      '+ .disks[name="a"] - ',
    ],
    ['repeats that are gone', { tags: ['a', 'a', 'b'] }, { tags: ['b'] }, '+  - .tags[="a"]'],
    [
      'repeats that are single now',
      { disks: [{ name: 'a', size: 1 }, { name: 'a' }] },
      { disks: [{ name: 'a' }] },
      '+ .disks[name="a"] .disks[name="a"].name - .disks[name="a"]',
    ],
    [
      'what is single and was repeated',
      { disks: [{ name: 'a' }] },
      { disks: [{ name: 'a', size: 1 }, { name: 'a' }] },
      '+ .disks[name="a"] - .disks[name="a"] .disks[name="a"].name',
    ],
  ];

  for (const [what, before, after, expected] of table) {
    test(what, () => {
      assert.equal(changes(before, after), expected);
    });
  }

  test('equal values differ in nothing', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value = { anything: JSON.parse(text) as Json, words: ['a'] };
        assert.equal(compare(gadget, value, structuredClone(value)), undefined);
      }),
    );
  });

  test('back again is the other way round', () => {
    fc.assert(
      fc.property(fc.json(), fc.json(), (one, two) => {
        const [a, b] = [one, two].map((text) => ({ anything: JSON.parse(text) as Json }));
        assert.deepEqual(touched(compare(gadget, a ?? null, b ?? null)), touched(compare(gadget, b ?? null, a ?? null)));
      }),
    );
  });
});
