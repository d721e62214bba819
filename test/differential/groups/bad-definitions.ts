import { create, scenario } from '../scenario.ts';
import type { Scenario } from '../scenario.ts';
import { definition, definitionsPath } from './definition-drafts.ts';

const field = (schema: object): object => ({ type: 'object', properties: { spec: { type: 'object', properties: { x: schema } } } });
const rule = (text: string): object => ({ 'x-kubernetes-validations': [{ rule: text }] });

/** Definitions that nobody may take. */
const bad: readonly (readonly [what: string, definition: object])[] = [
  ['another name than its plural and group', definition({ metadata: { name: 'x.{id}.example' } })],
  ['a plural with capitals', definition({ names: { plural: 'Boxes' } })],
  ['a kind with a dash', definition({ names: { kind: 'Big-Box' } })],
  ['a kind that is empty', definition({ names: { kind: '' } })],
  ['a list kind that is the kind', definition({ names: { listKind: 'Box' } })],
  ['a short name with capitals', definition({ names: { shortNames: ['BX'] } })],
  ['a category with a space', definition({ names: { categories: ['a b'] } })],
  ['a scope that is none', definition({ spec: { scope: 'World' } })],
  ['no group', definition({ spec: { group: '' } })],
  ['no versions', definition({ spec: { versions: [] } })],
  ['no schema', definition({ version: { schema: undefined } })],
  ['an empty schema', definition({ schema: {} })],
  ['a version that is not stored', definition({ version: { storage: false } })],
  ['a version with capitals', definition({ version: { name: 'V1' } })],
  [
    'two versions of one name',
    definition({
      spec: { versions: [1, 2].map(() => ({ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } })) },
    }),
  ],
  ['a warning where nothing is deprecated', definition({ version: { deprecationWarning: 'x' } })],
  ['a conversion that is none', definition({ spec: { conversion: { strategy: 'Magic' } } })],
  ['unknown fields that are kept', definition({ spec: { preserveUnknownFields: true } })],
  [
    'a column of a type that is none',
    definition({ version: { additionalPrinterColumns: [{ name: 'X', type: 'text', jsonPath: '.spec.x' }] } }),
  ],
  ['a column without a path', definition({ version: { additionalPrinterColumns: [{ name: 'X', type: 'string', jsonPath: '' }] } })],
  [
    'a column with a path that is none',
    definition({ version: { additionalPrinterColumns: [{ name: 'X', type: 'string', jsonPath: 'spec.x' }] } }),
  ],
  ['a selectable field that there is not', definition({ version: { selectableFields: [{ jsonPath: '.spec.none' }] } })],
  ['a selectable field of an object', definition({ version: { selectableFields: [{ jsonPath: '.spec' }] } })],
  ['a selectable field twice', definition({ version: { selectableFields: [{ jsonPath: '.spec.size' }, { jsonPath: '.spec.size' }] } })],
  ['a selectable field of the metadata', definition({ version: { selectableFields: [{ jsonPath: '.metadata.name' }] } })],
  [
    'a scale with a path into the status',
    definition({ version: { subresources: { scale: { specReplicasPath: '.status.size', statusReplicasPath: '.status.size' } } } }),
  ],
  ['a scale without a path', definition({ version: { subresources: { scale: { specReplicasPath: '.spec.size' } } } })],
  ['a root that is a string', definition({ schema: { type: 'string' } })],
  ['a field without a type', definition({ schema: field({ description: 'x' }) })],
  ['a type that there is not', definition({ schema: field({ type: 'text' }) })],
  ['a list without items', definition({ schema: field({ type: 'array' }) })],
  [
    'a list of maps without keys',
    definition({
      schema: field({ type: 'array', 'x-kubernetes-list-type': 'map', items: { type: 'object', properties: { k: { type: 'string' } } } }),
    }),
  ],
  [
    'a list key that is not required',
    definition({
      schema: field({
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: { type: 'object', properties: { k: { type: 'string' } } },
      }),
    }),
  ],
  [
    'a list key that there is not',
    definition({
      schema: field({
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: { type: 'object', required: ['k'], properties: { o: { type: 'string' } } },
      }),
    }),
  ],
  ['a set of objects', definition({ schema: field({ type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'object' } }) })],
  [
    'a list type that there is not',
    definition({ schema: field({ type: 'array', 'x-kubernetes-list-type': 'heap', items: { type: 'string' } }) }),
  ],
  [
    'properties and additional properties',
    definition({ schema: field({ type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'string' } }) }),
  ],
  ['a pattern that is none', definition({ schema: field({ type: 'string', pattern: '[' }) })],
  ['a default that is not valid', definition({ schema: field({ type: 'integer', default: 'x' }) })],
  ['a default beyond its bounds', definition({ schema: field({ type: 'integer', maximum: 3, default: 9 }) })],
  [
    'a default with a field that there is not',
    definition({ schema: field({ type: 'object', default: { y: 1 }, properties: { z: { type: 'integer' } } }) }),
  ],
  ['keywords that are not allowed', definition({ schema: field({ type: 'string', $ref: '#/x', uniqueItems: true }) })],
  ['types within any of', definition({ schema: field({ type: 'string', anyOf: [{ type: 'string' }] }) })],
  [
    'metadata that is restricted',
    definition({ schema: { type: 'object', properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } } } }),
  ],
  [
    'a name that is restricted',
    definition({
      schema: { type: 'object', properties: { metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 5 } } } } },
    }),
  ],
  ['a rule that cannot be read', definition({ schema: field({ type: 'string', ...rule('self ==') }) })],
  [
    'a rule of a field that there is not',
    definition({ schema: field({ type: 'object', properties: { a: { type: 'string' } }, ...rule('self.b == 1') }) }),
  ],
  ['a rule that is no question', definition({ schema: field({ type: 'string', ...rule('self') }) })],
  ['a rule that is empty', definition({ schema: field({ type: 'string', ...rule('') }) })],
  ['a rule that compares types', definition({ schema: field({ type: 'string', ...rule('self == 1') }) })],
  ['a rule of a function that there is not', definition({ schema: field({ type: 'string', ...rule('self.shout()') }) })],
  [
    'a rule whose reason is none',
    definition({ schema: field({ type: 'string', 'x-kubernetes-validations': [{ rule: 'self != ""', reason: 'Because' }] }) }),
  ],
  [
    'a rule whose field is none',
    definition({
      schema: field({
        type: 'object',
        properties: { a: { type: 'string' } },
        'x-kubernetes-validations': [{ rule: 'has(self.a)', fieldPath: '.b' }],
      }),
    }),
  ],
  [
    'a rule that says two lines',
    definition({ schema: field({ type: 'string', 'x-kubernetes-validations': [{ rule: 'self != ""', message: 'a\nb' }] }) }),
  ],
  [
    'a rule that costs too much',
    definition({
      schema: field({
        type: 'array',
        items: { type: 'array', items: { type: 'string' } },
        ...rule('self.all(a, self.all(b, a.all(c, b.all(d, c == d))))'),
      }),
    }),
  ],
  ['an unknown field', definition({ spec: { nope: 1 } })],
];

export function badDefinitions(): Scenario[] {
  return bad.map(([what, object]) =>
    scenario(
      `not valid: ${what}`,
      create(`${definitionsPath}?fieldValidation=Strict`, object, { show: ['/message', '/reason', '/code', '/details'] }),
    ),
  );
}
