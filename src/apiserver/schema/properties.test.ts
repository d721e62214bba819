import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../../meta/objects.ts';
import { admit } from './admit.ts';
import { compileSchema } from './compile.ts';
import { applyDefaults } from './defaults.ts';
import { duplicateFields } from './duplicate-fields.ts';
import { isObject, type JsonObject } from './json.ts';
import { dropNulls } from './nulls.ts';
import { prune } from './prune.ts';
import type { JsonSchema } from './schema.ts';
import { structural } from './structural.ts';

const names = fc.constantFrom('a', 'b', 'c', 'd', 'metadata', '__proto__', 'constructor');

/** Values that fit the schemas below often enough. */
const { value: anyValue } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<Json>(null, true, 1, 2.5, 'x', ''),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

const leaves: fc.Arbitrary<JsonSchema> = fc.constantFrom<JsonSchema>(
  { type: 'string' },
  { type: 'string', default: 'd' },
  { type: 'integer', default: 7, nullable: true },
  { type: 'boolean' },
  { 'x-kubernetes-int-or-string': true },
  { 'x-kubernetes-preserve-unknown-fields': true },
);

const { schema: anySchema } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    leaves,
    fc.record({ type: fc.constant('array'), items: tie('schema') }),
    fc.record({ type: fc.constant('object'), additionalProperties: tie('schema') }),
    objectOf(tie('schema')),
  ),
}));

function objectOf(child: fc.Arbitrary<JsonSchema>): fc.Arbitrary<JsonSchema> {
  return fc.record(
    {
      type: fc.constant('object'),
      properties: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'constructor'), child, { maxKeys: 3, noNullPrototype: true }),
      'x-kubernetes-preserve-unknown-fields': fc.constant(true),
      default: fc.constant({ a: 'x' }),
    },
    { requiredKeys: ['type', 'properties'] },
  );
}

const copy = (value: Json): string => JSON.stringify(value);

describe('for any schema and value', () => {
  it('pruning what is pruned finds nothing', () => {
    fc.assert(
      fc.property(anySchema, anyValue, (schema, value) => {
        const node = structural(schema);
        const before = copy(value);
        const once = prune(value, node, []);
        const unknown: string[] = [];
        assert.equal(prune(once, node, unknown), once);
        assert.deepEqual(unknown, []);
        assert.equal(copy(value), before);
      }),
    );
  });

  it('filling in defaults twice is as good as once', () => {
    fc.assert(
      fc.property(anySchema, anyValue, (schema, value) => {
        const node = structural(schema);
        const once = applyDefaults(dropNulls(value, node), node);
        assert.equal(copy(applyDefaults(dropNulls(once, node), node)), copy(once));
      }),
    );
  });

  it('admitting what was admitted changes nothing and tells the same', () => {
    fc.assert(
      fc.property(objectOf(anySchema), anyValue, (spec, value) => {
        const compiled = compileSchema({ type: 'object', properties: { spec } });
        const object: JsonObject = { apiVersion: 'v1', kind: 'A', metadata: { name: 'a' }, spec: value };
        const once = admit(compiled, object, undefined, { fieldValidation: 'Ignore' });
        const twice = admit(compiled, once.object, undefined, { fieldValidation: 'Strict' });
        assert.equal(copy(twice.object), copy(once.object));
        assert.deepEqual(twice.causes, once.causes);
        assert.equal(twice.refusal, undefined);
        // And on an update to the same, nothing stands in the way.
        assert.deepEqual(admit(compiled, once.object, once.object, { fieldValidation: 'Strict' }).causes, []);
      }),
      { numRuns: 60 },
    );
  });

  it('the text that JSON.stringify makes has no field twice', () => {
    fc.assert(fc.property(fc.json(), (text) => assert.deepEqual(duplicateFields(JSON.stringify(JSON.parse(text))), [])));
  });

  it('a field written once more is found', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.json(), { minKeys: 1 }), (fields) => {
        const members = Object.entries(fields).map(([name, value]) => `${JSON.stringify(name)}:${value}`);
        const [first = ''] = Object.keys(fields);
        const text = `{${[...members, members[0] ?? ''].join(',')}}`;
        assert.ok(isObject(JSON.parse(text)));
        assert.ok(duplicateFields(text).includes(first));
      }),
    );
  });
});
