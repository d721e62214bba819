import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '../../meta/objects.ts';
import { isUnchanged } from './ratchet.ts';
import type { JsonSchema } from './schema.ts';
import { structural } from './structural.ts';
import type { Steps } from './validation-errors.ts';

const item: JsonSchema = { type: 'object', properties: { name: { type: 'string' }, size: { type: 'integer' } } };
const schema: JsonSchema = {
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    a: { type: 'object', properties: { b: { type: 'integer' } } },
    map: { type: 'object', additionalProperties: item },
    list: { type: 'array', items: item },
    keyed: { type: 'array', items: item, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
  },
};

const cases: { name: string; value: Json; old: Json; at: Steps; unchanged: boolean }[] = [
  { name: 'a field as it was', value: { a: { b: 1 } }, old: { a: { b: 1 } }, at: ['a', 'b'], unchanged: true },
  { name: 'a field that changed', value: { a: { b: 1 } }, old: { a: { b: 2 } }, at: ['a', 'b'], unchanged: false },
  { name: 'a field that is new', value: { a: { b: 1 } }, old: { a: {} }, at: ['a', 'b'], unchanged: false },
  { name: 'a field as it was beside one that changed', value: { a: { b: 1 }, list: [] }, old: { a: { b: 1 } }, at: ['a'], unchanged: true },
  {
    name: 'a value of a map',
    value: { map: { 'x/y': { size: 1 }, n: {} } },
    old: { map: { 'x/y': { size: 1 } } },
    at: ['map', 'x/y', 'size'],
    unchanged: true,
  },
  {
    name: 'an item, found by its key',
    value: { keyed: [{ name: 'b' }, { name: 'a', size: 1 }] },
    old: { keyed: [{ name: 'a', size: 1 }] },
    at: ['keyed', 1, 'size'],
    unchanged: true,
  },
  {
    name: 'an item of a list that is one value, which changed',
    value: { list: [{ size: 1 }, {}] },
    old: { list: [{ size: 1 }] },
    at: ['list', 0, 'size'],
    unchanged: false,
  },
  {
    name: 'an item of a list that is one value, as it was',
    value: { list: [{ size: 1 }], a: {} },
    old: { list: [{ size: 1 }] },
    at: ['list', 0, 'size'],
    unchanged: true,
  },
  { name: 'what kind it is', value: { apiVersion: 'x' }, old: { apiVersion: 'x' }, at: ['apiVersion'], unchanged: false },
];

describe('what is as it was before an update', () => {
  for (const { name, value, old, at, unchanged } of cases) {
    it(`${name}: ${String(unchanged)}`, () => {
      assert.equal(isUnchanged({ node: structural(schema, true), value, old }, at), unchanged);
    });
  }
});
