import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isObject, type JsonObject } from './json.ts';
import { toOpenApiSchema } from './openapi.ts';
import type { JsonSchema } from './schema.ts';
import type { Json } from '../../meta/objects.ts';

const gvk = { group: 'example.org', version: 'v1', kind: 'Thing' };

function at(object: Json, ...path: string[]): Json | undefined {
  let here: Json | undefined = object;
  for (const step of path) here = isObject(here) ? here[step] : undefined;
  return here;
}

describe('the OpenAPI schema of a kind', () => {
  const schema: JsonSchema = {
    type: 'object',
    description: 'A thing.',
    properties: {
      metadata: { type: 'object' },
      spec: {
        type: 'object',
        properties: {
          size: { 'x-kubernetes-int-or-string': true, description: 'How large.' },
          template: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    },
  };
  const rendered: JsonObject = toOpenApiSchema(schema, gvk);

  it('says of what kind it is', () => {
    assert.deepEqual(rendered['x-kubernetes-group-version-kind'], [gvk]);
  });

  it('keeps descriptions and extensions', () => {
    assert.equal(rendered['description'], 'A thing.');
    assert.deepEqual(at(rendered, 'properties', 'spec', 'properties', 'size'), {
      'x-kubernetes-int-or-string': true,
      description: 'How large.',
    });
  });

  it('has apiVersion, kind and metadata, at the root and in embedded objects', () => {
    for (const path of [[], ['properties', 'spec', 'properties', 'template']]) {
      assert.equal(at(rendered, ...path, 'properties', 'apiVersion', 'type'), 'string');
      assert.equal(at(rendered, ...path, 'properties', 'kind', 'type'), 'string');
      assert.deepEqual(at(rendered, ...path, 'properties', 'metadata', 'allOf'), [
        { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' },
      ]);
    }
    assert.deepEqual(at(rendered, 'properties', 'spec', 'properties', 'template', 'required'), ['kind', 'apiVersion']);
  });

  it('leaves the schema that it was made of as it was', () => {
    assert.deepEqual(schema.properties?.['metadata'], { type: 'object' });
  });
});
