import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '../../meta/objects.ts';
import { describeCause } from './field-errors.ts';
import { duplicateItems } from './list-types.ts';
import type { JsonSchema } from './schema.ts';
import { structural } from './structural.ts';

const set: JsonSchema = { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' };
const map = (keys: string[]): JsonSchema => ({
  type: 'array',
  items: { type: 'object', properties: { name: { type: 'string' }, port: { type: 'integer' }, tags: set } },
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
});

const cases: { name: string; schema: JsonSchema; value: Json; faults: string[] }[] = [
  { name: 'a set without repeats', schema: set, value: ['a', 'b'], faults: [] },
  {
    name: 'each repeat is told once',
    schema: set,
    value: ['a', 'b', 'a', 'a', 'b'],
    faults: ['a[2]: Duplicate value: "a"', 'a[4]: Duplicate value: "b"'],
  },
  { name: '1 and "1" differ', schema: set, value: [1, '1'], faults: [] },
  {
    name: 'objects are compared by content',
    schema: set,
    value: [
      { x: 1, y: 2 },
      { y: 2, x: 1 },
    ],
    faults: ['a[1]: Duplicate value: {"x":1,"y":2}'],
  },
  {
    name: 'a map by one key',
    schema: map(['name']),
    value: [{ name: 'a' }, { name: 'a', port: 1 }],
    faults: ['a[1]: Duplicate value: {"name":"a"}'],
  },
  {
    name: 'a map by two keys',
    schema: map(['name', 'port']),
    value: [
      { name: 'a', port: 1 },
      { name: 'a', port: 2 },
    ],
    faults: [],
  },
  { name: 'an absent key is a value too', schema: map(['name']), value: [{}, {}], faults: ['a[1]: Duplicate value: {}'] },
  {
    name: 'items of a map are objects',
    schema: map(['name']),
    value: ['a'],
    faults: ['a[0]: Invalid value: "a": must be an object for an array of list-type map'],
  },
  {
    name: 'lists within items',
    schema: map(['name']),
    value: [{ name: 'a', tags: ['x', 'x'] }],
    faults: ['a[0].tags[1]: Duplicate value: "x"'],
  },
];

describe('list types', () => {
  for (const { name, schema, value, faults } of cases) {
    it(name, () => {
      const node = structural({ type: 'object', properties: { a: schema } });
      assert.deepEqual(duplicateItems({ a: value }, node).map(describeCause), faults);
    });
  }

  it('are kept below the values of a map, whose keys stand in brackets', () => {
    const node = structural({ type: 'object', properties: { m: { type: 'object', additionalProperties: set } } });
    assert.deepEqual(duplicateItems({ m: { k: ['a', 'a'] } }, node).map(describeCause), ['m[k][1]: Duplicate value: "a"']);
  });
});
