import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeCause } from '../field-errors.ts';
import type { JsonSchema, ValidationRule } from '../schema.ts';
import { validateStructural } from './check.ts';

const root = (spec: JsonSchema, more: JsonSchema = {}): JsonSchema => ({ type: 'object', properties: { spec }, ...more });
const text: JsonSchema = { type: 'string' };
const list = (more: JsonSchema): JsonSchema => ({
  type: 'array',
  items: { type: 'object', properties: { name: text }, required: ['name'] },
  ...more,
});

// The words are those of apiextensions-apiserver's validation of CustomResourceDefinitions.
const cases: { name: string; schema: JsonSchema; faults: string[] }[] = [
  { name: 'a sound schema', schema: root(list({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })), faults: [] },
  { name: 'no type at the root', schema: {}, faults: ['s.type: Required value: must not be empty at the root'] },
  { name: 'a root that is no object', schema: { type: 'string' }, faults: ['s.type: Invalid value: "string": must be object at the root'] },
  {
    name: 'a field without a type',
    schema: root({}),
    faults: ['s.properties[spec].type: Required value: must not be empty for specified object fields'],
  },
  {
    name: 'items without a type',
    schema: root({ type: 'array', items: {} }),
    faults: ['s.properties[spec].items.type: Required value: must not be empty for specified array items'],
  },
  {
    name: 'a list without items',
    schema: root({ type: 'array' }),
    faults: ['s.properties[spec].items: Required value: must be specified'],
  },
  {
    name: 'a map at the root',
    schema: { type: 'object', additionalProperties: text },
    faults: ['s.additionalProperties: Forbidden: must not be used at the root'],
  },
  {
    name: 'structure below a junctor',
    schema: root({
      type: 'integer',
      anyOf: [
        { type: 'integer', minimum: 1 },
        { description: 'x', maximum: 0 },
      ],
    }),
    faults: [
      's.properties[spec].anyOf[0].type: Forbidden: must be empty to be structural',
      's.properties[spec].anyOf[1].description: Forbidden: must be empty to be structural',
    ],
  },
  {
    name: 'but for int-or-string, as it is written',
    schema: root({ 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }),
    faults: [],
  },
  {
    name: 'validation of a field that is not there',
    schema: root(
      { type: 'object', properties: { a: text } },
      { oneOf: [{ properties: { spec: { properties: { b: { minLength: 1 } } } } }] },
    ),
    faults: ['s.properties[spec].properties[b]: Required value: because it is defined in s.oneOf[0].properties[spec].properties[b]'],
  },
  {
    name: 'metadata otherwise than it is',
    schema: { type: 'object', properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } } },
    faults: [
      's.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
    ],
  },
  {
    name: 'a restriction of its name',
    schema: { type: 'object', properties: { metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 8 } } } } },
    faults: [],
  },
  {
    name: 'a type that is none',
    schema: root({ type: 'int' }),
    faults: [
      's.properties[spec].type: Unsupported value: "int": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ],
  },
  {
    name: 'properties beside additionalProperties',
    schema: root({ type: 'object', properties: { a: text }, additionalProperties: text }),
    faults: ['s.properties[spec].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive'],
  },
  {
    name: 'uniqueItems',
    schema: root({ type: 'array', items: text, uniqueItems: true }),
    faults: ['s.properties[spec].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic'],
  },
  {
    name: 'a pattern that is none',
    schema: root({ type: 'string', pattern: '(a' }),
    faults: ['s.properties[spec].pattern: Invalid value: "(a": must be a valid regular expression, but isn\'t: '],
  },
  {
    name: 'a list map without keys',
    schema: root(list({ 'x-kubernetes-list-type': 'map' })),
    faults: ['s.properties[spec].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map'],
  },
  {
    name: 'a key that is no field',
    schema: root(list({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['id'] })),
    faults: ['s.properties[spec].x-kubernetes-list-map-keys: Invalid value: ["id"]: entries must all be names of item properties'],
  },
  {
    name: 'a key that may be absent',
    schema: root({
      type: 'array',
      items: { type: 'object', properties: { name: text } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    }),
    faults: [
      's.properties[spec].items.properties[name].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
    ],
  },
  {
    name: 'a list type that is none',
    schema: root(list({ 'x-kubernetes-list-type': 'bag' })),
    faults: ['s.properties[spec].x-kubernetes-list-type: Unsupported value: "bag": supported values: "atomic", "set", "map"'],
  },
  {
    name: 'a list type of no list',
    schema: root({ type: 'string', 'x-kubernetes-list-type': 'set' }),
    faults: ['s.properties[spec].type: Invalid value: "string": must be array if x-kubernetes-list-type is specified'],
  },
  {
    name: 'a default that the schema refuses',
    schema: root({ type: 'string', enum: ['a'], default: 'b' }),
    faults: ['s.properties[spec].default: Unsupported value: "b": supported values: "a"'],
  },
  {
    name: 'a default with unknown fields',
    schema: root({ type: 'object', properties: { a: text }, default: { b: 1 } }),
    faults: ['s.properties[spec].default: Invalid value: {"b":1}: must not have unknown fields'],
  },
  {
    name: 'a default that a rule refuses',
    schema: root({ type: 'integer', default: 1, 'x-kubernetes-validations': [{ rule: 'self > 1' }] }),
    faults: ['s.properties[spec].default: Invalid value: 1: failed rule: self > 1'],
  },
  {
    name: 'a default at the top of metadata',
    schema: { type: 'object', properties: { metadata: { type: 'object', default: {} } } },
    faults: ['s.properties[metadata].default: Forbidden: must not be set in top-level metadata'],
  },
  {
    name: 'an embedded object without anything',
    schema: root({ type: 'object', 'x-kubernetes-embedded-resource': true }),
    faults: [
      's.properties[spec].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
    ],
  },
  {
    name: 'an empty rule',
    schema: root({ ...text, 'x-kubernetes-validations': [{ rule: ' ' }] }),
    faults: ['s.properties[spec].x-kubernetes-validations[0].rule: Required value: rule is not specified'],
  },
  {
    name: 'a reason that is none',
    schema: root({ ...text, 'x-kubernetes-validations': [{ rule: 'true', reason: 'Bad' }] }),
    faults: [
      's.properties[spec].x-kubernetes-validations[0].reason: Unsupported value: "Bad": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"',
    ],
  },
  {
    name: 'a fieldPath that leads nowhere',
    schema: root({ type: 'object', properties: { a: text }, 'x-kubernetes-validations': [{ rule: 'true', fieldPath: '.b' }] }),
    faults: ['s.properties[spec].x-kubernetes-validations[0].fieldPath: Invalid value: ".b": must be a valid path'],
  },
];

describe("a CRD's own schema", () => {
  for (const { name, schema, faults } of cases) {
    it(name, () => {
      const found = validateStructural(schema, 's').map(describeCause);
      assert.equal(found.length, faults.length, found.join('\n'));
      for (const [i, words] of faults.entries()) {
        // What is wrong with a pattern is said in the words of its compiler.
        assert.equal(words.endsWith("isn't: ") ? (found[i] ?? '').slice(0, words.length) : found[i], words);
      }
    });
  }
});

describe('rules that are refused with their CRD', () => {
  const refused = (schema: JsonSchema): string | undefined => validateStructural(root(schema), 's').map(describeCause)[0];
  const rule = (expression: string, more: Partial<ValidationRule> = {}): ValidationRule[] => [{ rule: expression, ...more }];
  const printed = (expression: string): string =>
    JSON.stringify({ Rule: expression, Message: '', MessageExpression: '', Reason: null, FieldPath: '', OptionalOldSelf: null });

  const words: [expression: string, error: string][] = [
    ['self.b == 1', "compilation failed: ERROR: <input>:1:5: undefined field 'b'\n | self.b == 1\n | ....^"],
    ['other == 1', "compilation failed: ERROR: <input>:1:1: undeclared reference to 'other' (in container '')\n | other == 1\n | ^"],
    ['has(self.b)', "compilation failed: ERROR: <input>:1:9: undefined field 'b'\n | has(self.b)\n | ........^"],
    [
      "self.a.matches('(')",
      "compilation failed: ERROR: <input>:1:16: invalid matches argument\n | self.a.matches('(')\n | ...............^",
    ],
    ['self.a', 'cel expression must evaluate to a bool'],
  ];
  for (const [expression, error] of words) {
    it(expression, () => {
      const found = refused({ type: 'object', properties: { a: text }, 'x-kubernetes-validations': rule(expression) });
      assert.equal(found, `s.properties[spec].x-kubernetes-validations[0].rule: Invalid value: ${printed(expression)}: ${error}`);
    });
  }

  const types: [expression: string, words: string][] = [
    ['self.a + 1 == 2', "found no matching overload for '_+_' applied to '(string, int)'"],
    ['self.a == null', "found no matching overload for '_==_' applied to '(string, null)'"],
    ['!self.a', "found no matching overload for '!_' applied to '(string)'"],
    ['size(self.a, 1) > 2', "found no matching overload for 'size' applied to '(string, int)'"],
    ['self.a.matches(1)', "found no matching overload for 'matches' applied to 'string.(int)'"],
    ['self.a.b == 1', "type 'string' does not support field selection"],
    ["['a', 1] == ['a']", "expected type 'string' but found 'int'"],
    ["duration('x') > duration('1s')", 'invalid duration argument'],
    ["[1].all(x, timestamp('x') > timestamp('y'))", 'invalid timestamp argument'],
    ['self == 1', "found no matching overload for '_==_' applied to '(object, int)'"],
  ];
  for (const [expression, expected] of types) {
    it(expression, () => {
      const found = refused({ type: 'object', properties: { a: text }, 'x-kubernetes-validations': rule(expression) });
      assert.equal(found?.includes(`: ${expected}\n | ${expression}\n`), true, found);
    });
  }

  it('a rule that cannot be read', () => {
    assert.match(
      refused({ ...text, 'x-kubernetes-validations': rule('self ==') }) ?? '',
      /compilation failed: ERROR: <input>:1:\d+: Syntax error: /,
    );
  });

  it('a messageExpression that is no text', () => {
    const found = refused({ ...text, 'x-kubernetes-validations': rule('true', { messageExpression: '1' }) });
    assert.match(found ?? '', /messageExpression: Invalid value: .*: messageExpression must evaluate to a string$/);
  });

  it('oldSelf within items that nothing corresponds to', () => {
    const item: JsonSchema = { ...text, 'x-kubernetes-validations': rule('self == oldSelf') };
    const found = refused({ type: 'array', items: item });
    const at = 's.properties[spec].items.x-kubernetes-validations[0].rule';
    assert.equal(
      found,
      `${at}: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within s.properties[spec]`,
    );
  });

  it('optionalOldSelf without oldSelf', () => {
    const found = refused({ ...text, 'x-kubernetes-validations': rule('true', { optionalOldSelf: true }) });
    assert.match(found ?? '', /optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule$/);
  });
});
