import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { Unreachable } from '../../base/errors.ts';
import type { Json } from '../../meta/objects.ts';
import { asJson, asObject, equalJson, isObject, member, parseJson, setMember, sortedJson } from './json.ts';

const json: fc.Arbitrary<Json> = fc.json().map((text) => JSON.parse(text) as Json);

suite('plain JSON', () => {
  test('equality is structural', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        assert.equal(equalJson(a, structuredClone(a)), true);
        assert.equal(equalJson(a, b), isDeepStrictEqual(a, b) || JSON.stringify(a) === JSON.stringify(b));
      }),
    );
    for (const [a, b] of [
      [{}, []],
      [[], {}],
      [{}, null],
      [{ a: 1 }, { b: 1 }],
      [{ a: 1 }, { a: 1, b: 1 }],
      [[1], [1, 2]],
      [
        ['a', 'b'],
        ['b', 'a'],
      ],
      [{ constructor: 1 }, {}],
      ['1', 1],
    ] as [Json, Json][]) {
      assert.equal(equalJson(a, b), false, JSON.stringify([a, b]));
    }
    assert.equal(equalJson({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 }), true);
  });

  test('members are own members', () => {
    const object = asJson(JSON.parse('{"a":1,"__proto__":2,"toString":3}'));
    assert.deepEqual([member(object, 'a'), member(object, '__proto__'), member(object, 'toString')], [1, 2, 3]);
    assert.deepEqual([member({}, '__proto__'), member({}, 'constructor'), member({}, 'a')], [undefined, undefined, undefined]);
    const made: Record<string, Json> = {};
    for (const key of Object.keys(object)) setMember(made, key, member(object, key) ?? null);
    assert.equal(JSON.stringify(made), JSON.stringify(object));
    assert.equal(Object.getPrototypeOf(made), Object.prototype);
  });

  test('sorted text is the same for equal values', () => {
    assert.equal(sortedJson({ b: [1, { d: null, c: 'x' }], a: true }), '{"a":true,"b":[1,{"c":"x","d":null}]}');
    fc.assert(
      fc.property(json, (value) => {
        assert.equal(equalJson(JSON.parse(sortedJson(value)) as Json, value), true);
      }),
    );
  });

  test('what is no JSON is undefined', () => {
    assert.deepEqual([parseJson('{"a":1}'), parseJson('null'), parseJson('x'), parseJson('')], [{ a: 1 }, null, undefined, undefined]);
  });

  test('what is an object', () => {
    assert.deepEqual([{}, [], null, 'x', undefined].map(isObject), [true, false, false, false, false]);
    assert.throws(() => asJson([]), Unreachable);
    for (const none of [{}, { apiVersion: 'v1', kind: 'K' }, { apiVersion: 'v1', metadata: {} }, { kind: 'K', metadata: {} }]) {
      assert.throws(() => asObject(none), Unreachable);
    }
  });
});
