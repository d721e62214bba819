import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { compileType, objectType } from './compile-type.ts';
import { object, open, text } from './test-support.ts';
import type { Type } from './type.ts';

suite('types from schemas', () => {
  function field(type: Type, name: string): Type {
    const found = type.map?.fields.get(name);
    assert.ok(found !== undefined);
    return found;
  }

  test('every object has apiVersion, kind and metadata, whatever its schema says', () => {
    for (const schema of [undefined, {}, open, object({ spec: text }), object({ metadata: { type: 'object' } })]) {
      const type = objectType(schema);
      const metadata = field(type, 'metadata');
      const owners = field(metadata, 'ownerReferences').list;
      assert.deepEqual([owners?.keys.map((key) => key.name), owners?.item.map?.atomic], [['uid'], true]);
      assert.equal(field(metadata, 'finalizers').list?.atomic, false);
      assert.equal(metadata.map?.others, undefined);
      assert.equal(field(type, 'kind').scalar, 'string');
    }
  });

  test('fields that are not declared: refused, unless the schema keeps them', () => {
    assert.equal(compileType(object({ a: text })).map?.others, undefined);
    assert.notEqual(compileType({ ...object({ a: text }), ...open }).map?.others, undefined);
    assert.notEqual(compileType({ type: 'object' }).map?.others, undefined);
    assert.notEqual(compileType({ type: 'object', additionalProperties: true }).map?.others, undefined);
    assert.equal(compileType({ type: 'object', additionalProperties: false }).map?.others, undefined);
  });

  test('a schema that keeps unknown fields keeps them below, too', () => {
    const type = compileType({ ...object({ a: object({ b: text }) }), ...open });
    assert.notEqual(field(type, 'a').map?.others, undefined);
  });

  test('lists are atomic unless they say otherwise', () => {
    assert.equal(compileType({ type: 'array', items: text }).list?.atomic, true);
    assert.equal(compileType({ type: 'array', items: text, 'x-kubernetes-list-type': 'atomic' }).list?.atomic, true);
  });

  test('an int-or-string is any scalar', () => {
    assert.equal(compileType({}).scalar, 'untyped');
  });

  test('a list with a schema for each place is a list without one', () => {
    const list = compileType({ type: 'array', items: [text, text] }).list;
    assert.deepEqual([list?.atomic, list?.item.scalar, list?.item.map?.atomic], [true, 'untyped', true]);
  });

  test('an embedded object has metadata', () => {
    const type = compileType({ ...object({ spec: text }), 'x-kubernetes-embedded-resource': true });
    assert.equal(field(field(type, 'metadata'), 'labels').map?.atomic, false);
    assert.equal(field(type, 'spec').scalar, 'string');
  });

  test('what is no list type, map type or key is refused', () => {
    assert.throws(() => compileType({ type: 'array', items: text, 'x-kubernetes-list-type': 'bag' }), /list-type "bag"/);
    assert.throws(
      () => compileType({ type: 'array', items: object({}), 'x-kubernetes-list-type': 'map' }),
      /needs x-kubernetes-list-map-keys/,
    );
    assert.throws(() => compileType({ type: 'object', 'x-kubernetes-map-type': 'loose' }), /map-type "loose"/);
  });
});
