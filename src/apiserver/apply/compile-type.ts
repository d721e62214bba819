import { UserError } from '../../base/errors.ts';
import type { Json } from '../../meta/objects.ts';
import type { ListKey, ListShape, MapShape, ScalarKind, Type } from './type.ts';
import { deducedType, mapType, scalarType, untypedType } from './type.ts';
import { objectMetaSchema, serverFields } from './object-meta.ts';
import type { OpenApiSchema } from './openapi-schema.ts';

/**
 * How objects of a kind are merged and owned, from the schema of the kind: a CustomResourceDefinition's openAPIV3Schema, or the same form for
 * a built-in kind. `apiVersion`, `kind` and `metadata` are as in every kind, whatever the schema says. Without a schema: deduced from the
 * values. Costs time: do it once a kind.
 * @throws {UserError} when the schema's list or map type is not one.
 */
export function objectType(schema: OpenApiSchema | undefined): Type {
  const shape = schema === undefined ? deducedType.map : mapShape(schema, false);
  return mapType({
    ...shape,
    atomic: false,
    fields: withObjectFields(shape?.fields, serverFields),
    untracked: new Set(['apiVersion', 'kind']),
  });
}

const identity: ReadonlySet<string> = new Set();

function withObjectFields(fields: ReadonlyMap<string, Type> | undefined, untracked: ReadonlySet<string>): ReadonlyMap<string, Type> {
  const meta = mapType({ ...mapShape(objectMetaSchema, false), untracked });
  return new Map([...(fields ?? []), ['apiVersion', scalarType('string')], ['kind', scalarType('string')], ['metadata', meta]]);
}

/** The type of any part of an object. `open`: fields that the schema does not know are kept here, as something above said so. */
export function compileType(schema: OpenApiSchema, open = false): Type {
  const opened = open || schema['x-kubernetes-preserve-unknown-fields'] === true;
  const type = typeName(schema);
  return {
    scalar: scalarKind(type, schema.format),
    list: type === 'array' || type === undefined ? listShape(schema, opened) : undefined,
    map: type === 'object' || type === undefined ? mapShape(schema, opened) : undefined,
  };
}

function typeName(schema: OpenApiSchema): string | undefined {
  if (typeof schema.type === 'string') return schema.type === '' ? undefined : schema.type;
  return schema.type?.length === 1 ? schema.type[0] : undefined;
}

/** A format may be read from another type than it is written as, so a string with one takes any scalar. */
function scalarKind(type: string | undefined, format: string | undefined): ScalarKind | undefined {
  switch (type) {
    case 'object':
    case 'array':
      return undefined;
    case 'integer':
    case 'number':
      return 'numeric';
    case 'boolean':
      return 'boolean';
    case 'string':
      return format === undefined || format === '' || format === 'byte' ? 'string' : 'untyped';
    default:
      return 'untyped';
  }
}

function mapShape(schema: OpenApiSchema, open: boolean): MapShape {
  const opened = open || schema['x-kubernetes-preserve-unknown-fields'] === true;
  const declared = new Map(Object.entries(schema.properties ?? {}).map(([name, property]) => [name, compileType(property, opened)]));
  return {
    atomic: isAtomicMap(schema['x-kubernetes-map-type']),
    fields: schema['x-kubernetes-embedded-resource'] === true ? withObjectFields(declared, identity) : declared,
    others: otherMembers(schema, opened),
    untracked: identity,
  };
}

function otherMembers(schema: OpenApiSchema, open: boolean): Type | undefined {
  const others = schema.additionalProperties;
  if (typeof others === 'object') return compileType(others, open);
  if (others !== undefined) return others ? deducedType : undefined;
  return open || Object.keys(schema.properties ?? {}).length === 0 ? deducedType : undefined;
}

function isAtomicMap(mapType: string | undefined): boolean {
  if (mapType === undefined || mapType === 'granular') return false;
  if (mapType === 'atomic') return true;
  throw new UserError(`x-kubernetes-map-type "${mapType}" is not a map type: write atomic or granular`);
}

function listShape(schema: OpenApiSchema, open: boolean): ListShape {
  const items = itemsOf(schema);
  const item = items === undefined ? untypedType : compileType(items, open);
  switch (schema['x-kubernetes-list-type']) {
    case undefined:
    case 'atomic':
      return { atomic: true, keys: [], item };
    case 'set':
      return { atomic: false, keys: [], item };
    case 'map':
      return { atomic: false, keys: listKeys(schema), item };
    default:
      throw new UserError(`x-kubernetes-list-type "${schema['x-kubernetes-list-type']}" is not a list type: write atomic, set or map`);
  }
}

function itemsOf(schema: OpenApiSchema): OpenApiSchema | undefined {
  return isOne(schema.items) ? schema.items : undefined;
}

function isOne(items: OpenApiSchema['items']): items is OpenApiSchema {
  return items !== undefined && !Array.isArray(items);
}

function listKeys(schema: OpenApiSchema): readonly ListKey[] {
  const names = schema['x-kubernetes-list-map-keys'] ?? [];
  if (names.length === 0) throw new UserError('a list of x-kubernetes-list-type map needs x-kubernetes-list-map-keys');
  return [...names]
    .sort()
    .map((name) => ({ name, label: `${JSON.stringify(name)}:`, preset: preset(itemsOf(schema)?.properties?.[name]?.default) }));
}

function preset(value: unknown): Json | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}
