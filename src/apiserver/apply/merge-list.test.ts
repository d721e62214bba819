import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { compileType } from './compile-type.ts';
import { merge } from './merge.ts';
import { keyedList, number, text, textSet } from './test-support.ts';

const set = compileType(textSet);

/** Letters as items: the live list, the patch, what becomes of them. */
const table: [string, string, string, string][] = [
  ['nothing new', 'abc', 'ab', 'abc'],
  ['one more at the end', 'ab', 'abc', 'abc'],
  ['an empty patch', 'abc', '', 'abc'],
  ['an empty live list', '', 'abc', 'abc'],
  ['another order: the one of the patch', 'ab', 'ba', 'ba'],
  ['another order in the middle', 'cagf', 'cfag', 'cfag'],
  ['nothing in common: the live ones first', 'abc', 'def', 'abcdef'],
  ['joined at one end', 'abc', 'cdef', 'abcdef'],
  ['joined in the middle: live ones keep their place after what both have', 'abcgf', 'cdef', 'abcgdef'],
  ['live ones between shared ones', 'cdef', 'ace', 'acdef'],
  ['shared ones last', 'abcxyz', 'defxyz', 'abcdefxyz'],
  ['ends swapped', 'abcd', 'defa', 'bcdefa'],
  ['shared ones far apart and turned round', 'cdefghij', '2h3e4kl', 'cdfg2hij3e4kl'],
  ['and with one in the place where it was', 'abcdefghij', '1b2h3e4kl', 'a1bcdfg2hij3e4kl'],
  ['live repeats that the patch does not name stay', 'abb', 'c', 'abbc'],
  ['live repeats that it names become one', 'abb', 'b', 'ab'],
  ['repeats of another', 'abb', 'a', 'abb'],
  ['repeats around shared ones', 'abcdec', '1b2ed', 'a1bc2ecd'],
  ['a repeat that is also shared', 'abcdec', '1b2ced', 'a1b2ced'],
  ['two repeats, one of them shared', 'aabb', 'bcd', 'aabcd'],
  ['two repeats, none shared', 'aabb', '', 'aabb'],
  ['repeats turned round', 'cagfca', 'cfag', 'cfag'],
  ['a passed repeat lets the patch go first', 'abbx', 'bn', 'abnx'],
];

suite('the order of two lists in one', () => {
  for (const [what, live, patch, expected] of table) {
    test(`${what}: ${live} + ${patch} = ${expected}`, () => {
      assert.deepEqual(merge(set, [...live], [...patch]), [...expected]);
    });
  }

  const letters = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'));

  test('has all of both, once; what both have and what the patch has in the order of the patch', () => {
    fc.assert(
      fc.property(letters, letters, (live, patch) => {
        const merged = merge(set, live, patch);
        assert.ok(Array.isArray(merged));
        assert.deepEqual([...merged].sort(), [...new Set([...live, ...patch])].sort());
        assert.deepEqual(
          merged.filter((item) => patch.some((each) => each === item)),
          patch,
        );
      }),
    );
  });

  test('merging the same patch again changes nothing', () => {
    fc.assert(
      fc.property(letters, letters, (live, patch) => {
        const once = merge(set, live, patch);
        assert.equal(merge(set, once, patch), once);
      }),
    );
  });
});

suite('items that have keys', () => {
  const ports = compileType(keyedList(['port', 'protocol'], { port: number, protocol: { type: 'string', default: 'TCP' }, note: text }));

  test('are merged into each other', () => {
    const live = [
      { port: 80, protocol: 'TCP', note: 'web' },
      { port: 53, protocol: 'UDP' },
    ];
    assert.deepEqual(merge(ports, live, [{ port: 53, protocol: 'UDP', note: 'names' }]), [
      live[0],
      { port: 53, protocol: 'UDP', note: 'names' },
    ]);
  });

  test('a key that is absent has its default', () => {
    assert.deepEqual(merge(ports, [{ port: 80, note: 'web' }], [{ port: 80, protocol: 'TCP' }]), [
      { port: 80, note: 'web', protocol: 'TCP' },
    ]);
    assert.deepEqual(merge(ports, [{ port: 80, protocol: 'UDP' }], [{ port: 80 }]), [{ port: 80, protocol: 'UDP' }, { port: 80 }]);
  });

  test('a list with an item that has none, as a schema that changed may find it, is replaced', () => {
    assert.deepEqual(merge(ports, [{ note: 'a', protocol: 5 }, 'x'], [{ port: 80 }]), [{ port: 80 }]);
  });

  test('an item that stands twice is replaced as a whole', () => {
    const twice = [
      { port: 80, note: 'a' },
      { port: 80, note: 'b' },
    ];
    assert.deepEqual(merge(ports, twice, [{ port: 80 }]), [{ port: 80 }]);
  });
});
