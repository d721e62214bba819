import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../../meta/objects.ts';
import { canonicalElement, fieldElement, keyElement, printElement, printPath, valueElement } from './element.ts';

const scalar: fc.Arbitrary<Json> = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true }));

suite('elements of paths', () => {
  test('what we print is canonical', () => {
    fc.assert(
      fc.property(fc.string(), scalar, fc.dictionary(fc.string(), scalar), (name, value, keys) => {
        for (const element of [fieldElement(name), valueElement(value), keyElement(keys)]) assert.equal(canonicalElement(element), element);
      }),
    );
  });

  test('keys in any order and spelling are one element', () => {
    const canonical = 'k:{"port":80,"protocol":"TCP"}';
    for (const text of [
      'k:{"protocol":"TCP","port":80}',
      'k:{ "port" : 80.0, "protocol":"T\\u0043P" }',
      'k:{"port":8e1,"protocol":"TCP"}',
      canonical,
    ]) {
      assert.equal(canonicalElement(text), canonical);
    }
    assert.equal(canonicalElement('k:{"name":"\\u003c"}'), 'k:{"name":"<"}');
    assert.equal(canonicalElement('k:{"n":1.0}'), 'k:{"n":1}');
    assert.equal(canonicalElement('v:1.0'), 'v:1');
    assert.equal(canonicalElement('v:-0'), 'v:0');
    assert.equal(canonicalElement('i:07'), 'i:7');
  });

  test('a field may be called anything', () => {
    for (const name of ['', '.', 'a.b/c', '__proto__', 'k:{}']) assert.equal(canonicalElement(`f:${name}`), `f:${name}`);
  });

  test('an element of an unknown kind is for a later version', () => {
    assert.equal(canonicalElement('r:Hello'), undefined);
    assert.equal(canonicalElement('x:'), undefined);
  });

  for (const text of [
    '',
    'f',
    'no-colon',
    'i:index is not a number',
    'i:',
    'v:',
    'v:not JSON',
    'v:"a" "b"',
    'k:',
    'k:"a"',
    'k:[1]',
    'k:{"name":}',
    'k:{}x',
  ]) {
    test(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => canonicalElement(text), /is not an element of a path/);
    });
  }

  test('as messages name them', () => {
    assert.equal(printElement('f:spec'), '.spec');
    assert.equal(printElement('v:"a"'), '[="a"]');
    assert.equal(printElement('v:1'), '[=1]');
    assert.equal(printElement('i:3'), '[3]');
    assert.equal(printElement('k:{"port":80,"protocol":"TCP"}'), '[port=80,protocol="TCP"]');
    assert.equal(printPath(['f:spec', 'f:disks', 'k:{"name":"root"}', 'f:size']), '.spec.disks[name="root"].size');
  });
});
