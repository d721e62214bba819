import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { admit, type Admission, type FieldValidation } from './admit.ts';
import { compileSchema } from './compile.ts';
import { describeCause } from './field-errors.ts';
import type { JsonObject } from './json.ts';
import type { JsonSchema } from './schema.ts';

const schema: JsonSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 1 },
        mode: { type: 'string', enum: ['A', 'B'], default: 'A' },
        ports: {
          type: 'array',
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string', maxLength: 3 }, number: { type: 'integer', default: 80 } },
          },
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
        },
      },
      'x-kubernetes-validations': [{ rule: "self.mode != 'B' || self.size > 5", message: 'B is for large ones' }],
    },
  },
};
const compiled = compileSchema(schema);
const thing = (spec: JsonObject, metadata: JsonObject = { name: 'a' }): JsonObject => ({
  apiVersion: 'example.org/v1',
  kind: 'Thing',
  metadata,
  spec,
});
const take = (object: JsonObject, old?: JsonObject, fieldValidation: FieldValidation = 'Warn', duplicates: string[] = []): Admission =>
  admit(compiled, object, old, { fieldValidation, duplicates });
const words = (admission: Admission): string[] => admission.causes.map(describeCause);

describe('admission', () => {
  it('fills in defaults', () => {
    assert.deepEqual(take(thing({ size: 1, ports: [{ name: 'a' }] })).object['spec'], {
      size: 1,
      mode: 'A',
      ports: [{ name: 'a', number: 80 }],
    });
  });

  it('leaves what it was given as it was', () => {
    const object = thing({ size: 1, nope: 1 }, { name: 'a', nope: 1 });
    const before = structuredClone(object);
    take(object);
    assert.deepEqual(object, before);
  });

  it('refuses unknown and repeated fields when strict, all at once', () => {
    const admission = take(thing({ size: 1, nope: 1, ports: [{ name: 'a', x: 1 }] }, { name: 'a', extra: 1 }), undefined, 'Strict', [
      'spec.size',
    ]);
    assert.equal(
      admission.refusal,
      'strict decoding error: duplicate field "spec.size", unknown field "metadata.extra", unknown field "spec.nope", unknown field "spec.ports[0].x"',
    );
  });

  it('warns of them, or says nothing, and drops them', () => {
    const object = thing({ size: 1, nope: 1 });
    assert.deepEqual(take(object).warnings, ['unknown field "spec.nope"']);
    assert.deepEqual(take(object, undefined, 'Ignore').warnings, []);
    assert.deepEqual(take(object, undefined, 'Ignore').object['spec'], { size: 1, mode: 'A' });
  });

  it('refuses metadata that cannot be read', () => {
    assert.equal(
      take(thing({ size: 1 }, { name: 1 })).refusal,
      'json: cannot unmarshal number into Go struct field ObjectMeta.name of type string',
    );
  });

  it('judges what came by default too', () => {
    assert.deepEqual(words(take(thing({ size: 1, mode: 'B' }))), ['spec: Invalid value: B is for large ones']);
    assert.deepEqual(words(take(thing({ size: 6, mode: 'B' }))), []);
  });

  it('leaves rules out when the object is not sound enough for them', () => {
    assert.deepEqual(words(take(thing({ mode: 'B' }))), [
      'spec.size: Required value',
      '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ]);
  });

  it('judges by the rules beside faults that do not hinder', () => {
    assert.deepEqual(words(take(thing({ size: 0, mode: 'B' }))), [
      'spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
      'spec: Invalid value: B is for large ones',
    ]);
  });

  it('tells repeated items', () => {
    assert.deepEqual(words(take(thing({ size: 1, ports: [{ name: 'a' }, { name: 'a' }] }))), [
      'spec.ports[1]: Duplicate value: {"name":"a"}',
    ]);
  });

  describe('of an update', () => {
    const old = thing({
      size: 0,
      mode: 'A',
      ports: [
        { name: 'long', number: 1 },
        { name: 'b', number: 2 },
      ],
    });

    it('lets what was wrong before, and is as it was, be', () => {
      assert.deepEqual(
        words(
          take(
            thing({
              size: 0,
              mode: 'A',
              ports: [
                { name: 'b', number: 3 },
                { name: 'long', number: 1 },
              ],
            }),
            old,
          ),
        ),
        [],
      );
    });

    it('does not when it changes', () => {
      const found = words(take(thing({ size: -1, mode: 'A', ports: [{ name: 'longer', number: 1 }] }), old));
      assert.deepEqual(found.slice(0, 2), [
        'spec.size: Invalid value: -1: spec.size in body should be greater than or equal to 1',
        'spec.ports[0].name: Too long: may not be more than 3 bytes',
      ]);
    });

    it('does not when something becomes missing', () => {
      assert.equal(words(take(thing({ mode: 'A' }), old))[0], 'spec.size: Required value');
    });

    it('lets repeated items be where there were some before', () => {
      const repeated = thing({ size: 1, ports: [{ name: 'a' }, { name: 'a' }] });
      assert.deepEqual(words(take(repeated, repeated)), []);
    });
  });

  it('takes anything of a kind without a schema', () => {
    const object = thing({ any: [{ thing: null }] });
    const admission = admit(compileSchema(), object, undefined, { fieldValidation: 'Strict' });
    assert.deepEqual(
      { object: admission.object, causes: admission.causes, warnings: admission.warnings },
      { object, causes: [], warnings: [] },
    );
  });

  it('of an object embedded in another asks for its kind', () => {
    const holder = compileSchema({
      type: 'object',
      properties: { template: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true } },
    });
    const of = (template: JsonObject): string[] =>
      words(admit(holder, { apiVersion: 'v1', kind: 'A', template }, undefined, { fieldValidation: 'Strict' }));
    assert.deepEqual(of({ kind: 'Pod' }), ['template.apiVersion: Required value']);
    assert.deepEqual(of({ apiVersion: 'v1', kind: '' }), ['template.kind: Invalid value: "": must not be empty']);
    assert.deepEqual(of({ apiVersion: 'a/b/c', kind: 'Pod' }), [
      'template.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
    ]);
    assert.deepEqual(of({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } }), []);
  });
});
