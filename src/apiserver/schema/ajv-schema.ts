import type { Json } from '../../meta/objects.ts';
import { formatCheck } from './formats.ts';
import type { JsonSchema } from './schema.ts';

/** A JSON Schema as ajv reads it. */
export type AjvSchema = Record<string, unknown>;

const copied = [
  'multipleOf',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'maxProperties',
  'minProperties',
] as const;

/** The value validation of `schema` in ajv's dialect: no extensions, no defaults, null and exclusive bounds as JSON Schema has them. */
export function toAjvSchema(schema: JsonSchema): AjvSchema {
  const result: AjvSchema = {};
  const types = typesOf(schema);
  if (types.length > 0) result['type'] = types;
  for (const keyword of copied) if (schema[keyword] !== undefined) result[keyword] = schema[keyword];
  if (schema.required !== undefined && schema.required.length > 0) result['required'] = [...new Set(schema.required)];
  const format = formatOf(schema);
  if (format !== undefined) result['format'] = format;
  // A null is never one of an enumeration's values, even when nullable: as kube-apiserver has it.
  const values = schema.enum?.filter((value: Json) => value !== null);
  if (values !== undefined && values.length > 0) result['enum'] = values;
  return { ...result, ...bounds(schema), ...children(schema) };
}

function typesOf(schema: JsonSchema): string[] {
  const types = schema['x-kubernetes-int-or-string'] === true ? ['integer', 'string'] : schema.type === undefined ? [] : [schema.type];
  return types.length > 0 && schema.nullable === true ? [...types, 'null'] : types;
}

/** The format when it is one that is checked for the type: others are documentation. */
export function formatOf(schema: JsonSchema): string | undefined {
  const { format, type = '' } = schema;
  if (format === undefined) return undefined;
  if (type === 'integer') return format === 'int32' || format === 'int64' ? format : undefined;
  if (type === 'number') return format === 'float' || format === 'double' ? format : undefined;
  return (type === '' || type === 'string') && formatCheck(format) !== undefined ? format : undefined;
}

function bounds(schema: JsonSchema): AjvSchema {
  const { maximum, minimum } = schema;
  return {
    ...(maximum === undefined ? {} : { [schema.exclusiveMaximum === true ? 'exclusiveMaximum' : 'maximum']: maximum }),
    ...(minimum === undefined ? {} : { [schema.exclusiveMinimum === true ? 'exclusiveMinimum' : 'minimum']: minimum }),
  };
}

function children(schema: JsonSchema): AjvSchema {
  const result: AjvSchema = {};
  const { properties, additionalProperties, items, not } = schema;
  if (properties !== undefined) {
    result['properties'] = Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, toAjvSchema(child)]));
  }
  if (typeof additionalProperties === 'object') result['additionalProperties'] = toAjvSchema(additionalProperties);
  if (additionalProperties === false) result['additionalProperties'] = false;
  if (items !== undefined && !Array.isArray(items)) result['items'] = toAjvSchema(items);
  for (const junctor of ['allOf', 'anyOf', 'oneOf'] as const) {
    const branches = schema[junctor];
    if (branches !== undefined && branches.length > 0) result[junctor] = branches.map(toAjvSchema);
  }
  if (not !== undefined) result['not'] = toAjvSchema(not);
  return result;
}
