import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '../../meta/objects.ts';
import { applyDefaults } from './defaults.ts';
import { dropNulls } from './nulls.ts';
import type { JsonSchema } from './schema.ts';
import { structural } from './structural.ts';

const object = (properties: Record<string, JsonSchema>, more: JsonSchema = {}): JsonSchema => ({ type: 'object', properties, ...more });
const one: JsonSchema = { type: 'integer', default: 1 };

const cases: { name: string; schema: JsonSchema; value: Json; filled: Json }[] = [
  { name: 'an absent field gets its default', schema: object({ a: one }), value: {}, filled: { a: 1 } },
  { name: 'a field that is there keeps its value', schema: object({ a: one }), value: { a: 2 }, filled: { a: 2 } },
  {
    name: 'false, zero and empty are values',
    schema: object({ a: { type: 'boolean', default: true }, b: one, c: { type: 'string', default: 'x' } }),
    value: { a: false, b: 0, c: '' },
    filled: { a: false, b: 0, c: '' },
  },
  { name: 'nothing comes into an object that is absent', schema: object({ a: object({ b: one }) }), value: {}, filled: {} },
  { name: 'it comes into one that is there', schema: object({ a: object({ b: one }) }), value: { a: {} }, filled: { a: { b: 1 } } },
  {
    name: 'and into one that came by default',
    schema: object({ a: object({ b: one, c: { type: 'integer' } }, { default: { c: 2 } }) }),
    value: {},
    filled: { a: { c: 2, b: 1 } },
  },
  {
    name: 'into items',
    schema: object({ a: { type: 'array', items: object({ b: one }) } }),
    value: { a: [{}, { b: 2 }] },
    filled: { a: [{ b: 1 }, { b: 2 }] },
  },
  {
    name: 'into values of a map',
    schema: object({ a: { type: 'object', additionalProperties: object({ b: one }) } }),
    value: { a: { k: {} } },
    filled: { a: { k: { b: 1 } } },
  },
  { name: 'null that may not be is replaced', schema: object({ a: one }), value: { a: null }, filled: { a: 1 } },
  { name: 'null that may be stays', schema: object({ a: { ...one, nullable: true } }), value: { a: null }, filled: { a: null } },
  {
    name: 'null that may not be, without a default, is as if left out',
    schema: object({ a: { type: 'string' } }),
    value: { a: null },
    filled: {},
  },
  {
    name: 'a null item stays, to be refused',
    schema: object({ a: { type: 'array', items: { type: 'string' } } }),
    value: { a: [null] },
    filled: { a: [null] },
  },
  { name: 'a default of null is none', schema: object({ a: { type: 'string', default: null } }), value: {}, filled: {} },
  {
    name: 'null below preserved unknown fields stays',
    schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    value: { a: null },
    filled: { a: null },
  },
];

describe('defaults', () => {
  for (const { name, schema, value, filled } of cases) {
    it(name, () => {
      const node = structural(schema);
      const before = JSON.stringify(value);
      assert.deepEqual(applyDefaults(dropNulls(value, node), node), filled);
      assert.equal(JSON.stringify(value), before, 'what was given stays as it was');
    });
  }

  it('are copies: changing one object does not change the next', () => {
    const node = structural(object({ a: { type: 'array', items: { type: 'string' }, default: ['x'] } }));
    const first = applyDefaults({}, node) as { a: string[] };
    first.a.push('y');
    assert.deepEqual(applyDefaults({}, node), { a: ['x'] });
  });

  it('come into fields of any name', () => {
    const schema = JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string","default":"x"}}}') as JsonSchema;
    assert.equal(JSON.stringify(applyDefaults({}, structural(schema))), '{"__proto__":"x"}');
  });

  it('give back the very same value when there is nothing to fill in', () => {
    const value = { a: 1, b: [{ a: 1 }] };
    assert.equal(applyDefaults(value, structural(object({ a: one, b: { type: 'array', items: object({ a: one }) } }))), value);
  });
});
