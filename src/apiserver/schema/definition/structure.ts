import { forbidden, invalid, required, type Cause } from '../field-errors.ts';
import { deepEqual } from '../json.ts';
import { patternError } from '../regex.ts';
import type { JsonSchema } from '../schema.ts';
import { asJson, at, childPath, keyPath, type Located } from './walk.ts';

type Level = 'root' | 'item' | 'field';

/** What keeps a schema from being structural: places whose type is unknown, and structure hidden in value validation. */
export function structureCauses(schema: JsonSchema, path: string, level: Level = 'root'): Cause[] {
  return [
    ...childCauses(schema, path, level),
    ...extensionCauses(schema, path),
    ...junctorCauses(schema, path, isIntOrString(schema.anyOf), isIntOrString(schema.allOf?.[0]?.anyOf)),
    ...typeCauses(schema, path, level),
    ...metadataCauses(schema, path, level),
  ];
}

function childCauses(schema: JsonSchema, path: string, level: Level): Cause[] {
  const causes: Cause[] = [];
  const { items, additionalProperties } = schema;
  if (schema.type === 'array' && items === undefined) causes.push(required(childPath(path, 'items'), 'must be specified'));
  if (items !== undefined && !Array.isArray(items)) causes.push(...structureCauses(items, childPath(path, 'items'), 'item'));
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    causes.push(...structureCauses(child, keyPath(childPath(path, 'properties'), name), 'field'));
  }
  if (additionalProperties === undefined) return causes;
  const additionalPath = childPath(path, 'additionalProperties');
  if (level === 'root') causes.push(forbidden(additionalPath, 'must not be used at the root'));
  if (typeof additionalProperties === 'object') causes.push(...structureCauses(additionalProperties, additionalPath, 'field'));
  return causes;
}

function extensionCauses(schema: JsonSchema, path: string): Cause[] {
  if (schema['x-kubernetes-int-or-string'] !== true) return [];
  return (['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const)
    .filter((extension) => schema[extension] === true)
    .map((extension) => invalid(childPath(path, extension), true, 'must be false if x-kubernetes-int-or-string is true'));
}

const typeMissing: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function typeCauses(schema: JsonSchema, path: string, level: Level): Cause[] {
  const { type = '' } = schema;
  const typePath = childPath(path, 'type');
  if (schema['x-kubernetes-embedded-resource'] === true) return embeddedCauses(schema, path, typePath);
  const free = schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (type === '') return free ? [] : [required(typePath, typeMissing[level])];
  return level === 'root' && type !== 'object' ? [invalid(typePath, type, 'must be object at the root')] : [];
}

function embeddedCauses(schema: JsonSchema, path: string, typePath: string): Cause[] {
  const { type = '' } = schema;
  const causes: Cause[] = [];
  const words = 'must be object if x-kubernetes-embedded-resource is true';
  if (type !== 'object') causes.push(type === '' ? required(typePath, words) : invalid(typePath, type, words));
  if (schema.additionalProperties !== undefined) {
    causes.push(forbidden(childPath(path, 'additionalProperties'), 'must not be used if x-kubernetes-embedded-resource is set'));
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] !== true && Object.keys(schema.properties ?? {}).length === 0) {
    const empty = 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    causes.push(required(childPath(path, 'properties'), empty));
  }
  return causes;
}

/** What every object has anyway may be spoken of, but not be otherwise than it is. */
function metadataCauses(schema: JsonSchema, path: string, level: Level): Cause[] {
  if (level !== 'root' && schema['x-kubernetes-embedded-resource'] !== true) return [];
  const causes: Cause[] = [];
  const properties = childPath(path, 'properties');
  for (const name of ['kind', 'apiVersion']) {
    const child = schema.properties?.[name];
    if (child !== undefined && child.type !== 'string') {
      causes.push(invalid(childPath(keyPath(properties, name), 'type'), child.type ?? '', 'must be string'));
    }
  }
  const metadata = schema.properties?.['metadata'];
  if (metadata === undefined) return causes;
  const metadataPath = keyPath(properties, 'metadata');
  if (metadata.type !== 'object') causes.push(invalid(childPath(metadataPath, 'type'), metadata.type ?? '', 'must be object'));
  if (level === 'root' && !isNamesOnly(metadata)) {
    const words = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
    causes.push(forbidden(metadataPath, words));
  }
  return causes;
}

function isNamesOnly(metadata: JsonSchema): boolean {
  const { properties = {} } = metadata;
  const named = Object.keys(properties).every((name) => name === 'name' || name === 'generateName');
  return named && Object.keys(metadata).every((keyword) => ['type', 'default', 'properties'].includes(keyword));
}

function isIntOrString(branches: readonly JsonSchema[] | undefined): boolean {
  return branches !== undefined && deepEqual(asJson([...branches]), [{ type: 'integer' }, { type: 'string' }]);
}

function junctorCauses(schema: JsonSchema, path: string, skipAnyOf: boolean, skipFirstAllOf: boolean): Cause[] {
  const causes: Cause[] = [];
  const nested = (branch: Located, skip = false): void => void causes.push(...nestedCauses(branch.schema, branch.path, skip));
  if (!skipAnyOf) for (const branch of at(schema.anyOf, childPath(path, 'anyOf'))) nested(branch);
  for (const [i, branch] of at(schema.allOf, childPath(path, 'allOf')).entries()) nested(branch, skipFirstAllOf && i === 0);
  for (const branch of at(schema.oneOf, childPath(path, 'oneOf'))) nested(branch);
  if (schema.not !== undefined) nested({ schema: schema.not, path: childPath(path, 'not') });
  const problem = schema.pattern === undefined ? undefined : patternError(schema.pattern);
  if (problem !== undefined) {
    causes.push(invalid(childPath(path, 'pattern'), schema.pattern ?? '', `must be a valid regular expression, but isn't: ${problem}`));
  }
  return causes;
}

/** Keywords that shape an object and so may not stand below allOf, anyOf, oneOf or not, with what they must be there. */
const structural: readonly (readonly [keyof JsonSchema, string])[] = [
  ['type', 'empty'],
  ['additionalProperties', 'undefined'],
  ['default', 'undefined'],
  ['title', 'empty'],
  ['description', 'empty'],
  ['nullable', 'false'],
  ['x-kubernetes-preserve-unknown-fields', 'false'],
  ['x-kubernetes-embedded-resource', 'false'],
  ['x-kubernetes-int-or-string', 'false'],
  ['x-kubernetes-list-map-keys', 'empty'],
  ['x-kubernetes-list-type', 'undefined'],
  ['x-kubernetes-map-type', 'undefined'],
  ['x-kubernetes-validations', 'empty'],
];

function nestedCauses(schema: JsonSchema, path: string, skipAnyOf: boolean): Cause[] {
  const causes = junctorCauses(schema, path, skipAnyOf, false);
  const { items } = schema;
  if (items !== undefined && !Array.isArray(items)) causes.push(...nestedCauses(items, childPath(path, 'items'), false));
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    causes.push(...nestedCauses(child, keyPath(childPath(path, 'properties'), name), false));
  }
  for (const [keyword, wanted] of structural) {
    const value = schema[keyword];
    if (value === undefined || value === false || value === '') continue;
    causes.push(forbidden(childPath(path, keyword), `must be ${wanted} to be structural`));
  }
  if (schema.properties?.['metadata'] !== undefined) {
    causes.push(forbidden(keyPath(childPath(path, 'properties'), 'metadata'), 'must not be specified in a nested context'));
  }
  return causes;
}
