import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { absorb, difference, fieldSet, intersection, recursiveDifference, union, withdraw } from './field-algebra.ts';
import type { FieldSet, Path } from './field-set.ts';
import { emptySet, equalSets, hasPath, isEmpty, leavesOf, pathsOf } from './field-set.ts';
import { parseFieldSet } from './field-set-text.ts';
import { printFields } from './test-support.ts';

const element = fc.constantFrom('f:a', 'f:b', 'f:c', 'k:{"name":"x"}', 'v:"x"', 'v:1');
const path: fc.Arbitrary<Path> = fc.array(element, { minLength: 1, maxLength: 4 });
const paths = fc.array(path, { maxLength: 8 });
const set: fc.Arbitrary<FieldSet> = paths.map((all) => fieldSet(...all));

function texts(fields: FieldSet): Set<string> {
  return new Set(pathsOf(fields).map((each) => each.join('\n')));
}

/** A set must be what its paths would make: one form for one set, in order. */
function assertWellFormed(fields: FieldSet): void {
  assert.equal(JSON.stringify(fields), JSON.stringify(fieldSet(...pathsOf(fields))));
}

suite('field sets, against sets of paths', () => {
  test('has what was put in, and nothing else', () => {
    fc.assert(
      fc.property(paths, path, (all, other) => {
        const fields = fieldSet(...all);
        assert.deepEqual(texts(fields), new Set(all.map((each) => each.join('\n'))));
        assert.equal(hasPath(fields, other), texts(fields).has(other.join('\n')));
      }),
    );
  });

  for (const [name, operate, expected] of [
    ['union', union, (a: Set<string>, b: Set<string>) => new Set([...a, ...b])],
    ['intersection', intersection, (a: Set<string>, b: Set<string>) => new Set([...a].filter((each) => b.has(each)))],
    ['difference', difference, (a: Set<string>, b: Set<string>) => new Set([...a].filter((each) => !b.has(each)))],
  ] as const) {
    test(name, () => {
      fc.assert(
        fc.property(set, set, (a, b) => {
          const result = operate(a, b);
          assert.deepEqual(texts(result), expected(texts(a), texts(b)));
          assertWellFormed(result);
        }),
      );
    });
  }

  test('recursive difference takes what is below, too', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const gone = pathsOf(b);
        const rest = pathsOf(a).filter((mine) => !gone.some((theirs) => theirs.every((each, i) => mine[i] === each)));
        const result = recursiveDifference(a, b);
        assert.deepEqual(texts(result), texts(fieldSet(...rest)));
        assertWellFormed(result);
      }),
    );
  });

  test('withdraw takes what is below leaves only', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const leaves = leavesOf(b);
        assert.ok(equalSets(withdraw(a, b), difference(recursiveDifference(a, leaves), b)));
        assertWellFormed(withdraw(a, b));
      }),
    );
  });

  test('absorb puts leaves in place of what was below them', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        assert.ok(equalSets(absorb(a, b), union(withdraw(a, b), b)));
        assertWellFormed(absorb(a, b));
      }),
    );
  });

  test('laws', () => {
    fc.assert(
      fc.property(set, set, set, (a, b, c) => {
        assert.ok(equalSets(union(a, b), union(b, a)));
        assert.ok(equalSets(union(union(a, b), c), union(a, union(b, c))));
        assert.ok(equalSets(intersection(a, union(b, c)), union(intersection(a, b), intersection(a, c))));
        assert.ok(equalSets(difference(a, union(b, c)), difference(difference(a, b), c)));
        assert.ok(equalSets(union(difference(a, b), intersection(a, b)), a));
        assert.ok(isEmpty(difference(a, a)));
        assert.ok(isEmpty(intersection(difference(a, b), b)));
      }),
    );
  });

  test('the very same set comes back when nothing had to change, so that ownership need not be written again', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const both = union(a, b);
        assert.equal(union(both, b), both);
        const absorbed = absorb(a, b);
        assert.equal(absorb(absorbed, b), absorbed);
        const rest = difference(a, b);
        assert.equal(difference(rest, b), rest);
        const withdrawn = withdraw(a, b);
        assert.equal(withdraw(withdrawn, b), withdrawn);
        assert.equal(recursiveDifference(rest, emptySet), rest);
      }),
    );
  });

  test('leaves are the members with no members below', () => {
    fc.assert(
      fc.property(set, (a) => {
        const all = pathsOf(a);
        const leaves = all.filter((mine) => !all.some((other) => other.length > mine.length && mine.every((each, i) => other[i] === each)));
        assert.deepEqual(texts(leavesOf(a)), texts(fieldSet(...leaves)));
      }),
    );
  });

  test('print and parse', () => {
    fc.assert(
      fc.property(set, (a) => {
        assert.equal(JSON.stringify(parseFieldSet(JSON.parse(JSON.stringify(a)))), JSON.stringify(a));
      }),
    );
  });
});

suite('parents and children are fields of their own', () => {
  const parent = fieldSet(['f:a']);
  const child = fieldSet(['f:a', 'f:b']);
  const both = union(parent, child);

  test('parent without child, child without parent', () => {
    assert.equal(printFields(difference(both, child)), '.a');
    assert.equal(printFields(difference(both, parent)), '.a.b');
    assert.equal(printFields(difference(child, parent)), '.a.b');
    assert.ok(isEmpty(intersection(parent, child)));
  });

  test('a leaf is {} and a parent has a dot', () => {
    assert.deepEqual(parent, { 'f:a': {} });
    assert.deepEqual(child, { 'f:a': { 'f:b': {} } });
    assert.deepEqual(both, { 'f:a': { '.': {}, 'f:b': {} } });
  });

  test('no path is the whole object, which nobody owns', () => {
    assert.equal(hasPath(both, []), false);
    assert.equal(hasPath(emptySet, []), false);
  });

  test('what became atomic replaces its parts', () => {
    assert.equal(printFields(absorb(both, parent)), '.a');
    assert.equal(printFields(withdraw(both, parent)), '');
    assert.equal(printFields(withdraw(both, union(parent, fieldSet(['f:a', 'f:c'])))), '.a.b');
  });
});
