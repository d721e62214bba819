import type { Json } from '../../meta/objects.ts';
import { parseTime } from '../../base/time.ts';
import { isArray, isObject, put, type JsonObject } from './json.ts';
import { childOf, type SchemaNode } from './structural.ts';

/** How a field of ObjectMeta is read. */
type Shape = 'string' | 'integer' | 'boolean' | 'time' | 'any' | { readonly map: Shape } | { readonly list: Shape } | Fields;
interface Fields {
  readonly struct: string;
  readonly fields: Readonly<Record<string, Shape>>;
}

const ownerReference: Fields = {
  struct: 'OwnerReference',
  fields: { apiVersion: 'string', kind: 'string', name: 'string', uid: 'string', controller: 'boolean', blockOwnerDeletion: 'boolean' },
};

const managedFieldsEntry: Fields = {
  struct: 'ManagedFieldsEntry',
  fields: {
    manager: 'string',
    operation: 'string',
    apiVersion: 'string',
    time: 'time',
    fieldsType: 'string',
    fieldsV1: 'any',
    subresource: 'string',
  },
};

const objectMeta: Fields = {
  struct: 'ObjectMeta',
  fields: {
    name: 'string',
    generateName: 'string',
    namespace: 'string',
    selfLink: 'string',
    uid: 'string',
    resourceVersion: 'string',
    generation: 'integer',
    creationTimestamp: 'time',
    deletionTimestamp: 'time',
    deletionGracePeriodSeconds: 'integer',
    labels: { map: 'string' },
    annotations: { map: 'string' },
    ownerReferences: { list: ownerReference },
    finalizers: { list: 'string' },
    managedFields: { list: managedFieldsEntry },
  },
};

/** What is read as ObjectMeta is not: the whole request is refused. The message is that of Go's JSON decoder. */
export class BadMetadata extends Error {
  override name = 'BadMetadata';
}

/**
 * `metadata` as ObjectMeta: fields that it has not are dropped (their paths, such as `metadata.nope`, are added to `unknown`), and so is
 * what is null or empty. The same value when nothing changes.
 * @throws {BadMetadata} when a field has the wrong type.
 */
export function coerceObjectMeta(metadata: Json, unknown: string[]): Json {
  if (metadata === null) return {};
  const coerced = coerce(metadata, objectMeta, 'metadata', 'ObjectMeta', unknown);
  return isObject(coerced) ? withoutEmpty(coerced) : coerced;
}

function withoutEmpty(metadata: JsonObject): JsonObject {
  let copy: JsonObject | undefined;
  for (const key of Object.keys(metadata)) {
    if (isEmpty(metadata[key])) delete (copy ??= { ...metadata })[key];
  }
  return copy ?? metadata;
}

function isEmpty(value: Json | undefined): boolean {
  if (isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === null || value === '' || value === undefined;
}

function coerce(value: Json, shape: Shape, path: string, goPath: string, unknown: string[]): Json {
  if (value === null || shape === 'any') return value;
  if (typeof shape === 'string') {
    checkScalar(value, shape, goPath);
    return value;
  }
  if ('list' in shape) return coerceList(value, shape.list, path, goPath, unknown);
  if (!isObject(value)) throw mismatch(value, goPath, 'struct' in shape ? `v1.${shape.struct}` : 'map[string]string');
  if ('map' in shape) {
    for (const key of Object.keys(value)) coerce(value[key] ?? null, shape.map, path, goPath, unknown);
    return value;
  }
  return coerceFields(value, shape, path, unknown);
}

function coerceFields(object: JsonObject, shape: Fields, path: string, unknown: string[]): Json {
  let copy: JsonObject | undefined;
  for (const key of Object.keys(object)) {
    const field = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
    if (field === undefined) {
      unknown.push(`${path}.${key}`);
      delete (copy ??= { ...object })[key];
      continue;
    }
    const value = object[key] ?? null;
    // Nearly all are: then nobody needs to be told where it stands.
    if (value === null || (typeof field === 'string' && isScalar(value, field))) continue;
    const coerced = coerce(value, field, `${path}.${key}`, `${shape.struct}.${key}`, unknown);
    if (coerced !== value) (copy ??= { ...object })[key] = coerced;
  }
  return copy ?? object;
}

function coerceList(list: Json, shape: Shape, path: string, goPath: string, unknown: string[]): Json {
  if (!isArray(list)) throw mismatch(list, goPath, typeof shape === 'object' && 'struct' in shape ? `[]v1.${shape.struct}` : '[]string');
  let copy: Json[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const item = list[i] ?? null;
    const coerced = coerce(item, shape, `${path}[${String(i)}]`, goPath, unknown);
    if (coerced !== item) (copy ??= [...list])[i] = coerced;
  }
  return copy ?? list;
}

/** As servers write it, with no day that some month has not. */
const usualTime = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

/** Whether it is plain to see that `value` is of that shape. */
function isScalar(value: Json, shape: string): boolean {
  if (shape === 'time') return typeof value === 'string' && usualTime.test(value);
  return shape === 'any' || shape === typeof value;
}

function checkScalar(value: Json, shape: 'string' | 'integer' | 'boolean' | 'time', goPath: string): void {
  if (shape === 'string' && typeof value !== 'string') throw mismatch(value, goPath, 'string');
  if (shape === 'boolean' && typeof value !== 'boolean') throw mismatch(value, goPath, 'bool');
  if (shape === 'integer' && !(typeof value === 'number' && Number.isInteger(value))) throw mismatch(value, goPath, 'int64');
  if (shape === 'time' && typeof value !== 'string') throw mismatch(value, goPath, 'string');
  if (shape === 'time' && value !== '' && !(typeof value === 'string' && parseTime(value) !== undefined)) {
    throw new BadMetadata(
      `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`,
    );
  }
}

function mismatch(value: Json, goPath: string, goType: string): BadMetadata {
  return new BadMetadata(`json: cannot unmarshal ${jsonKind(value)} into Go struct field ${goPath} of type ${goType}`);
}

function jsonKind(value: Json): string {
  if (isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** `value` with the metadata of the objects embedded in it (`x-kubernetes-embedded-resource`) coerced; paths are below `path`. */
export function coerceEmbedded(value: Json, node: SchemaNode | undefined, path: string, unknown: string[]): Json {
  if (node?.below.embedded !== true) return value;
  if (isArray(value)) return value.map((item, i) => coerceEmbedded(item, node.items, `${path}[${String(i)}]`, unknown));
  if (!isObject(value)) return value;
  const copy: JsonObject = { ...value };
  for (const key of Object.keys(copy)) {
    const below = path === '' ? key : `${path}.${key}`;
    put(copy, key, coerceEmbedded(copy[key] ?? null, childOf(node, key), below, unknown));
  }
  // The root's own metadata is the caller's to coerce.
  return path === '' || !node.embedded ? copy : coerceHere(copy, path, unknown);
}

function coerceHere(object: JsonObject, path: string, unknown: string[]): JsonObject {
  for (const key of ['apiVersion', 'kind']) {
    if (Object.hasOwn(object, key) && typeof object[key] !== 'string') {
      throw new BadMetadata(`${path}.${key}: Invalid value: ${JSON.stringify(object[key])}: must be a string`);
    }
  }
  if (!Object.hasOwn(object, 'metadata')) return object;
  const found: string[] = [];
  object['metadata'] = coerceObjectMeta(object['metadata'] ?? null, found);
  unknown.push(...found.map((field) => `${path}.${field}`));
  return object;
}
