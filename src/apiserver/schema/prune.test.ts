import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { prune } from './prune.ts';
import type { JsonSchema } from './schema.ts';
import { structural } from './structural.ts';
import type { Json } from '../../meta/objects.ts';

const text: JsonSchema = { type: 'string' };
const object = (properties: Record<string, JsonSchema>, more: JsonSchema = {}): JsonSchema => ({ type: 'object', properties, ...more });
const preserve: JsonSchema = { 'x-kubernetes-preserve-unknown-fields': true };

const cases: { name: string; schema: JsonSchema; value: Json; pruned: Json; unknown: string[]; root?: boolean }[] = [
  { name: 'a known field stays', schema: object({ a: text }), value: { a: 'x' }, pruned: { a: 'x' }, unknown: [] },
  { name: 'an unknown field goes', schema: object({ a: text }), value: { a: 'x', b: 1 }, pruned: { a: 'x' }, unknown: ['b'] },
  {
    name: 'the path leads through objects, lists and maps',
    schema: object({
      spec: object({
        disks: { type: 'array', items: object({ name: text }) },
        tags: { type: 'object', additionalProperties: object({ v: text }) },
      }),
    }),
    value: { spec: { disks: [{ name: 'a' }, { name: 'b', nope: 1 }], tags: { 'x.y/z': { v: 'v', w: 'w' } } } },
    pruned: { spec: { disks: [{ name: 'a' }, { name: 'b' }], tags: { 'x.y/z': { v: 'v' } } } },
    unknown: ['spec.disks[1].nope', 'spec.tags.x.y/z.w'],
  },
  {
    name: 'an unknown object is told once, not field by field',
    schema: object({}),
    value: { a: { b: 1, c: 2 } },
    pruned: {},
    unknown: ['a'],
  },
  {
    name: 'preserved unknown fields stay, and the known ones beside them are pruned',
    schema: object({ a: object({ b: text }) }, preserve),
    value: { a: { b: 'x', c: 1 }, d: { e: 1 } },
    pruned: { a: { b: 'x' }, d: { e: 1 } },
    unknown: ['a.c'],
  },
  {
    name: 'preserved lists keep their items',
    schema: object({ a: preserve }),
    value: { a: [{ b: 1 }] },
    pruned: { a: [{ b: 1 }] },
    unknown: [],
  },
  {
    name: 'a map of anything keeps its keys and empties its objects',
    schema: object({ a: { type: 'object', additionalProperties: true } }),
    value: { a: { k: 'v', o: { p: 1 } } },
    pruned: { a: { k: 'v', o: {} } },
    unknown: ['a.o.p'],
  },
  {
    name: 'an embedded object keeps what every object has',
    schema: object({ template: object({ spec: object({ a: text }) }, { 'x-kubernetes-embedded-resource': true }) }),
    value: { template: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { a: 'b' }, nope: 1 } },
    pruned: { template: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { a: 'b' } } },
    unknown: ['template.nope'],
  },
  {
    name: 'so does the root',
    schema: object({ spec: object({}) }),
    value: { apiVersion: 'v1', kind: 'A', metadata: { name: 'x', nope: 1 }, spec: {}, extra: 1 },
    pruned: { apiVersion: 'v1', kind: 'A', metadata: { name: 'x', nope: 1 }, spec: {} },
    unknown: ['extra'],
    root: true,
  },
  {
    name: 'names that objects inherit are names like any other',
    schema: object({ map: { type: 'object', additionalProperties: object({ a: text }) } }),
    value: JSON.parse('{"constructor": 1, "map": {"__proto__": {"a": "x", "b": 1}, "toString": {"a": "y"}}}') as Json,
    pruned: JSON.parse('{"map": {"__proto__": {"a": "x"}, "toString": {"a": "y"}}}') as Json,
    unknown: ['constructor', 'map.__proto__.b'],
  },
  {
    name: 'a value of the wrong type is left for validation to refuse',
    schema: object({ a: object({ b: text }) }),
    value: { a: 'text' },
    pruned: { a: 'text' },
    unknown: [],
  },
];

describe('pruning', () => {
  for (const { name, schema, value, pruned, unknown, root = false } of cases) {
    it(name, () => {
      const before = JSON.stringify(value);
      const found: string[] = [];
      const result = prune(value, structural(schema, root), found);
      assert.equal(JSON.stringify(result), JSON.stringify(pruned));
      assert.deepEqual(found.sort(), unknown.sort());
      assert.equal(JSON.stringify(value), before, 'what was given stays as it was');
    });
  }

  it('gives back the very same value when nothing is unknown', () => {
    const value = { a: { b: ['x'] } };
    const schema = object({ a: object({ b: { type: 'array', items: text } }) });
    assert.equal(prune(value, structural(schema), []), value);
  });
});
