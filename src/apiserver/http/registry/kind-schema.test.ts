import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PatchSchema } from '../patch/schema.ts';
import { keptSchemas } from './kind-schema.ts';

function sized(maximum: number): PatchSchema {
  return { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer', maximum } } } } };
}

const nine = { apiVersion: 'example.com/v1', kind: 'Box', metadata: { name: 'a' }, spec: { size: 9 } };

test('what says the same is compiled once, and what says anything else is not taken for it', () => {
  const schemas = keptSchemas();
  assert.equal(schemas(sized(5)), schemas(sized(5)));
  assert.deepEqual(
    schemas(sized(5))
      .validate(nine)
      .causes.map(({ field }) => field),
    ['spec.size'],
  );
  assert.deepEqual(schemas(sized(10)).validate(nine).causes, []);
});
