import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '../../../meta/objects.ts';
import { describeCause } from '../field-errors.ts';
import type { JsonSchema, ValidationRule } from '../schema.ts';
import { structural } from '../structural.ts';
import { checkRules, type Verdict } from './check.ts';
import { compileRuleTree } from './rules.ts';

const text: JsonSchema = { type: 'string' };
const integer: JsonSchema = { type: 'integer' };
const ruled = (schema: JsonSchema, ...rules: (string | ValidationRule)[]): JsonSchema => ({
  ...schema,
  'x-kubernetes-validations': rules.map((rule) => (typeof rule === 'string' ? { rule } : rule)),
});
const object = (properties: Record<string, JsonSchema>, ...rules: (string | ValidationRule)[]): JsonSchema =>
  ruled({ type: 'object', properties }, ...rules);

function judge(schema: JsonSchema, value: Json, old?: Json, root = false): Verdict {
  const tree = compileRuleTree(structural(schema, root));
  assert.ok(tree);
  return checkRules(tree, value, old);
}

function faults(schema: JsonSchema, value: Json, old?: Json): string[] {
  return judge(schema, value, old).causes.map((cause) => `${cause.reason} ${describeCause(cause)}`);
}

/** Whether one rule on a field `v` of the given schema holds. */
function holds(schema: JsonSchema, rule: string, value: Json): boolean {
  return faults(object({ v: schema }, rule), { v: value }).length === 0;
}

describe('what rules see of values', () => {
  const table: [schema: JsonSchema, rule: string, value: Json][] = [
    [integer, 'self.v + 1 == 3', 2],
    [{ type: 'number' }, 'self.v == 2.0', 2],
    [text, "self.v == 'x'", 'x'],
    [{ type: 'boolean' }, '!self.v', false],
    [{ type: 'string', format: 'date-time' }, "self.v < timestamp('2025-01-01T00:00:00Z')", '2024-01-01T00:00:00Z'],
    [{ type: 'string', format: 'date' }, 'self.v.getFullYear() == 2024', '2024-01-01'],
    [{ type: 'string', format: 'duration' }, "self.v > duration('89s')", '1m30s'],
    [{ type: 'string', format: 'byte' }, "self.v == b'hello'", 'aGVsbG8='],
    [{ 'x-kubernetes-int-or-string': true }, 'type(self.v) == int && self.v == 5', 5],
    [{ 'x-kubernetes-int-or-string': true }, "type(self.v) == string && self.v.endsWith('%')", '5%'],
    [{ 'x-kubernetes-int-or-string': true }, "quantity(string(self.v)).isGreaterThan(quantity('0'))", 5],
    [{ type: 'array', items: integer }, 'self.v.all(x, x > 0) && size(self.v) == 2 && self.v.sum() == 3', [1, 2]],
    [{ type: 'array', items: object({ name: text }) }, "self.v.exists(x, has(x.name) && x.name == 'b')", [{}, { name: 'b' }]],
    [{ type: 'array', items: object({ name: text }) }, "self.v.map(x, x.name) == ['a', 'b']", [{ name: 'a' }, { name: 'b' }]],
    [{ type: 'array', items: object({ name: text }) }, 'self.v[0] == self.v[1] && self.v[0] in self.v', [{ name: 'a' }, { name: 'a' }]],
    [
      { type: 'object', additionalProperties: text },
      "'a' in self.v && self.v.a == 'x' && self.v.all(k, k.size() == 1)",
      { a: 'x', b: 'y' },
    ],
    [{ type: 'object', additionalProperties: text }, "self.v['constructor'] == 'x'", { constructor: 'x' }],
    [{ type: 'object', additionalProperties: integer }, 'self.v.all(k, self.v[k] > 0)', { a: 1 }],
    [{ type: 'string', nullable: true }, 'self.v == null', null],
    [{ type: 'string', nullable: true }, "self.v != null && self.v == 'x'", 'x'],
    [object({ a: object({ b: text }) }), '!has(self.v.a) || has(self.v.a.b)', {}],
    [object({ a: text }), 'self.v != null', {}],
    [object({ a: text }), "self.v.?a.orValue('none') == 'none'", {}],
    [
      object({ namespace: text, 'a-b': text, 'x.y': text }),
      "self.v.__namespace__ + self.v.a__dash__b + self.v.x__dot__y == 'nab'",
      { namespace: 'n', 'a-b': 'a', 'x.y': 'b' },
    ],
    [{ ...object({ a: text }), 'x-kubernetes-preserve-unknown-fields': true }, "self.v.a == 'x'", { a: 'x', other: {} }],
    [
      { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      "self.v.kind == 'Pod' && self.v.metadata.name == 'p'",
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } },
    ],
  ];
  for (const [schema, rule, value] of table) {
    it(`${rule} of ${JSON.stringify(value)}`, () => {
      assert.deepEqual(faults(object({ v: schema }, rule), { v: value }), []);
      assert.equal(holds(schema, `!(${rule})`, value), false, 'the contrary does not hold');
    });
  }

  it('a whole object has its kind and name, and no more of its metadata', () => {
    const schema = ruled({ type: 'object' }, "self.metadata.name.startsWith('a') && self.kind == 'A'");
    const whole = { apiVersion: 'v1', kind: 'A', metadata: { name: 'abc', labels: { x: 'y' } } };
    assert.deepEqual(judge(schema, whole, undefined, true).causes, []);
    const more = ruled({ type: 'object' }, "self.metadata.labels.x == 'y'");
    assert.match(judge(more, whole, undefined, true).causes[0]?.message ?? '', /rule compile error: .*undefined field 'labels'/);
  });

  it('a field that is called as objects call their class hides nothing', () => {
    const schema = object({ v: object({ constructor: text, a: text }) }, "self.v.a == 'x' && self.v == self.v");
    assert.deepEqual(faults(schema, { v: { a: 'x', constructor: 'y' } }), []);
  });

  it('null is not judged by rules of its own', () => {
    assert.deepEqual(faults(object({ v: ruled({ type: 'string', nullable: true }, "self == 'x'") }), { v: null }), []);
    assert.equal(faults(object({ v: ruled({ type: 'string', nullable: true }, "self == 'x'") }), { v: 'y' }).length, 1);
  });
});

describe('a rule that does not hold', () => {
  it('is told with the rule itself', () => {
    assert.deepEqual(faults(object({ a: integer }, 'self.a > 1'), { a: 1 }), [
      'FieldValueInvalid <nil>: Invalid value: failed rule: self.a > 1',
    ]);
  });

  it('with its message, and the value of a scalar', () => {
    const schema = object({ spec: object({ a: ruled(integer, { rule: 'self > 1', message: 'too small' }) }) });
    assert.deepEqual(faults(schema, { spec: { a: 1 } }), ['FieldValueInvalid spec.a: Invalid value: 1: too small']);
  });

  it('with messageExpression, which wins over message', () => {
    const rule = { rule: 'self.a > 1', message: 'm', messageExpression: "'a is %d'.format([self.a])" };
    assert.deepEqual(faults(object({ a: integer }, rule), { a: 1 }), ['FieldValueInvalid <nil>: Invalid value: a is 1']);
  });

  it('with message where messageExpression gives nothing', () => {
    for (const messageExpression of ["''", "'a\\nb'", 'self.b']) {
      const rule = { rule: 'self.a > 1', message: 'm', messageExpression };
      assert.deepEqual(faults(object({ a: integer, b: text }, rule), { a: 1 }), ['FieldValueInvalid <nil>: Invalid value: m']);
    }
  });

  it('with its reason', () => {
    const of = (reason: string): string[] => faults(object({ a: ruled(integer, { rule: 'false', message: 'm', reason }) }), { a: 1 });
    assert.deepEqual(of('FieldValueForbidden'), ['FieldValueForbidden a: Forbidden: m']);
    assert.deepEqual(of('FieldValueRequired'), ['FieldValueRequired a: Required value: m']);
    assert.deepEqual(of('FieldValueDuplicate'), ['FieldValueDuplicate a: Duplicate value: 1']);
  });

  it('at its fieldPath', () => {
    const spec = object(
      { a: object({ 'b-c': text }), m: { type: 'object', additionalProperties: text } },
      { rule: 'false', message: 'm', fieldPath: ".a['b-c']" },
      { rule: 'false', message: 'n', fieldPath: ".m['x.y']" },
    );
    assert.deepEqual(faults(object({ spec }), { spec: {} }), [
      'FieldValueInvalid spec.a.b-c: Invalid value: m',
      'FieldValueInvalid spec.m[x.y]: Invalid value: n',
    ]);
  });

  it('in each item and map value that breaks it', () => {
    const item = ruled(integer, { rule: 'self > 1', message: 'm' });
    const schema = object({ l: { type: 'array', items: item }, m: { type: 'object', additionalProperties: item } });
    assert.deepEqual(faults(schema, { l: [1, 2, 0], m: { 'a/b': 1 } }), [
      'FieldValueInvalid l[0]: Invalid value: 1: m',
      'FieldValueInvalid l[2]: Invalid value: 0: m',
      'FieldValueInvalid m[a/b]: Invalid value: 1: m',
    ]);
  });

  it('and neither does one that fails', () => {
    assert.deepEqual(faults(object({ a: integer }, 'self.a == 1'), {}), [
      'FieldValueInvalid <nil>: Invalid value: "object": no such key: a evaluating rule: self.a == 1',
    ]);
    assert.deepEqual(faults(object({ a: { 'x-kubernetes-int-or-string': true } }, { rule: 'self.a < 1', message: 'm' }), { a: 'x' }), [
      'FieldValueInvalid <nil>: Invalid value: "object": \'no such overload\': call arguments did not match a supported operator, function or macro signature for rule: m',
    ]);
    assert.match(
      faults(object({ a: integer }, 'self.a == 1'), { a: 'x' })[0] ?? '',
      /invalid data, expected int, got string evaluating rule: self\.a == 1$/,
    );
  });
});

describe('transition rules', () => {
  const immutable = ruled(integer, { rule: 'self == oldSelf', message: 'is immutable' });

  it('are judged only where something was before', () => {
    const schema = object({ a: immutable });
    assert.deepEqual(faults(schema, { a: 1 }), []);
    assert.deepEqual(faults(schema, { a: 1 }, {}), []);
    assert.deepEqual(faults(schema, { a: 1 }, { a: null }), []);
    assert.deepEqual(faults(schema, { a: 1 }, { a: 1 }), []);
    assert.deepEqual(faults(schema, { a: 2 }, { a: 1 }), ['FieldValueInvalid a: Invalid value: 2: is immutable']);
  });

  it('are judged of what is as it was, too', () => {
    const schema = object({ a: ruled(integer, { rule: 'self > oldSelf', message: 'must grow' }) });
    assert.deepEqual(faults(schema, { a: 1 }, { a: 1 }), ['FieldValueInvalid a: Invalid value: 1: must grow']);
  });

  it('find items of a list map by their keys, wherever they stand', () => {
    const list: JsonSchema = {
      type: 'array',
      items: object({ name: text, size: immutable }),
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    };
    const old = {
      l: [
        { name: 'a', size: 1 },
        { name: 'b', size: 2 },
      ],
    };
    assert.deepEqual(
      faults(
        object({ l: list }),
        {
          l: [
            { name: 'b', size: 2 },
            { name: 'c', size: 9 },
            { name: 'a', size: 1 },
          ],
        },
        old,
      ),
      [],
    );
    assert.deepEqual(faults(object({ l: list }), { l: [{ name: 'b', size: 3 }] }, old), [
      'FieldValueInvalid l[0].size: Invalid value: 3: is immutable',
    ]);
  });

  it('find values of a map by their key', () => {
    const schema = object({ m: { type: 'object', additionalProperties: immutable } });
    assert.deepEqual(faults(schema, { m: { a: 2, b: 1 } }, { m: { a: 1 } }), ['FieldValueInvalid m[a]: Invalid value: 2: is immutable']);
  });

  it('are judged on creation too where oldSelf is optional', () => {
    const schema = object({
      a: ruled(integer, { rule: 'oldSelf.hasValue() ? oldSelf.value() <= self : self == 0', optionalOldSelf: true, message: 'm' }),
    });
    assert.deepEqual(faults(schema, { a: 0 }), []);
    assert.deepEqual(faults(schema, { a: 1 }), ['FieldValueInvalid a: Invalid value: 1: m']);
    assert.deepEqual(faults(schema, { a: 1 }, { a: 1 }), []);
    assert.deepEqual(faults(schema, { a: 1 }, { a: 2 }), ['FieldValueInvalid a: Invalid value: 1: m']);
  });
});

describe('rules that became stricter', () => {
  const schema = object({
    a: ruled(integer, { rule: 'self > 1', message: 'm' }),
    b: text,
    l: { type: 'array', items: ruled(integer, { rule: 'self > 1', message: 'n' }) },
  });

  it('do not stop changes elsewhere, but say so', () => {
    const verdict = judge(schema, { a: 1, b: 'y', l: [1] }, { a: 1, b: 'x', l: [1] });
    assert.deepEqual(verdict.causes, []);
    assert.deepEqual(verdict.warnings, ['a: Invalid value: 1: m', 'l[0]: Invalid value: 1: n']);
  });

  it('say so each time, of the very same value too', () => {
    const [tree, spec] = [compileRuleTree(structural(object({ spec: schema }), true)), { a: 1, b: 'x', l: [1] }];
    assert.ok(tree !== undefined);
    for (const time of [1, 2]) {
      assert.equal(checkRules(tree, { spec, other: time }, { spec }).warnings.length, 2);
      assert.equal(checkRules(tree, { spec: { ...spec } }, { spec: { ...spec, a: 2 } }).causes.length, 1);
    }
  });

  it('stop changes of what they are about', () => {
    assert.deepEqual(faults(schema, { a: 0, l: [1, 2] }, { a: 1, l: [1] }), [
      'FieldValueInvalid a: Invalid value: 0: m',
      'FieldValueInvalid l[0]: Invalid value: 1: n',
    ]);
  });
});
