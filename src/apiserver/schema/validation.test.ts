import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '../../meta/objects.ts';
import { aggregate, describeCause } from './field-errors.ts';
import type { JsonSchema } from './schema.ts';
import { makeValidator } from './validate.ts';
import { causesOf, placeFaults } from './validation-errors.ts';

const spec = (schema: JsonSchema): JsonSchema => ({ type: 'object', properties: { spec: schema } });

/** `reason field: message` for each fault of `value` at `spec`. */
function faults(schema: JsonSchema, value: Json): string[] {
  const object = { spec: value };
  return causesOf(placeFaults(makeValidator(spec(schema))(object), object)).map((cause) => `${cause.reason} ${describeCause(cause)}`);
}

// The words are those of kube-openapi's validation and apimachinery's field errors.
const invalid: { schema: JsonSchema; value: Json; faults: string[] }[] = [
  {
    schema: { type: 'integer' },
    value: 'x',
    faults: ['FieldValueTypeInvalid spec: Invalid value: "string": spec in body must be of type integer: "string"'],
  },
  {
    schema: { type: 'integer' },
    value: 1.5,
    faults: ['FieldValueTypeInvalid spec: Invalid value: "number": spec in body must be of type integer: "number"'],
  },
  {
    schema: { type: 'string' },
    value: 1,
    faults: ['FieldValueTypeInvalid spec: Invalid value: "integer": spec in body must be of type string: "integer"'],
  },
  {
    schema: { type: 'string' },
    value: null,
    faults: ['FieldValueTypeInvalid spec: Invalid value: "null": spec in body must be of type string: "null"'],
  },
  {
    schema: { type: 'object' },
    value: [],
    faults: ['FieldValueTypeInvalid spec: Invalid value: "array": spec in body must be of type object: "array"'],
  },
  {
    schema: { type: 'array', items: { type: 'string' } },
    value: {},
    faults: ['FieldValueTypeInvalid spec: Invalid value: "object": spec in body must be of type array: "object"'],
  },
  {
    schema: { type: 'boolean' },
    value: 'true',
    faults: ['FieldValueTypeInvalid spec: Invalid value: "string": spec in body must be of type boolean: "string"'],
  },
  {
    schema: { 'x-kubernetes-int-or-string': true },
    value: true,
    faults: ['FieldValueTypeInvalid spec: Invalid value: "boolean": spec in body must be of type integer,string: "boolean"'],
  },
  {
    schema: { type: 'integer', format: 'int32' },
    value: true,
    faults: ['FieldValueTypeInvalid spec: Invalid value: "": spec in body must be of type int32: ""'],
  },
  {
    schema: { type: 'integer', format: 'int32' },
    value: 2 ** 31,
    faults: ['FieldValueInvalid <nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec'],
  },
  {
    schema: { type: 'integer', format: 'int64' },
    value: 1.5,
    faults: [
      'FieldValueTypeInvalid spec: Invalid value: "float64": spec in body must be of type int64: "float64"',
      'FieldValueInvalid <nil>: Invalid value: "": Checked value must be of type integer with format int64 in spec',
    ],
  },
  {
    schema: { type: 'string', format: 'date-time' },
    value: 5,
    faults: ['FieldValueTypeInvalid spec: Invalid value: "int64": spec in body must be of type date-time: "int64"'],
  },
  {
    schema: { type: 'string', format: 'date-time' },
    value: 'noon',
    faults: ['FieldValueTypeInvalid spec: Invalid value: "noon": spec in body must be of type date-time: "noon"'],
  },
  {
    schema: { type: 'string', format: 'ipv4' },
    value: '1.2.3',
    faults: ['FieldValueTypeInvalid spec: Invalid value: "1.2.3": spec in body must be of type ipv4: "1.2.3"'],
  },
  {
    schema: { type: 'string', enum: ['A', 'B'] },
    value: 'x',
    faults: ['FieldValueNotSupported spec: Unsupported value: "x": supported values: "A", "B"'],
  },
  {
    schema: { type: 'integer', enum: [1, 2] },
    value: 3,
    faults: ['FieldValueNotSupported spec: Unsupported value: 3: supported values: "1", "2"'],
  },
  {
    schema: { type: 'string', nullable: true, enum: ['A'] },
    value: null,
    faults: ['FieldValueNotSupported spec: Unsupported value: null: supported values: "A"'],
  },
  {
    schema: { type: 'string', maxLength: 32 },
    value: 'x'.repeat(33),
    faults: ['FieldValueTooLong spec: Too long: may not be more than 32 bytes'],
  },
  { schema: { type: 'string', maxLength: 1 }, value: 'xx', faults: ['FieldValueTooLong spec: Too long: may not be more than 1 byte'] },
  {
    schema: { type: 'string', minLength: 2 },
    value: '',
    faults: ['FieldValueInvalid spec: Invalid value: "": spec in body should be at least 2 chars long'],
  },
  {
    schema: { type: 'string', pattern: '^[a-z]+$' },
    value: 'A"',
    faults: ['FieldValueInvalid spec: Invalid value: "A\\"": spec in body should match \'^[a-z]+$\''],
  },
  {
    schema: { type: 'string', minLength: 3, pattern: 'x' },
    value: 'a',
    faults: ['FieldValueInvalid spec: Invalid value: "a": spec in body should be at least 3 chars long'],
  },
  {
    schema: { type: 'integer', minimum: 1 },
    value: 0,
    faults: ['FieldValueInvalid spec: Invalid value: 0: spec in body should be greater than or equal to 1'],
  },
  {
    schema: { type: 'integer', minimum: 1, exclusiveMinimum: true },
    value: 1,
    faults: ['FieldValueInvalid spec: Invalid value: 1: spec in body should be greater than 1'],
  },
  {
    schema: { type: 'number', maximum: 0.5 },
    value: 0.75,
    faults: ['FieldValueInvalid spec: Invalid value: 0.75: spec in body should be less than or equal to 0.5'],
  },
  {
    schema: { type: 'integer', maximum: 10, exclusiveMaximum: true },
    value: 10,
    faults: ['FieldValueInvalid spec: Invalid value: 10: spec in body should be less than 10'],
  },
  {
    schema: { type: 'integer', multipleOf: 3 },
    value: 4,
    faults: ['FieldValueInvalid spec: Invalid value: 4: spec in body should be a multiple of 3'],
  },
  {
    schema: { type: 'array', maxItems: 1, items: { type: 'string' } },
    value: ['a', 'b'],
    faults: ['FieldValueTooMany spec: Too many: 2: must have at most 1 item'],
  },
  {
    schema: { type: 'array', minItems: 1, items: { type: 'string' } },
    value: [],
    faults: ['FieldValueInvalid spec: Invalid value: 0: spec in body should have at least 1 items'],
  },
  {
    schema: { type: 'object', maxProperties: 0 },
    value: { a: 1 },
    faults: ['FieldValueTooMany spec: Too many: 1: must have at most 0 items'],
  },
  {
    schema: { type: 'object', minProperties: 1 },
    value: {},
    faults: ['FieldValueInvalid spec: Invalid value: 0: spec in body should have at least 1 properties'],
  },
  {
    schema: { type: 'object', required: ['a'], properties: { a: { type: 'string' } } },
    value: {},
    faults: ['FieldValueRequired spec.a: Required value'],
  },
  {
    schema: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
    value: [{ name: 'a' }, { name: 1 }],
    faults: ['FieldValueTypeInvalid spec[1].name: Invalid value: "integer": spec[1].name in body must be of type string: "integer"'],
  },
  {
    schema: { type: 'object', additionalProperties: { type: 'string' } },
    value: { 'a/b~c': 1 },
    faults: ['FieldValueTypeInvalid spec.a/b~c: Invalid value: "integer": spec.a/b~c in body must be of type string: "integer"'],
  },
  {
    schema: { type: 'integer', anyOf: [{ minimum: 10 }, { maximum: 1 }] },
    value: 5,
    faults: [
      'FieldValueInvalid spec: Invalid value: 5: spec in body should be greater than or equal to 10',
      'FieldValueInvalid <nil>: Invalid value: "": "spec" must validate at least one schema (anyOf)',
    ],
  },
  {
    schema: {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      oneOf: [{ required: ['a'] }, { required: ['b'] }],
    },
    value: {},
    faults: [
      'FieldValueRequired spec.a: Required value',
      'FieldValueInvalid <nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found none valid',
    ],
  },
  {
    schema: {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      oneOf: [{ required: ['a'] }, { required: ['b'] }],
    },
    value: { a: 'x', b: 'y' },
    faults: [
      'FieldValueInvalid <nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  },
  {
    schema: { type: 'string', not: { enum: ['a'] } },
    value: 'a',
    faults: ['FieldValueInvalid <nil>: Invalid value: "": "spec" must not validate the schema (not)'],
  },
  {
    schema: { type: 'object', properties: { a: { type: 'integer' } }, allOf: [{ properties: { a: { minimum: 2 } } }] },
    value: { a: 1 },
    faults: [
      'FieldValueInvalid spec.a: Invalid value: 1: spec.a in body should be greater than or equal to 2',
      'FieldValueInvalid <nil>: Invalid value: "": "spec" must validate all the schemas (allOf)',
    ],
  },
];

const valid: { schema: JsonSchema; value: Json }[] = [
  { schema: { type: 'integer' }, value: 3 },
  { schema: { type: 'number' }, value: 3 },
  { schema: { type: 'string', nullable: true, maxLength: 1 }, value: null },
  { schema: { 'x-kubernetes-int-or-string': true }, value: '10%' },
  { schema: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }], maxLength: 2 }, value: 100000 },
  { schema: { type: 'string', maxLength: 2 }, value: '😀😀' },
  { schema: { type: 'string', format: 'made-up' }, value: 'anything' },
  { schema: { type: 'string', pattern: 'b' }, value: 'abc' },
  { schema: { 'x-kubernetes-preserve-unknown-fields': true }, value: { a: [1] } },
  { schema: { type: 'object', properties: { toString: { type: 'string' } }, required: ['toString'] }, value: { toString: 'x' } },
];

describe('value validation', () => {
  for (const { schema, value, faults: expected } of invalid) {
    it(`${JSON.stringify(schema)} refuses ${JSON.stringify(value)}`, () => {
      assert.deepEqual(faults(schema, value), expected);
    });
  }
  for (const { schema, value } of valid) {
    it(`${JSON.stringify(schema)} takes ${JSON.stringify(value)}`, () => {
      assert.deepEqual(faults(schema, value), []);
    });
  }

  it('matches nothing by a pattern that is none', () => {
    assert.equal(faults({ type: 'string', pattern: '(' }, 'a').length, 1);
  });

  it('tells nothing of the other branches when two of a oneOf hold', () => {
    const schema: JsonSchema = { type: 'integer', oneOf: [{ minimum: 10 }, { minimum: 1 }, { minimum: 2 }] };
    assert.deepEqual(faults(schema, 5), [
      'FieldValueInvalid <nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ]);
  });

  it('does not take what an object inherits for a field', () => {
    assert.deepEqual(faults({ type: 'object', properties: { constructor: { type: 'string' } }, required: ['constructor'] }, {}), [
      'FieldValueRequired spec.constructor: Required value',
    ]);
  });

  it('tells patterns with the same shape apart', () => {
    const schema: JsonSchema = {
      type: 'object',
      properties: { a: { type: 'string', pattern: '^a$' }, b: { type: 'string', pattern: '^b$' } },
    };
    assert.deepEqual(faults(schema, { a: 'a', b: 'b' }), []);
    assert.equal(faults(schema, { a: 'b', b: 'a' }).length, 2);
  });

  it('takes no time that grows beyond the text for a pattern made to take for ever', () => {
    assert.equal(faults({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(5000)}!`).length, 1);
  });
});

describe('the words of several faults', () => {
  const one = { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.a' } as const;
  it('one stands alone', () => {
    assert.equal(aggregate([one]), 'spec.a: Required value');
  });
  it('more stand in brackets, equal ones once', () => {
    assert.equal(aggregate([one, one, { ...one, field: 'spec.b' }]), '[spec.a: Required value, spec.b: Required value]');
  });
});
