import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../meta/objects.ts';
import { makePartValidator } from './part-validator.ts';
import type { JsonSchema } from './schema.ts';
import { makeValidator } from './validate.ts';

const schema: JsonSchema = {
  type: 'object',
  required: ['spec'],
  properties: {
    metadata: { type: 'object' },
    spec: { type: 'object', required: ['size'], properties: { size: { type: 'integer', minimum: 1 } } },
    status: { type: 'object', properties: { phase: { type: 'string', enum: ['Running'] } } },
  },
};

const objects: readonly Json[] = [
  { spec: { size: 1 }, status: { phase: 'Running' } },
  { spec: { size: 0 }, status: { phase: 'Gone' } },
  { spec: {} },
  { spec: null },
  { spec: 'text', status: [] },
  { status: {} },
  {},
  'text',
  null,
];

const words = (errors: ReturnType<ReturnType<typeof makeValidator>>): unknown =>
  errors.map(({ instancePath, keyword, params }) => ({ instancePath, keyword, params }));

test('an object is judged as a validator of the whole judges it, the first time and again', () => {
  const [byParts, whole] = [makePartValidator(schema), makeValidator(schema)];
  for (const object of [...objects, ...objects]) assert.deepEqual(words(byParts(object)), words(whole(object)), JSON.stringify(object));
});

test('a good part beside another that is not does not hide it, nor the other way', () => {
  const validate = makePartValidator(schema);
  const spec = { size: 1 };
  assert.equal(validate({ spec }).length, 0);
  assert.equal(validate({ spec, status: { phase: 'Gone' } }).length, 1);
  assert.equal(validate({ spec: { size: 0 }, status: { phase: 'Running' } }).length, 1);
  assert.equal(validate({ spec, status: { phase: 'Running' } }).length, 0);
});

test('what is good as one property is not good as another', () => {
  const validate = makePartValidator(schema);
  const part = { size: 1, phase: 'Gone' };
  assert.equal(validate({ spec: part }).length, 0);
  assert.equal(validate({ spec: part, status: part }).length, 1);
});
